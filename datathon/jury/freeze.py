"""The rubric is frozen when the jury's phase opens: what its file says afterwards no longer counts."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Criterion, Edition, Example, Level, PhaseKind, Rubric, is_open
from datathon.editions.tables import EditionRow
from datathon.jury.tables import FrozenRubric


@dataclass(frozen=True, slots=True)
class Drift:
    """How the file's rubric differs from the frozen ``version``: criteria (by title in French) and whether anything else does."""

    frozen_at: datetime
    version: int
    digest: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    rest: bool

    @property
    def any(self) -> bool:
        """Whether the file says something else."""
        return bool(self.removed or self.added or self.changed or self.rest)


def freeze(db: Session, edition: Edition, *, now: datetime) -> bool:
    """Keep the rubric of ``edition`` as version 1 once its jury's phase is open; return whether this call did it.

    Nothing happens before, without a rubric, or when it is frozen already.
    """
    if edition.rubric is None or not is_due(db, edition, now=now):
        return False
    digest = digest_of(edition.rubric)
    row = FrozenRubric(edition_id=edition.id, version=1, digest=digest, rubric=asdict(edition.rubric), frozen_at=now)
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return False  # another save or the worker froze it in the same moment
    return True


def is_due(db: Session, edition: Edition, *, now: datetime) -> bool:
    """Whether the jury's phase is open on this installation and nothing is frozen yet."""
    if edition.rubric is None or db.get(FrozenRubric, edition.id) is not None:
        return False
    return db.get(EditionRow, edition.id) is not None and is_open(windows_of(db, edition, now=now), PhaseKind.JURY)


def with_frozen_rubric(db: Session, edition: Edition) -> Edition:
    """Return the edition with its frozen rubric, as it is while nothing is frozen."""
    row = db.get(FrozenRubric, edition.id)
    return edition if row is None else replace(edition, rubric=rubric_from(row.rubric))


def drift(db: Session, edition: Edition) -> Drift | None:
    """Return how the rubric of ``edition``, as its file says now, differs from the frozen one; None while none is."""
    row = db.get(FrozenRubric, edition.id)
    if row is None:
        return None
    frozen = rubric_from(row.rubric)
    before = {c.id: c for c in frozen.criteria}
    after = {} if edition.rubric is None else {c.id: c for c in edition.rubric.criteria}
    # Not the digest that was kept: a property that exists only since then has its default on both sides.
    differs = edition.rubric is None or digest_of(edition.rubric) != digest_of(frozen)
    changed = tuple(_title(c) for key, c in before.items() if key in after and _plain(c) != _plain(after[key]))
    removed = tuple(_title(c) for key, c in before.items() if key not in after)
    added = tuple(_title(c) for key, c in after.items() if key not in before)
    return Drift(
        row.frozen_at, row.version, row.digest, removed, added, changed, differs and not (changed or removed or added)
    )


def digest_of(rubric: Rubric) -> str:
    """Return the SHA-256 of a rubric's content, 64 hexadecimal figures; the order of criteria counts, that of keys not."""
    return hashlib.sha256(_plain(rubric).encode()).hexdigest()


def rubric_from(data: Mapping[str, Any]) -> Rubric:
    """Return the rubric that was kept as JSON; a property that did not exist then has its default."""
    criteria = tuple(
        Criterion(**{**_known(Criterion, c), "levels": tuple(Level(**level) for level in c["levels"])})
        for c in data["criteria"]
    )
    kept = data.get("calibration")
    return Rubric(
        **{
            **_known(Rubric, data),
            "criteria": criteria,
            "calibration": None if kept is None else Example(**_known(Example, kept)),
        }
    )


def _known(kind: type[Criterion | Example | Rubric], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in data.items() if name in names}


def _plain(thing: Rubric | Criterion) -> str:
    return json.dumps(asdict(thing), sort_keys=True, ensure_ascii=False)


def _title(criterion: Criterion) -> str:
    return criterion.title.get("fr") or criterion.id
