"""A board's ladder follows its scores: in the transaction that a score lands in, and whenever else something changed."""

from sqlalchemy import Engine
from sqlmodel import Session

from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge
from datathon.editions.tables import EditionRow
from datathon.kernel.clock import utcnow
from datathon.leaderboard.snapshot import lock_board, refresh
from datathon.leaderboard.standings import Change, Extent, Landed, Touched
from datathon.scoring import losses
from datathon.scoring.ladder import follow
from datathon.scoring.tables import ChallengeBasis
from datathon.store.db import transaction
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission


def scored_change(db: Session, settings: Settings, known: Catalogue, submission: Submission, outcome: str) -> Change:
    """Let the ladder, where there is one, follow an attempt that ended; return what that changes on the board."""
    challenge = known.challenge(submission.edition_id, submission.challenge_id)
    if challenge is not None and challenge.board.ladder:
        follow_ladder(db, settings, challenge)
        # Files of the same team that waited for this one may have got their answer with it.
        return Extent.EVERYTHING if submission.team_id is None else Touched(submission.team_id, submission.id)
    return Landed(submission.id) if outcome == State.SCORED else Extent.NOTHING


def follow_ladder(db: Session, settings: Settings, challenge: Challenge) -> bool:
    """Bring the steps of a challenge with a ladder up to date; return whether an answer changed."""
    lock_board(db, challenge.edition)
    version = db.get(ChallengeBasis, (challenge.edition, challenge.id))
    shown = "" if version is None else version.shown
    files = losses.store(settings)
    return bool(follow(db, files, edition_id=challenge.edition, challenge_id=challenge.id, shown=shown))


def follow_ladders(settings: Settings, engine: Engine, known: Catalogue) -> None:
    """Bring every ladder up to date: files also leave the queue, or are scored again, without a score that lands."""
    for edition in known.editions.values():
        for challenge in (one for one in edition.challenges if one.takes_predictions and one.board.ladder):
            with transaction(engine) as db:
                if db.get(EditionRow, edition.id) is not None and follow_ladder(db, settings, challenge):
                    refresh(db, edition, challenge, now=utcnow())
