"""The public vote: print codes, open, take a ballot, close."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.freeze_vote import freeze_vote, keep_rules, with_frozen_vote
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.vote_tables import VoteBallot, VoteCode, VotePoll, VoteSheet
from datathon.jury.voting import State, candidates, is_revealed, rules_of, state_of
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store import audit
from datathon.store.db import locked

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No pair of these is mistaken for another on paper."""

LENGTH = 8
AT_ONCE = 500
MOST_CODES = 20_000
HIDES = 10
"""Codes on a sheet from which its ballots carry its number; on a smaller one it would tell too much of who voted."""

NOT_YET: dict[State, str] = {
    "upcoming": "The vote is not open yet.",
    "over": "The vote is over; no ballot is taken any more.",
    "closed": "The vote is closed; no ballot is taken any more.",
}


def as_typed(code: str) -> str:
    """Return a code as it is hashed: capitals, without the spaces and hyphens in which it is printed."""
    return "".join(code.split()).replace("-", "").upper()


def digest_of(secret: str, edition_id: str, code: str) -> str:
    """Return the keyed hash of a code; without ``secret`` nobody can try codes against the database."""
    return hmac.new(secret.encode(), f"vote\0{edition_id}\0{as_typed(code)}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Printed:
    """The codes of a sheet and its number, from 1."""

    sheet: int
    codes: tuple[str, ...]


def print_codes(
    db: Session, *, edition: Edition, secret: str, number: int, organiser_id: UUID, now: datetime
) -> Printed:
    """Make a sheet of ``number`` codes, each good for one ballot, and return them: they are written nowhere else.

    Raises Invalid for a number out of range, Conflict when the vote is closed.
    """
    poll = held_poll(db, edition)
    if poll.closed_at is not None:
        raise Conflict(NOT_YET["closed"])
    if not 1 <= number <= AT_ONCE:
        raise Invalid("From 1 to %(most)s codes at a time.", field="number", most=AT_ONCE)
    there = db.exec(select(func.count()).select_from(VoteCode).where(VoteCode.edition_id == edition.id)).one()
    if there + number > MOST_CODES:
        raise Invalid("An edition has at most %(most)s codes.", field="number", most=MOST_CODES)
    found: set[str] = set()
    while len(found) < number:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        if db.get(VoteCode, digest_of(secret, edition.id, code)) is None:
            found.add(code)
    last = db.exec(select(func.max(VoteSheet.number)).where(VoteSheet.edition_id == edition.id)).one() or 0
    sheet = VoteSheet(
        edition_id=edition.id,
        number=last + 1,
        codes=number,
        told=number >= HIDES,
        printed_at=now,
        printed_by=organiser_id,
    )
    db.add(sheet)
    db.add_all(
        VoteCode(digest=digest_of(secret, edition.id, code), edition_id=edition.id, sheet=sheet.number)
        for code in sorted(found)
    )
    audit.record(
        db,
        "print_codes",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        number=number,
        sheet=sheet.number,
    )
    db.flush()
    return Printed(sheet.number, tuple(f"{code[:4]}-{code[4:]}" for code in sorted(found)))


def open_vote(db: Session, *, edition: Edition, organiser_id: UUID, now: datetime) -> bool:
    """Open the vote and freeze its rules; return False when it was open already.

    Raises Conflict where a phase opens it or when it is closed, Invalid when there is nothing to choose from.
    """
    if rules_of(edition).phase:
        raise Conflict("The calendar opens this vote; organisers close it.")
    poll = held_poll(db, edition)
    if poll.closed_at is not None:
        raise Conflict(NOT_YET["closed"])
    if poll.opened_at is not None:
        return False
    if len(candidates(db, edition)) < 2:
        raise Invalid("Fewer than two prototypes are handed in: there is nothing to choose from.")
    poll.opened_at, poll.version = now, poll.version + 1
    keep_rules(edition, poll, now=now)
    weight, whole = (poll.rules or {}).get("weight", 0), (poll.rules or {}).get("whole", 0)
    audit.record(
        db, "open_vote", edition.id, now=now, actor=organiser_id, edition=edition.id, weight=weight, whole=whole
    )
    db.flush()
    return True


def close_vote(db: Session, *, edition: Edition, organiser_id: UUID, version: int, now: datetime) -> bool:
    """Close the vote: no ballot is taken after it. Return False when it was closed already.

    Raises Conflict before it opened, and when somebody else acted since ``version`` was looked at.
    """
    poll = held_poll(db, edition)
    if poll.closed_at is not None:
        return False
    _check_version(poll, version)
    if state_of(db, edition, poll, now=now) == "upcoming":
        raise Conflict(NOT_YET["upcoming"])
    keep_rules(edition, poll, now=now)
    _shuffle(db, edition.id)
    poll.closed_at, poll.version = now, version + 1
    db.flush()
    if is_revealed(db, edition):
        forget_sheets(db, edition.id)
    audit.record(db, "close_vote", edition.id, now=now, actor=organiser_id, edition=edition.id)
    db.flush()
    return True


def reopen_vote(db: Session, *, edition: Edition, organiser_id: UUID, version: int, reason: str, now: datetime) -> None:
    """Open a closed vote again, with a reason for the journal, as long as nobody could know the count.

    Raises Invalid without a reason; Conflict when it is open, when the jury is closed too, or after somebody else's act.
    """
    poll = held_poll(db, edition)
    _check_version(poll, version)
    if poll.closed_at is None:
        raise Conflict("The vote is open already.")
    if is_revealed(db, edition):
        raise Conflict("The count is known since the jury closed; the vote cannot open again.")
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    poll.closed_at, poll.version = None, version + 1
    audit.record(db, "reopen_vote", edition.id, now=now, actor=organiser_id, edition=edition.id, reason=reason.strip())
    db.flush()


def cast(db: Session, *, edition: Edition, secret: str, code: str, choices: Sequence[str], now: datetime) -> int:
    """Take one ballot on the teams with these slugs, spend its code, and return how many teams it names.

    Nothing is written that joins the two, and no instant; only the number of the printed sheet, where it hides many, until
    the count is known. Raises Conflict unless the vote is open; Invalid, with the
    field, for no choice, more than the rules allow, a code that is not good or has served; NotFound for a strange team.
    """
    freeze_vote(db, edition, now=now)
    edition = with_frozen_vote(db, edition)
    rules = rules_of(edition)
    poll = locked(db, VotePoll, edition.id)
    state = state_of(db, edition, poll, now=now)
    if state != "open":
        raise Conflict(NOT_YET[state])
    if poll is not None:
        keep_rules(edition, poll, now=now)
    known = {c.slug: str(c.team_id) for c in candidates(db, edition)}
    named = set(choices)
    if not named <= set(known):
        raise NotFound("No prototype of this team can be voted for.")
    if not named:
        raise Invalid("Choose at least one prototype.", field="choice")
    if len(named) > rules.most:
        raise Invalid(
            "Too many prototypes: %(count)s chosen, at most %(most)s on a ballot.",
            field="choice",
            most=rules.most,
            count=len(named),
        )
    query = select(VoteCode).where(
        VoteCode.digest == digest_of(secret, edition.id, code), col(VoteCode.edition_id) == edition.id
    )
    row = db.exec(query.with_for_update()).one_or_none()
    if row is None:
        raise Invalid("This code is not known. Look at your card again.", field="code")
    sheet = db.get(VoteSheet, (edition.id, row.sheet))
    if sheet is not None and sheet.voided_at is not None:
        raise Invalid(
            "This card is void: its printed sheet was lost. Ask the organisers for another one.", field="code"
        )
    if row.used:
        raise Invalid("This code has served already: one code, one ballot.", field="code")
    row.used = True
    db.add(row)
    told = sheet.number if sheet is not None and sheet.told else None
    db.add(VoteBallot(edition_id=edition.id, teams=sorted(known[slug] for slug in named), sheet=told))
    db.flush()
    return len(named)


def forget_sheets(db: Session, edition_id: str) -> None:
    """Take the numbers of the printed sheets off all ballots; to be called once the count may be known."""
    db.exec(update(VoteBallot).where(col(VoteBallot.edition_id) == edition_id).values(sheet=None))


def held_poll(db: Session, edition: Edition) -> VotePoll:
    """Return the row of the vote, held until the transaction ends; made the first time."""
    rules_of(edition)
    # Two organisers who act first at once wait for one another.
    locked(db, EditionRow, edition.id)
    row = locked(db, VotePoll, edition.id)
    if row is None:
        row = VotePoll(edition_id=edition.id)
        db.add(row)
        db.flush()
    return row


def _shuffle(db: Session, edition_id: str) -> None:
    """Write the ballots anew, sorted by what they say: where they lie on the disk no longer tells when they came."""
    kept = db.exec(select(VoteBallot.teams, VoteBallot.sheet).where(VoteBallot.edition_id == edition_id)).all()
    db.exec(delete(VoteBallot).where(col(VoteBallot.edition_id) == edition_id))
    sorted_anew = sorted((list(teams), sheet or 0) for teams, sheet in kept)
    db.add_all(VoteBallot(edition_id=edition_id, teams=teams, sheet=sheet or None) for teams, sheet in sorted_anew)


def _check_version(poll: VotePoll, version: int) -> None:
    if poll.version != version:
        raise Conflict("Somebody else opened or closed the vote meanwhile. Read the page again.")
