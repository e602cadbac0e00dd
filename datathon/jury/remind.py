"""An organiser reminds the jurors who still have sheets to submit: one letter a juror and day at most."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.jury.declare import hold_jury
from datathon.jury.grading_tables import JuryReminder
from datathon.jury.queries import JurorRow, juror_view, matrix
from datathon.people.outbox import write
from datathon.people.tables import Person
from datathon.store import audit

SPACE = "\u00a0"
SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many letters were written, and how many jurors were left out because they had one today."""

    written: int
    resting: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a letter says: prototypes that are left, when grading ends in the edition's own time, where to go on."""

    declared: bool
    prototypes: tuple[str, ...]
    closes: datetime | None
    link: str


def remind(
    db: Session, *, edition: Edition, closes: datetime | None, organiser_id: UUID, base_url: str, now: datetime
) -> Reminded:
    """Write a letter to each juror with sheets left; who had one today, the edition's date, gets none.

    Raises Conflict when the jury is closed, NotFound for an edition without a jury.
    """
    progress = matrix(db, edition)
    hold_jury(db, edition_id=edition.id)
    day = now.astimezone(edition.zone).date().isoformat()
    had = set(
        db.exec(select(JuryReminder.juror_id).where(JuryReminder.edition_id == edition.id, JuryReminder.day == day))
    )
    late = [row for row in progress.jurors if row.submitted < row.owed]
    due = [row for row in late if row.juror_id not in had]
    written = 0
    for row in due:
        try:
            with db.begin_nested():
                db.add(JuryReminder(edition_id=edition.id, juror_id=row.juror_id, day=day, sent_at=now))
                db.flush()  # another organiser's reminder of this instant must show here, before the letter
                _write(db, edition, row, closes=closes, link=f"{base_url}/jury/", now=now)
        except IntegrityError:
            continue
        written += 1
    if written:
        audit.record(db, "remind_jury", edition.id, now=now, actor=organiser_id, edition=edition.id, letters=written)
    return Reminded(written, len(late) - written)


def _write(db: Session, edition: Edition, row: JurorRow, *, closes: datetime | None, link: str, now: datetime) -> None:
    person = db.get_one(Person, row.juror_id)
    lines = juror_view(db, edition, row.juror_id).lines
    names = tuple(line.team.prototype for line in lines if line.state in {"todo", "draft"})
    local = None if closes is None else closes.astimezone(edition.zone)
    subject, body = _words(edition, person, Left(row.declared, names, local, link))
    write(db, to=person.email, subject=subject, body=body, now=now, person_id=person.id, edition_id=edition.id)


def _words(edition: Edition, person: Person, left: Left) -> tuple[str, str]:
    title = edition.title.get(person.language) or edition.title.get("fr", edition.id)
    listed = "\n".join(f"- {name}" for name in left.prototypes)
    count = len(left.prototypes)
    if person.language == "en":
        until = "" if left.closes is None else f"Grading ends on {left.closes:%Y-%m-%d at %H:%M}.\n"
        first = "" if left.declared else "First of all, answer the question of conflicts of interest.\n"
        return (
            f"{count} sheet{'' if count == 1 else 's'} left: {title}"[:SUBJECT_LENGTH],
            f"""Hello {person.name},

These prototypes of "{title}" still wait for your submitted sheet:

{listed}

{first}{until}Go on here:

{left.link}

You get at most one such letter a day.
""",
        )
    until = "" if left.closes is None else f"La notation se termine le {left.closes:%d/%m/%Y à %H h %M}.\n"
    first = "" if left.declared else "Répondez d’abord à la question des conflits d’intérêts.\n"
    return (
        f"{count} fiche{'' if count == 1 else 's'} à remettre{SPACE}: {title}"[:SUBJECT_LENGTH],
        f"""Bonjour {person.name},

Ces prototypes de «{SPACE}{title}{SPACE}» attendent encore votre fiche{SPACE}:

{listed}

{first}{until}Reprenez ici{SPACE}:

{left.link}

Vous recevez au plus une lettre de ce genre par jour.
""",
    )
