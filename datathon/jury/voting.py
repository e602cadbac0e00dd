"""The public vote, read: who can be voted for, where the vote stands, and the count once it may be known."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Edition, PhaseState, Window
from datathon.editions.vote import VoteRules
from datathon.jury.freeze_vote import frozen_vote
from datathon.jury.queries import TAKES_PART
from datathon.jury.tables import JuryClosing
from datathon.jury.vote_tables import VoteBallot, VoteCode, VotePoll, VoteSheet
from datathon.jury.votes import Votes, count
from datathon.kernel.errors import NotFound
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team

State = Literal["upcoming", "open", "over", "closed"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team whose prototype can be voted for."""

    team_id: UUID
    slug: str
    team: str
    prototype: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What organisers may know while people vote: the state, how many codes were printed, how many ballots came."""

    state: State
    version: int
    codes: int
    ballots: int


@dataclass(frozen=True, slots=True)
class CodeSheet:
    """A printed sheet: its number, its codes, and how many have served. ``told``: its ballots can be taken out.

    ``ballots`` of a void sheet is "kept" or "removed".
    """

    number: int
    codes: int
    served: int
    told: bool
    printed_at: datetime
    voided_at: datetime | None
    reason: str
    ballots: str


def code_sheets(db: Session, edition_id: str) -> tuple[CodeSheet, ...]:
    """Return the printed sheets by number."""
    query = (
        select(VoteSheet, func.count(col(VoteCode.digest)))
        .join(
            VoteCode,
            and_(
                col(VoteCode.edition_id) == col(VoteSheet.edition_id),
                col(VoteCode.sheet) == col(VoteSheet.number),
                col(VoteCode.used),
            ),
            isouter=True,
        )
        .where(VoteSheet.edition_id == edition_id)
        .group_by(*VoteSheet.__table__.columns)  # type: ignore[attr-defined]  # set by table=True
        .order_by(col(VoteSheet.number))
    )
    return tuple(
        CodeSheet(s.number, s.codes, served, s.told, s.printed_at, s.voided_at, s.voided_why, s.ballots)
        for s, served in db.exec(query)
    )


def rules_of(edition: Edition) -> VoteRules:
    """Return the rules of the edition's vote; NotFound when it holds none."""
    if edition.vote is None:
        raise NotFound("This edition holds no public vote.")
    return edition.vote


def candidates(db: Session, edition: Edition) -> tuple[Candidate, ...]:
    """Return the teams that can be voted for, by name: prototype handed in, not withdrawn."""
    query = (
        select(Team.id, Team.slug, Team.name, Prototype.title)
        .join(Prototype, col(Prototype.team_id) == col(Team.id))
        .where(
            Team.edition_id == edition.id,
            col(Team.status).in_(TAKES_PART),
            Prototype.challenge_id == rules_of(edition).challenge,
            Prototype.state == "submitted",
        )
        .order_by(func.lower(col(Team.name)), col(Team.slug))
    )
    return tuple(Candidate(key, slug, name, title or name) for key, slug, name, title in db.exec(query))


def state_of(db: Session, edition: Edition, poll: VotePoll | None, *, now: datetime) -> State:
    """Return where the vote stands: upcoming, open, over (its phase ended, nobody closed it yet) or closed."""
    phase = rules_of(edition).phase
    return _state(poll, windows_of(db, edition, now=now) if phase else (), phase)


def _state(poll: VotePoll | None, windows: tuple[Window, ...], phase: str) -> State:
    if poll is not None and poll.closed_at is not None:
        return "closed"
    if phase:
        window = next(w.state for w in windows if w.phase.id == phase)
        return {PhaseState.UPCOMING: "upcoming", PhaseState.OPEN: "open", PhaseState.CLOSED: "over"}[window]  # type: ignore[return-value]  # the three words above
    return "open" if poll is not None and poll.opened_at is not None else "upcoming"


def progress(db: Session, edition: Edition, *, now: datetime) -> Progress:
    """Return what may be known at any time. Nothing in it says whom anybody voted for."""
    poll = db.get(VotePoll, edition.id)
    codes = db.exec(select(func.count()).select_from(VoteCode).where(VoteCode.edition_id == edition.id)).one()
    ballots = db.exec(select(func.count()).select_from(VoteBallot).where(VoteBallot.edition_id == edition.id)).one()
    return Progress(state_of(db, edition, poll, now=now), 0 if poll is None else poll.version, codes, ballots)


def is_revealed(db: Session, edition: Edition) -> bool:
    """Whether the count may be known: an organiser closed the vote, and the jury, where there is one, is closed."""
    poll = db.get(VotePoll, edition.id)
    if edition.vote is None or poll is None or poll.closed_at is None:
        return False
    return edition.rubric is None or db.get(JuryClosing, edition.id) is not None


def votes(db: Session, edition: Edition) -> Votes | None:
    """Return the count, teams by slug; None without a vote and as long as the count is secret."""
    if edition.vote is None or not is_revealed(db, edition):
        return None
    slugs = {str(c.team_id): c.slug for c in candidates(db, edition)}
    ballots = db.exec(select(VoteBallot.teams).where(VoteBallot.edition_id == edition.id)).all()
    found = count(edition.vote, slugs.values(), ([slugs[t] for t in ballot if t in slugs] for ballot in ballots))
    void = tuple(
        {"sheet": s.number, "codes": s.codes, "served": s.served, "ballots": s.ballots}
        for s in code_sheets(db, edition.id)
        if s.voided_at is not None
    )
    return replace(found, frozen=frozen_vote(db, edition.id), void=void)
