"""Before the prototypes every juror grades one example, then sees how the others graded it. It counts nowhere."""

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition, PhaseKind, Window, is_open
from datathon.jury.declare import check_juror, hold_jury
from datathon.jury.grading_tables import CalibrationSheet
from datathon.jury.grid import check_marks, exact, missing, total
from datathon.jury.queries import declared_at, rubric_of
from datathon.jury.secrecy import has_undertaken
from datathon.jury.tables import FrozenRubric
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Person
from datathon.store import audit
from datathon.store.db import locked


@dataclass(frozen=True, slots=True)
class Given:
    """All marks that one criterion of the example got, or all totals (criterion ""): whose they are is not in it.

    ``counts`` maps a mark to how many gave it, the lowest first, one's ``own`` among them; ``middle`` is the median.
    """

    criterion: str
    own: float
    counts: Mapping[float, int]
    middle: float


def calibrate(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    juror_id: UUID,
    marks: Mapping[str, float],
    now: datetime,
) -> None:
    """Submit a juror's marks for the example, once and for good: what the others gave is shown afterwards.

    No ranking, severity or progress reads them. Raises NotFound where the edition names no example, NotAllowed for
    somebody outside the jury, Conflict before the declaration, outside the jury's phase, after closing and the second
    time, Invalid for a mark that does not fit or is missing, with its criterion as field.
    """
    rubric = rubric_of(edition)
    if rubric.calibration is None:
        raise NotFound("This jury has no example to grade.")
    hold_jury(db, edition_id=edition.id)
    check_juror(db, edition_id=edition.id, juror_id=juror_id)
    if declared_at(db, edition_id=edition.id, juror_id=juror_id) is None:
        raise Conflict("Declare your conflicts of interest first; the sheets open afterwards.")
    if not has_undertaken(db, edition, juror_id=juror_id):
        raise Conflict("Undertake first to keep the jury’s debates secret; the sheets open afterwards.")
    if not is_open(windows, PhaseKind.JURY):
        raise Conflict("Grading is not open at the moment.")
    # One juror's two tabs wait for one another.
    locked(db, Person, juror_id)
    if db.get(CalibrationSheet, (edition.id, juror_id)) is not None:
        raise Conflict("You have graded the example already.")
    fit = check_marks(rubric, marks)
    blank = missing(rubric, fit)
    if blank:
        raise Invalid("The example needs a mark on every criterion.", field=blank[0].id)
    frozen = db.get(FrozenRubric, edition.id)
    version = 1 if frozen is None else frozen.version
    db.add(
        CalibrationSheet(edition_id=edition.id, juror_id=juror_id, marks=fit, rubric_version=version, submitted_at=now)
    )
    audit.record(db, "grade_example", edition.id, now=now, actor=juror_id, edition=edition.id)
    db.flush()


def example_given(db: Session, edition: Edition, *, juror_id: UUID) -> tuple[Given, ...]:
    """Return how the example was graded, criterion by criterion, then in total; empty before one's own marks are in.

    Marks of an earlier version of the rubric that no longer fit are left out.
    """
    rubric = rubric_of(edition)
    rows = [
        row
        for row in db.exec(select(CalibrationSheet).where(CalibrationSheet.edition_id == edition.id))
        if not missing(rubric, row.marks) or row.juror_id == juror_id
    ]
    own = next((row.marks for row in rows if row.juror_id == juror_id), None)
    if own is None:
        return ()
    found = []
    for criterion in rubric.criteria:
        if criterion.id in own:
            marks = [float(row.marks[criterion.id]) for row in rows if criterion.id in row.marks]
            found.append(_given(criterion.id, float(own[criterion.id]), marks))
    found.append(_given("", total(rubric, own), [total(rubric, row.marks) for row in rows]))
    return tuple(found)


def _given(criterion: str, own: float, marks: list[float]) -> Given:
    return Given(criterion, own, dict(sorted(Counter(marks).items())), exact(statistics.median(marks)))
