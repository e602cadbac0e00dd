"""The words of the letters about appeals, in the language of whoever reads them. Pure."""

from datathon.editions.rules import Edition
from datathon.people.tables import Person

SPACE = "\u00a0"
SUBJECT_LENGTH = 200


def filed(edition: Edition, person: Person, team: str, link: str) -> tuple[str, str]:
    """Return subject and body of the letter that tells an organiser of an appeal."""
    title = _title(edition, person)
    if person.language == "en":
        return (
            f"Appeal of {team}: {title}"[:SUBJECT_LENGTH],
            f"""Hello {person.name},

{team} contests the published ranking of "{title}". Its text and the form
for the answer are here:

{link}
""",
        )
    return (
        f"Réclamation de {team}{SPACE}: {title}"[:SUBJECT_LENGTH],
        f"""Bonjour {person.name},

{team} conteste le classement publié de «{SPACE}{title}{SPACE}». Son texte et le
formulaire de réponse sont ici{SPACE}:

{link}
""",
    )


def answered(edition: Edition, person: Person, link: str, *, upheld: bool) -> tuple[str, str]:
    """Return subject and body of the letter that tells a member of the team of the answer."""
    title = _title(edition, person)
    if person.language == "en":
        return (
            f"Your appeal is {'upheld' if upheld else 'refused'}: {title}"[:SUBJECT_LENGTH],
            f"""Hello {person.name},

The appeal of your team about the ranking of "{title}" has its answer. The
reason stands on the page of your result:

{link}
""",
        )
    return (
        f"Votre réclamation est {'retenue' if upheld else 'rejetée'}{SPACE}: {title}"[:SUBJECT_LENGTH],
        f"""Bonjour {person.name},

La réclamation de votre équipe sur le classement de «{SPACE}{title}{SPACE}» a sa
réponse. Le motif figure sur la page de votre résultat{SPACE}:

{link}
""",
    )


def _title(edition: Edition, person: Person) -> str:
    return edition.title.get(person.language) or edition.title.get("fr", edition.id)
