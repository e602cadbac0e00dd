"""Read what waits for an organiser around and after the jury: sessions, comments, the deliberation, appeals, rescorings."""

from datetime import datetime

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.jury.comparison_tables import Comparison
from datathon.jury.tables import JuryClosing
from datathon.jury.vote_tables import VotePoll
from datathon.jury.voting import state_of
from datathon.publication.appeal import OPEN
from datathon.publication.feedback import comments
from datathon.publication.queries import latest
from datathon.publication.tables import Appeal, Deliberation
from datathon.publication.voted import open_vote
from datathon.scoring.tables import Rescoring
from datathon.web.organiser.attention import WaitingFacts


def waiting_facts(db: Session, edition: Edition, *, now: datetime) -> WaitingFacts:
    """Return what waits in an edition; rescorings only before its announcement, which ends them."""
    published = latest(db, edition.id) is not None
    filed = db.exec(select(Appeal.filed_at).where(Appeal.edition_id == edition.id, Appeal.state == OPEN)).all()
    row = db.get(Deliberation, edition.id)
    return WaitingFacts(
        appeals=len(filed),
        appeal_since=min(filed, default=None),
        comments=_undecided(db, edition),
        published=published,
        deliberation="" if row is None else row.state,
        quorum=0 if edition.rubric is None else edition.rubric.quorum or 0,
        embargo=None if row is None else row.embargo_until,
        comparisons=tuple(
            db.exec(
                select(Comparison.title)
                .where(Comparison.edition_id == edition.id, col(Comparison.closed_at).is_(None))
                .order_by(col(Comparison.opened_at), col(Comparison.id))
            )
        ),
        campaigns={} if published else _campaigns(db, edition.id),
        vote=_vote(db, edition, now),
    )


def _undecided(db: Session, edition: Edition) -> int:
    if edition.rubric is None or db.get(JuryClosing, edition.id) is None:
        return 0
    return sum(comment.state == "" for comment in comments(db, edition))


def _vote(db: Session, edition: Edition, now: datetime) -> str:
    if not open_vote(db, edition):
        return ""
    return state_of(db, edition, db.get(VotePoll, edition.id), now=now)


def _campaigns(db: Session, edition_id: str) -> dict[str, str]:
    query = select(Rescoring.challenge_id, Rescoring.state).where(
        Rescoring.edition_id == edition_id, col(Rescoring.state).in_(("running", "ready"))
    )
    return dict(db.exec(query).all())
