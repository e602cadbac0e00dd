"""Score a whole challenge again: start a campaign, keep it going, give it up. Applying it is the leaderboard's act.

The rows are the campaign, as they are the queue: whatever dies, the items that nobody holds are taken again. Live
submissions go first; a campaign touches neither their quota nor what the board shows until it is applied.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.scoring.current import counts
from datathon.scoring.notice import versions
from datathon.scoring.tables import ChallengeBasis, Rescoring, RescoringItem, Score
from datathon.store import audit
from datathon.store.db import locked, locked_row
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

OPEN = ("running", "ready")
INCLUDABLE = ("failed", "rejected")
REASON_LENGTH = 500
PLATFORM_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is, in submissions, the truth itself not counted; ``truth`` is the state of its own item."""

    total: int
    done: int
    failed: int
    truth: str


def start(
    db: Session,
    *,
    edition_id: str,
    challenge_id: str,
    reason: str,
    include: frozenset[str] = frozenset(),
    actor: UUID | None,
    now: datetime,
) -> UUID:
    """Start a campaign for the way the challenge is scored now and return its id. Ring the queue after the commit.

    Raises Invalid without a reason, Conflict while another campaign of the challenge is open, while nothing is known of
    the challenge yet, or while its folder cannot be scored with.
    """
    said = " ".join(reason.split())
    if not said or len(said) > REASON_LENGTH:
        raise Invalid(
            "Say in one sentence why scores are computed again (at most %(limit)s characters).",
            field="reason",
            limit=REASON_LENGTH,
        )
    basis = locked_row(db, ChallengeBasis, (edition_id, challenge_id))
    if basis is None or not basis.present:
        raise Conflict("No worker has looked at this challenge yet. Start one, then try again.")
    if basis.trouble:
        raise Conflict("The challenge cannot be scored now: %(trouble)s", trouble=basis.trouble)
    if open_campaign(db, edition_id, challenge_id) is not None:
        raise Conflict("A rescoring of this challenge is under way already.")
    found = versions(db, edition_id, challenge_id)
    campaign = Rescoring(
        edition_id=edition_id,
        challenge_id=challenge_id,
        reason=said,
        from_basis=basis.shown,
        to_basis=basis.present,
        changed=[] if found is None else list(found.changed),
        # Without any difference the wish is to compute everything again, for instance after a fault of the machine.
        everything=found is None or not found.mixed,
        include=sorted(include & set(INCLUDABLE)),
        started_at=now,
        started_by=actor,
    )
    db.add(campaign)
    db.flush()
    db.add(RescoringItem(rescoring_id=campaign.id))
    added = _top_up(db, campaign)
    audit.record(
        db, "start_rescoring", challenge_id, now=now, actor=actor, edition=edition_id, reason=said, submissions=added
    )
    return campaign.id


def cancel(db: Session, *, campaign_id: UUID, edition_id: str, actor: UUID | None, now: datetime) -> None:
    """Give a campaign up: nothing of it will count. Raises NotFound, Conflict when it is applied or cancelled already."""
    campaign = locked(db, Rescoring, campaign_id)
    if campaign is None or campaign.edition_id != edition_id:
        raise NotFound("This rescoring does not exist.")
    if campaign.state not in {*OPEN, "stale"}:
        raise Conflict("This rescoring is over already.")
    campaign.state, campaign.ended_at, campaign.ended_by = "cancelled", now, actor
    db.add(campaign)
    audit.record(db, "cancel_rescoring", campaign.challenge_id, now=now, actor=actor, edition=edition_id)


def open_campaign(db: Session, edition_id: str, challenge_id: str) -> Rescoring | None:
    """Return the campaign of the challenge that is under way or waits to be applied, None without one."""
    query = select(Rescoring).where(
        Rescoring.edition_id == edition_id, Rescoring.challenge_id == challenge_id, col(Rescoring.state).in_(OPEN)
    )
    return db.exec(query).one_or_none()


def open_campaigns(db: Session) -> tuple[UUID, ...]:
    """Return the campaigns that a worker has to look after."""
    return tuple(
        db.exec(select(Rescoring.id).where(col(Rescoring.state).in_(OPEN)).order_by(col(Rescoring.started_at)))
    )


