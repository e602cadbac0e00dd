"""The words of the letter about a team's new status, in the language of whoever reads it. Pure."""

from datathon.editions.rules import Edition
from datathon.people.letters import SPACE, SUBJECT_LENGTH, Words
from datathon.people.tables import Person
from datathon.teams.tables import Team

ENGLISH = {
    "active": (
        "takes part",
        "It stands on the leaderboards with a rank, hands in files and prototypes\nwhile phases are open, and is ranked.",
    ),
    "out_of_competition": (
        "out of competition",
        "It goes on handing in files and prototypes. Leaderboards and the final\nranking show it without a rank.",
    ),
    "ineligible": (
        "not eligible",
        "It hands in nothing any more, leaves the leaderboards and has no rank in the\nfinal ranking. What it handed in stays recorded.",
    ),
    "withdrawn": (
        "withdrawn",
        "It hands in nothing any more, leaves the leaderboards and has no rank in the\nfinal ranking. What it handed in stays recorded.",
    ),
}
FRENCH = {
    "active": (
        "participe",
        "Elle figure aux classements avec un rang, dépose fichiers et prototypes\ntant que les phases sont ouvertes, et sera classée.",
    ),
    "out_of_competition": (
        "hors compétition",
        "Elle continue de déposer fichiers et prototypes. Les classements et le\nclassement définitif la montrent sans rang.",
    ),
    "ineligible": (
        "non éligible",
        "Elle ne dépose plus rien, quitte les classements et n’a pas de rang au\nclassement définitif. Ce qu’elle a déposé reste consigné.",
    ),
    "withdrawn": (
        "retirée",
        "Elle ne dépose plus rien, quitte les classements et n’a pas de rang au\nclassement définitif. Ce qu’elle a déposé reste consigné.",
    ),
}
"""Status -> its name and what it means for the team."""


def words(edition: Edition, person: Person, team: Team, *, reason: str, link: str) -> Words:
    """Return the letter that tells a member of the team of its status, why, and what follows."""
    title = edition.title.get(person.language) or edition.title.get("fr", edition.id)
    if person.language == "en":
        status, meaning = ENGLISH[team.status]
        return Words(
            f"{team.name}, {status}: {title}"[:SUBJECT_LENGTH],
            f"""Hello {person.name},

The organisers of "{title}" changed the status of your team {team.name}.
It is now: {status}.

{meaning}

Their reason:
{reason}

To contest it, write to the organisers. Your team's page shows it too:

{link}
""",
        )
    status, meaning = FRENCH[team.status]
    return Words(
        f"{team.name}, {status}{SPACE}: {title}"[:SUBJECT_LENGTH],
        f"""Bonjour {person.name},

L’équipe organisatrice de «{SPACE}{title}{SPACE}» a changé le statut de votre
équipe {team.name}. Il est désormais{SPACE}: {status}.

{meaning}

Son motif{SPACE}:
{reason}

Pour le contester, écrivez à l’équipe organisatrice. La page de votre équipe
le montre aussi{SPACE}:

{link}
""",
    )
