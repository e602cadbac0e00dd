"""An organiser adopts a corrected rubric after the first one was frozen: a new version, with a reason."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, Rubric
from datathon.editions.tables import EditionRow
from datathon.jury.freeze import digest_of, rubric_from
from datathon.jury.grading_tables import RubricVersion, SheetVersion
from datathon.jury.grid import check_mark, missing, uncommented
from datathon.jury.queries import rubric_of
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.tables import FrozenRubric, JuryClosing, Sheet
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person
from datathon.store import audit
from datathon.store.db import locked


@dataclass(frozen=True, slots=True)
class Effect:
    """What a corrected rubric does to sheets: ``kept`` still count, ``again`` have to be submitted once more.

    ``drafts`` lose a mark but were never submitted.
    """

    kept: int
    again: int
    drafts: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """One version of a rubric: when it began to count, by whom (None: frozen at the opening) and why."""

    version: int
    digest: str
    at: datetime
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Change:
    row: Sheet
    marks: dict[str, float]
    state: str


def effect(db: Session, edition: Edition, *, corrected: Rubric) -> Effect:
    """Return what adopting ``corrected`` would do to the sheets there are; nothing changes."""
    changes = _changes(db, edition, _current(db, edition), corrected)
    return _effect(changes)


def adopt(
    db: Session, *, edition: Edition, corrected: Rubric, seen: str, reason: str, organiser_id: UUID, now: datetime
) -> Effect:
    """Let ``corrected`` count from now on as the next version; return what that did to the sheets.

    A mark stays where its criterion stays with the same maximum and the mark fits its step; weights, thresholds, texts
    and levels may change freely. A submitted sheet that still has every mark keeps counting, any other becomes a draft
    with the marks that stay; what was submitted before remains among its versions. ``seen`` is the SHA-256 of the rubric
    that was looked at. Raises Conflict before anything is frozen, after the closing, when the file changed since or says
    what counts already; Invalid without a reason or for another challenge.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    frozen = _current(db, edition)
    if db.get(JuryClosing, edition.id) is not None:
        raise Conflict("The jury is closed; its rubric can no longer change.")
    if digest_of(corrected) != seen:
        raise Conflict("The file was changed since you looked at it. Read the differences again.")
    _check(frozen, corrected, reason)
    changes = _changes(db, edition, frozen, corrected)
    done = _effect(changes)
    _keep_versions(db, frozen, corrected, reason.strip(), organiser_id, now)
    for change in changes:
        _apply(db, change, reason.strip(), organiser_id, now)
    audit.record(
        db,
        "adopt_rubric",
        edition.id,
        now=now,
        actor=organiser_id,
        edition=edition.id,
        version=frozen.version,
        digest=frozen.digest,
        reason=reason.strip(),
        kept=done.kept,
        again=done.again,
    )
    db.flush()
    return done


def adopted(db: Session, edition_id: str) -> tuple[Adopted, ...]:
    """Return every version of an edition's rubric, the first one first; none while nothing is frozen."""
    row = db.get(FrozenRubric, edition_id)
    if row is None:
        return ()
    query = (
        select(RubricVersion, Person.name)
        .join(Person, col(Person.id) == col(RubricVersion.adopted_by), isouter=True)
        .where(RubricVersion.edition_id == edition_id)
        .order_by(col(RubricVersion.version))
    )
    found = tuple(Adopted(v.version, v.digest, v.adopted_at, name, v.reason) for v, name in db.exec(query))
    return found or (Adopted(row.version, row.digest, row.frozen_at, None, ""),)


def _current(db: Session, edition: Edition) -> FrozenRubric:
    rubric_of(edition)
    row = db.get(FrozenRubric, edition.id)
    if row is None:
        raise Conflict("The rubric is not frozen yet: what its file says counts.")
    return row


def _check(frozen: FrozenRubric, corrected: Rubric, reason: str) -> None:
    before = rubric_from(frozen.rubric)
    if corrected.challenge != before.challenge:
        raise Invalid("The corrected rubric grades another challenge; that would be another jury.")
    if digest_of(corrected) == digest_of(before):
        raise Conflict("The file says what counts already: there is nothing to adopt.")
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)


def _changes(db: Session, edition: Edition, frozen: FrozenRubric, corrected: Rubric) -> list[_Change]:
    before = {c.id: c.maximum for c in rubric_from(frozen.rubric).criteria}
    rows = db.exec(
        select(Sheet)
        .where(Sheet.edition_id == edition.id, Sheet.challenge_id == corrected.challenge)
        .order_by(col(Sheet.id))
    ).all()
    changes = []
    for row in rows:
        marks = _staying(corrected, before, row.marks)
        whole = not missing(corrected, marks) and uncommented(corrected, marks, row.comment_team) is None
        changes.append(_Change(row, marks, row.state if whole else "draft"))
    return changes


def _staying(corrected: Rubric, before: Mapping[str, float], marks: Mapping[str, float]) -> dict[str, float]:
    found = {}
    for criterion in corrected.criteria:
        if criterion.id not in marks or before.get(criterion.id) != criterion.maximum:
            continue
        try:
            found[criterion.id] = check_mark(criterion, marks[criterion.id])
        except Invalid:
            continue
    return found


def _effect(changes: list[_Change]) -> Effect:
    submitted = [c for c in changes if c.row.state == "submitted"]
    again = sum(c.state == "draft" for c in submitted)
    drafts = sum(c.row.state == "draft" and c.marks != dict(c.row.marks) for c in changes)
    return Effect(len(submitted) - again, again, drafts)


def _keep_versions(
    db: Session, frozen: FrozenRubric, corrected: Rubric, reason: str, organiser_id: UUID, now: datetime
) -> None:
    if db.get(RubricVersion, (frozen.edition_id, frozen.version)) is None:
        first = RubricVersion(
            edition_id=frozen.edition_id,
            version=frozen.version,
            digest=frozen.digest,
            rubric=dict(frozen.rubric),
            adopted_at=frozen.frozen_at,
        )
        db.add(first)
    frozen.version, frozen.digest, frozen.rubric = frozen.version + 1, digest_of(corrected), asdict(corrected)
    db.add(frozen)
    db.add(
        RubricVersion(
            edition_id=frozen.edition_id,
            version=frozen.version,
            digest=frozen.digest,
            rubric=dict(frozen.rubric),
            adopted_at=now,
            adopted_by=organiser_id,
            reason=reason,
        )
    )
    db.flush()


def _apply(db: Session, change: _Change, reason: str, organiser_id: UUID, now: datetime) -> None:
    row = change.row
    if change.marks == dict(row.marks) and change.state == row.state:
        return
    if row.state == "submitted" and change.state == "submitted":
        # A criterion is gone: the sheet says the rest, and its history why.
        last = db.exec(
            select(SheetVersion).where(SheetVersion.sheet_id == row.id).order_by(col(SheetVersion.number).desc())
        ).first()
        number = 1 if last is None else last.number + 1
        db.add(
            SheetVersion(
                sheet_id=row.id,
                number=number,
                marks=change.marks,
                author_id=organiser_id,
                reason=reason,
                at=now,
            )
        )
    row.marks, row.state = change.marks, change.state
    row.submitted_at = row.submitted_at if change.state == "submitted" else None
    row.version += 1
    row.updated_at = now
    db.add(row)
