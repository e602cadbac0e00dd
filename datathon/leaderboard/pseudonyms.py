"""Names under which an anonymous edition shows its teams until its results are published: a word of the sea and a number.

They are drawn at random and kept, so that they stay the same, follow nothing about the team and cannot be computed from
anything. The word is kept in French; pages say it in the reader's language.
"""

import secrets
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.kernel.ids import slug
from datathon.leaderboard.tables import Pseudonym
from datathon.teams.tables import Team

WORDS = (
    "Amer", "Anse", "Balise", "Bouée", "Cale", "Cormoran", "Digue", "Écume", "Estran", "Étale", "Feu", "Flot",
    "Galet", "Goéland", "Houle", "Jetée", "Jusant", "Macareux", "Marée", "Phare", "Récif", "Sterne", "Vague", "Varech",
)  # fmt: skip
NUMBERS = range(100, 1000)

_PUBLISHED = text("SELECT count(*) FROM published_ranking WHERE edition_id = :edition")


def is_masked(db: Session, edition: Edition) -> bool:
    """Whether boards may not name teams now: the edition is anonymous and has not published its results."""
    if not edition.anonymous:
        return False
    # The room that keeps publications stands above this one; boards ask no more than whether there is one.
    return int(db.connection().execute(_PUBLISHED, {"edition": edition.id}).scalar_one()) == 0


def pseudonyms(db: Session, edition_id: str) -> dict[UUID, str]:
    """Return the names that were drawn, by team."""
    return {row.team_id: row.name for row in db.exec(select(Pseudonym).where(Pseudonym.edition_id == edition_id))}


def draw_missing(db: Session, edition: Edition) -> None:
    """Draw a name for each team without one. The caller holds the edition's lock."""
    if not edition.anonymous:
        return
    known = pseudonyms(db, edition.id)
    teams = db.exec(select(Team.id, Team.slug).where(Team.edition_id == edition.id)).all()
    # No real team may be taken for another one's pseudonym.
    taken = {slug(name) for name in known.values()} | {key for _, key in teams}
    for team_id, _ in teams:
        if team_id in known:
            continue
        name = _drawn()
        while slug(name) in taken:
            name = _drawn()
        taken.add(slug(name))
        db.add(Pseudonym(team_id=team_id, edition_id=edition.id, name=name))
    db.flush()


def _drawn() -> str:
    return f"{secrets.choice(WORDS)} {secrets.choice(NUMBERS)}"