def campaigns(db: Session, edition_id: str) -> tuple[Rescoring, ...]:
    """Return the campaigns of an edition, newest first."""
    query = select(Rescoring).where(Rescoring.edition_id == edition_id)
    return tuple(db.exec(query.order_by(col(Rescoring.started_at).desc())))


def digests_needed(db: Session) -> frozenset[str]:
    """Return the digests of the files that campaigns under way have to read, the refused ones they include too."""
    query = (
        select(Submission.digest)
        .join(RescoringItem, col(RescoringItem.submission_id) == col(Submission.id))
        .join(Rescoring, col(Rescoring.id) == col(RescoringItem.rescoring_id))
        .where(col(Rescoring.state).in_(OPEN))
    )
    return frozenset(db.exec(query))


def progress(db: Session, campaign_id: UUID) -> Progress:
    """Return how far a campaign is."""
    query = (
        select(RescoringItem.state, col(RescoringItem.submission_id).is_(None), func.count())
        .where(RescoringItem.rescoring_id == campaign_id)
        .group_by(col(RescoringItem.state), col(RescoringItem.submission_id).is_(None))
    )
    found = db.exec(query).all()
    of = {state: count for state, truth, count in found if not truth}
    waiting = of.get("waiting", 0) + of.get("running", 0)
    truth = next((state for state, truth, _ in found if truth), "none")
    return Progress(sum(of.values()), sum(of.values()) - waiting, of.get("failed", 0), truth)


def look_after(db: Session, campaign_id: UUID, *, now: datetime) -> str:
    """Bring a campaign's state up to date and return it: take silent items back, add newcomers, end it when all is done.

    Stale when the challenge is scored otherwise than when the campaign began: what it computed may not be applied.
    """
    campaign = locked(db, Rescoring, campaign_id)
    if campaign is None or campaign.state not in OPEN:
        return "" if campaign is None else campaign.state
    basis = db.get(ChallengeBasis, (campaign.edition_id, campaign.challenge_id))
    if basis is None or basis.present != campaign.to_basis:
        campaign.state = "stale"
        audit.record(db, "stale_rescoring", campaign.challenge_id, now=now, actor=None, edition=campaign.edition_id)
    else:
        _take_back(db, campaign_id, now)
        _top_up(db, campaign)
        busy = select(func.count()).where(
            col(RescoringItem.rescoring_id) == campaign_id, col(RescoringItem.state).in_(("waiting", "running"))
        )
        campaign.state = "running" if db.exec(busy).one() else "ready"
    db.add(campaign)
    db.flush()
    return campaign.state


def _take_back(db: Session, campaign_id: UUID, now: datetime) -> None:
    silent = (
        col(RescoringItem.rescoring_id) == campaign_id,
        col(RescoringItem.state) == "running",
        col(RescoringItem.lease_until) < now,
    )
    last = col(RescoringItem.attempt) >= PLATFORM_ATTEMPTS
    db.exec(update(RescoringItem).where(*silent, last).values(state="failed", code="platform", lease_until=None))
    db.exec(
        update(RescoringItem)
        .where(*silent)
        .values(state="waiting", worker="", lease_until=None, attempt=RescoringItem.attempt + 1)
    )


def _top_up(db: Session, campaign: Rescoring) -> int:
    """Add an item for every submission that belongs to the campaign and has none; return how many were added.

    A score that an ordinary attempt gave meanwhile with the new basis needs no second one.
    """
    query = (
        select(Submission.id)
        .join(Score, counts(), isouter=True)
        .join(
            RescoringItem,
            (col(RescoringItem.submission_id) == col(Submission.id)) & (col(RescoringItem.rescoring_id) == campaign.id),
            isouter=True,
        )
        .where(
            Submission.edition_id == campaign.edition_id,
            Submission.challenge_id == campaign.challenge_id,
            col(RescoringItem.id).is_(None),
        )
    )
    behind = col(Score.basis) != campaign.to_basis
    if campaign.everything:
        behind = or_(behind, col(Score.scored_at) <= campaign.started_at)
    wanted = [(col(Submission.state) == State.SCORED) & behind]
    if campaign.include:
        older = col(Submission.received_at) <= campaign.started_at
        wanted.append(col(Submission.state).in_(campaign.include) & older)
    missing = db.exec(query.where(or_(*wanted)).order_by(col(Submission.received_at))).all()
    db.add_all(RescoringItem(rescoring_id=campaign.id, submission_id=key) for key in missing)
    db.flush()
    return len(missing)
