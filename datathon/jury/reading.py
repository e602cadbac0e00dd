"""In which order a juror reads the prototypes."""

from collections.abc import Collection, Sequence
from uuid import UUID
from zlib import crc32

from sqlmodel import Session, select

from datathon.jury.assign import reading_order
from datathon.people.tables import Role


def reading(
    db: Session, *, edition_id: str, juror_id: UUID, teams: Sequence[UUID], conflicts: Collection[UUID]
) -> tuple[UUID, ...]:
    """Return the teams in this juror's order, those with a conflict last.

    One round, drawn once for the edition, that each juror begins at another place: marks drift during a long day, and
    so no prototype is always first or last. The same jury and prototypes give the same order at every visit.
    """
    jurors = sorted(
        str(key) for key in db.exec(select(Role.person_id).where(Role.edition_id == edition_id, Role.role == "juror"))
    )
    me, keys = str(juror_id), sorted(str(team) for team in teams)
    known = sorted({*jurors, me})
    mine = [(me, key) for key in keys if UUID(key) not in conflicts]
    order = reading_order(keys, known, mine, seed=crc32(edition_id.encode()))[me]
    return (*(UUID(key) for key in order), *(team for team in teams if team in conflicts))
