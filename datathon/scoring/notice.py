"""Notice that a challenge is scored otherwise than before, and keep which scores its board shows meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from datathon.scoring.basis import Basis, changed_parts
from datathon.scoring.current import counts
from datathon.scoring.tables import ChallengeBasis, Score
from datathon.store import audit
from datathon.store.db import locked_row
from datathon.submissions.rules import State
from datathon.submissions.tables import Submission

TROUBLE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Versions:
    """How the scores of a challenge stand. ``present`` is how files are scored now, ``shown`` what the board shows.

    ``changed`` names the parts that differ between the two. ``behind`` counts scores that were computed otherwise than
    now, ``waiting`` those that the board does not show yet. ``trouble`` tells organisers why nothing can be scored.
    """

    present: str
    shown: str
    changed: tuple[str, ...]
    behind: int
    waiting: int
    trouble: str
    noticed_at: datetime

    @property
    def mixed(self) -> bool:
        """Whether scores of two versions stand beside each other: a rescoring is due."""
        return self.behind > 0 or self.waiting > 0


def notice(db: Session, *, edition_id: str, challenge_id: str, basis: Basis, now: datetime) -> bool:
    """Keep ``basis`` as the way the challenge is scored now and return whether the board may show something else.

    The board goes on showing the scores it showed, so that no two versions are ever ranked together, until a rescoring
    is applied. Only where no score is left to be compared with does it follow at once.
    """
    row = locked_row(db, ChallengeBasis, (edition_id, challenge_id))
    found = _counted(db, edition_id, challenge_id)
    before = "" if row is None else row.shown
    if row is None:
        row = ChallengeBasis(edition_id=edition_id, challenge_id=challenge_id, noticed_at=now)
        known = {key: count for key, count in found.items() if key}
        row.shown = max(known, key=lambda key: (known[key], key == basis.digest, key), default=basis.digest)
    if row.present != basis.digest:
        if row.present:
            parts = changed_parts(row.parts, basis.parts)
            audit.record(
                db, "scoring_changed", challenge_id, now=now, actor=None, edition=edition_id, parts=list(parts)
            )
        row.present, row.parts, row.noticed_at = basis.digest, dict(basis.parts), now
    if row.shown != basis.digest and not found.get(row.shown) and not found.get(""):
        row.shown = basis.digest
    if row.shown == basis.digest:
        row.shown_parts = dict(basis.parts)
    row.trouble = ""
    if basis.rows is not None:
        row.public_rows, row.private_rows = basis.rows
    db.add(row)
    db.flush()
    return before != row.shown


def note_trouble(db: Session, *, edition_id: str, challenge_id: str, text: str, now: datetime) -> None:
    """Keep why the challenge cannot be scored now, for organisers; what it was scored with before stays noted."""
    row = locked_row(db, ChallengeBasis, (edition_id, challenge_id))
    if row is None:
        row = ChallengeBasis(edition_id=edition_id, challenge_id=challenge_id, noticed_at=now)
    row.trouble = text[:TROUBLE_LENGTH]
    db.add(row)
    db.flush()


def versions(db: Session, edition_id: str, challenge_id: str) -> Versions | None:
    """Return how the scores of a challenge stand, None before a worker looked at it."""
    row = db.get(ChallengeBasis, (edition_id, challenge_id))
    if row is None:
        return None
    found = _counted(db, edition_id, challenge_id)
    # Records from before this book-keeping are taken for what the board shows.
    now_right = {row.present, ""} if row.present == row.shown else {row.present}
    return Versions(
        row.present,
        row.shown,
        changed_parts(row.shown_parts, row.parts),
        sum(count for key, count in found.items() if key not in now_right) if row.present else 0,
        sum(count for key, count in found.items() if key not in {"", row.shown}) if row.shown else 0,
        row.trouble,
        row.noticed_at,
    )


def settled(db: Session, edition_id: str, challenge_id: str, basis: Basis) -> bool:
    """Whether there is nothing to notice: everything is scored and shown with ``basis`` already."""
    row = db.get(ChallengeBasis, (edition_id, challenge_id))
    if row is None or row.trouble or basis.rows not in {None, (row.public_rows, row.private_rows)}:
        return False
    return row.present == row.shown == basis.digest


def rows_known(db: Session, edition_id: str, challenge_id: str) -> tuple[int, int] | None:
    """Return how many public and private rows the present reference has, None before a worker read it."""
    row = db.get(ChallengeBasis, (edition_id, challenge_id))
    if row is None or row.public_rows is None or row.private_rows is None:
        return None
    return row.public_rows, row.private_rows


def _counted(db: Session, edition_id: str, challenge_id: str) -> dict[str, int]:
    """Return basis -> how many counting scores have it; "" stands for records older than this book-keeping."""
    query = (
        select(Score.basis, func.count())
        .join(Submission, counts())
        .where(
            Submission.edition_id == edition_id,
            Submission.challenge_id == challenge_id,
            Submission.state == State.SCORED,
        )
        .group_by(col(Score.basis))
    )
    return dict(db.exec(query).all())
