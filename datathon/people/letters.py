"""The words of the letters, in the language of whoever reads them.

They stand here and not in the catalogues of the web, because a letter is written by an act and kept as it was sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SPACE = "\u00a0"
LINE = "\n"
LISTED = 20
SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body of a letter."""

    subject: str
    body: str


def confirm(language: str, *, name: str, link: str) -> Words:
    """Ask somebody who registered to confirm the address."""
    if language == "en":
        return Words(
            "Confirm your e-mail address",
            f"""Hello {name},

An account was created with this address on a Datathon platform.
To confirm it, open this link within three days:

{link}

If it was not you, ignore this letter: without confirmation nobody can
sign in with your address.
""",
        )
    return Words(
        "Confirmez votre adresse électronique",
        f"""Bonjour {name},

Un compte a été créé avec cette adresse sur une plateforme Datathon.
Pour la confirmer, ouvrez ce lien dans les trois jours{SPACE}:

{link}

Si la demande ne vient pas de vous, ignorez cette lettre{SPACE}: sans
confirmation, personne ne peut se connecter avec votre adresse.
""",
    )


def known(language: str, *, name: str, sign_in: str, forgotten: str) -> Words:
    """Tell somebody who registers a second time that there is an account already."""
    if language == "en":
        return Words(
            "You already have an account",
            f"""Hello {name},

Somebody, probably you, wanted to create an account with this address.
You already have one. Sign in here:

{sign_in}

Password forgotten? Choose another one here:

{forgotten}

If it was not you, there is nothing to do: nothing was changed.
""",
        )
    return Words(
        "Vous avez déjà un compte",
        f"""Bonjour {name},

Une demande de création de compte a été faite avec cette adresse,
probablement par vous. Vous avez déjà un compte{SPACE}; connectez-vous ici{SPACE}:

{sign_in}

Mot de passe oublié{SPACE}? Choisissez-en un autre ici{SPACE}:

{forgotten}

Si la demande ne vient pas de vous, il n’y a rien à faire{SPACE}: rien n’a changé.
""",
    )


def reset(language: str, *, name: str, link: str) -> Words:
    """Send the link with which a new password is chosen."""
    if language == "en":
        return Words(
            "Choose a new password",
            f"""Hello {name},

To choose a new password, open this link within two hours. It works once:

{link}

If you did not ask for it, ignore this letter: your password stays as it is.
""",
        )
    return Words(
        "Choisissez un nouveau mot de passe",
        f"""Bonjour {name},

Pour choisir un nouveau mot de passe, ouvrez ce lien dans les deux heures.
Il ne sert qu’une fois{SPACE}:

{link}

Si la demande ne vient pas de vous, ignorez cette lettre{SPACE}: votre mot de
passe ne change pas.
""",
    )


def password_changed(language: str, *, name: str, forgotten: str) -> Words:
    """Warn somebody that their password is another one now."""
    if language == "en":
        return Words(
            "Your password was changed",
            f"""Hello {name},

The password of your account was changed, and every other session was
signed out. If it was not you, take the account back here and tell the
organisers:

{forgotten}
""",
        )
    return Words(
        "Votre mot de passe a été modifié",
        f"""Bonjour {name},

Le mot de passe de votre compte a été modifié et toutes les autres sessions
ont été fermées. Si cela ne vient pas de vous, reprenez la main sur votre
compte ici et prévenez l’équipe organisatrice{SPACE}:

{forgotten}
""",
    )


def scoring_failed(language: str, *, name: str, challenge: str, files: Sequence[tuple[int, str]], link: str) -> Words:
    """Tell an organiser that files, each a number and a team, could not be scored by the platform's fault."""
    listed = [f"- {'no.' if language == 'en' else 'n°'}{SPACE}{number}, {team}" for number, team in files[:LISTED]]
    count = len(files)
    if language == "en":
        listed += [f"- and {count - LISTED} more"] if count > LISTED else []
        return Words(
            f"{count} file{'' if count == 1 else 's'} not scored by our fault: {challenge}"[:SUBJECT_LENGTH],
            f"""Hello {name},

In the challenge "{challenge}" the platform could not score:

{LINE.join(listed)}

The fault is the platform's or the challenge's. The teams were told so, and
their quota was given back. Read what happened, and have the files scored
again once the cause is gone:

{link}

The next letter about this challenge comes in an hour at the earliest.
""",
        )
    listed += [f"- et {count - LISTED} autres"] if count > LISTED else []
    return Words(
        f"{count} fichier{'' if count == 1 else 's'} non évalué{'' if count == 1 else 's'} par notre faute{SPACE}: "
        f"{challenge}"[:SUBJECT_LENGTH],
        f"""Bonjour {name},

Dans le défi «{SPACE}{challenge}{SPACE}», la plateforme n’a pas pu évaluer{SPACE}:

{LINE.join(listed)}

La faute est celle de la plateforme ou du défi. Les équipes en ont été
averties et leur quota leur a été rendu. Lisez ce qui s’est passé, puis
faites évaluer de nouveau les fichiers une fois la cause écartée{SPACE}:

{link}

La prochaine lettre sur ce défi viendra au plus tôt dans une heure.
""",
    )
