"""What a board says besides its rows: that a rescoring is due, and what was announced of those that were applied."""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from datathon.leaderboard.rules import instant_text
from datathon.leaderboard.standings import Basis
from datathon.leaderboard.tables import Reached
from datathon.scoring.rescore import campaigns
from datathon.scoring.tables import ChallengeBasis


def rescoring_due(db: Session, basis: Basis, standings: Iterable[Reached]) -> dict[str, Any] | None:
    """Return since when scores are computed otherwise than those of the board and how many wait, None while all agree."""
    version = db.get(ChallengeBasis, (basis.edition_id, basis.challenge_id))
    if version is None or not version.shown:
        return None
    # What came after the cutoff is in neither number: it may not show.
    counted = [(one.submissions, one.hidden) for one in standings]
    waiting = sum(hidden for _, hidden in counted)
    # While files are scored otherwise than the board shows, every score is behind or waits.
    mixed = waiting > 0 if version.present == version.shown else any(map(any, counted))
    return {"since": instant_text(version.noticed_at), "waiting": waiting} if mixed else None


def notes(db: Session, edition_id: str, challenge_id: str) -> list[dict[str, Any]]:
    """Return what was announced of applied rescorings, newest first."""
    return [
        {"at": instant_text(one.ended_at), "fr": one.note_fr, "en": one.note_en}
        for one in campaigns(db, edition_id)
        if one.challenge_id == challenge_id and one.state == "applied" and one.ended_at and (one.note_fr or one.note_en)
    ]
