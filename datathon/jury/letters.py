"""The words of the letters to a jury, in the language of whoever reads them."""

from datathon.people.letters import SPACE, Words


def invitation(
    language: str, *, name: str, edition: str, organiser: str, link: str, days: int, president: bool
) -> Words:
    """Invite somebody to a jury; ``president`` asks them to head it, ``days`` is how long the link lasts."""
    if language == "en":
        office = "to preside over the jury" if president else "to join the jury"
        return Words(
            f"Invitation to the jury: {edition}",
            f"""Hello {name},

{organiser} invites you {office} of "{edition}".

To accept, open this link within {days} days. It works once:

{link}

You choose a password there, or sign in if you have an account already. You
then say when you are available, undertake to keep the debates secret, and
name the teams that you know too well to grade them.

If you would rather not, ignore this letter or answer the organisers.
""",
        )
    office = "à présider le jury" if president else "à rejoindre le jury"
    return Words(
        f"Invitation au jury{SPACE}: {edition}",
        f"""Bonjour {name},

{organiser} vous invite {office} de «{SPACE}{edition}{SPACE}».

Pour accepter, ouvrez ce lien dans les {days} jours. Il ne sert qu’une fois{SPACE}:

{link}

Vous y choisissez un mot de passe, ou vous vous connectez si vous avez déjà
un compte. Vous indiquez ensuite vos disponibilités, vous vous engagez à
garder le secret des débats et vous nommez les équipes que vous connaissez
trop bien pour les noter.

Si vous préférez décliner, ignorez cette lettre ou répondez à l’équipe
organisatrice.
""",
    )
