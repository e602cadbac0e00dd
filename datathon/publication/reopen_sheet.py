"""After the closing whoever presides, or an organiser, opens one sheet again so that its juror corrects an error."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.jury.grading_tables import SheetReopening
from datathon.jury.queries import conflicts_of, graded_teams, open_reopening, sheet_row
from datathon.jury.reopened import end_reopening, keep_first_closing, reopenings
from datathon.jury.rules import REASON_LIMIT
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.erase_account import is_erased
from datathon.people.letters import SPACE, SUBJECT_LENGTH
from datathon.people.outbox import write
from datathon.people.tables import Person
from datathon.publication.remarks import Remark
from datathon.publication.tables import Deliberation, PublishedRanking
from datathon.store import audit
from datathon.store.db import locked


def reopen_sheet(
    db: Session,
    *,
    edition: Edition,
    juror_id: UUID,
    team_id: UUID,
    reason: str,
    person_id: UUID,
    base_url: str,
    now: datetime,
) -> None:
    """Let one juror correct one submitted sheet, and write to them; every other sheet stays closed.

    Raises Conflict before the closing, once the deliberation is validated or the ranking announced (until the
    deliberation is opened again), for a sheet that does not count or is open already; Invalid without a reason; NotFound
    for a sheet that is not there.
    """
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    _check_stage(db, edition.id)
    juror, team = db.get(Person, juror_id), next((t for t in graded_teams(db, edition) if t.team_id == team_id), None)
    row = None if team is None else sheet_row(db, edition=edition, juror_id=juror_id, team_id=team_id)
    if juror is None or team is None or row is None:
        raise NotFound("This member has no sheet for this prototype.")
    if row.state != "submitted" or team_id in conflicts_of(db, edition_id=edition.id, juror_id=juror_id):
        raise Conflict(
            "Only a sheet that counts is opened again: this one was not submitted, or a conflict is declared."
        )
    if is_erased(juror):
        raise Conflict("This account is erased: nobody is left to correct its sheets.")
    if open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=team_id) is not None:
        raise Conflict("This sheet is open again already.")
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    keep_first_closing(db, edition)
    db.add(
        SheetReopening(
            edition_id=edition.id,
            juror_id=juror_id,
            team_id=team_id,
            reason=reason.strip(),
            opened_at=now,
            opened_by=person_id,
        )
    )
    audit.record(
        db, "reopen_one_sheet", str(team_id), now=now, actor=person_id, edition=edition.id, juror=str(juror_id),
        reason=reason.strip(),
    )  # fmt: skip
    subject, body = _words(juror, team.prototype, reason.strip(), f"{base_url}/jury/{edition.id}/{team.slug}")
    write(
        db,
        to=juror.email,
        subject=subject[:SUBJECT_LENGTH],
        body=body,
        now=now,
        person_id=juror.id,
        edition_id=edition.id,
    )
    db.flush()


def take_back(db: Session, *, edition: Edition, reopening_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Close a sheet again that nobody corrected; return False when it was closed already. NotFound for a strange one."""
    locked(db, EditionRow, edition.id)
    row = db.get(SheetReopening, reopening_id)
    if row is None or row.edition_id != edition.id:
        raise NotFound("No sheet was opened again here.")
    if row.outcome:
        return False
    end_reopening(db, edition=edition, row=row, outcome="taken_back", by=person_id, now=now)
    return True


def why_closed(db: Session, edition_id: str) -> Conflict | None:
    """Return why no sheet can be opened again now, None where one can."""
    try:
        _check_stage(db, edition_id)
    except Conflict as refusal:
        return refusal
    return None


def reopened_sheets(db: Session, edition_id: str) -> tuple[Remark, ...]:
    """Return what keeps the ranking from being decided and published: sheets that are open again."""
    query = select(SheetReopening.id).where(SheetReopening.edition_id == edition_id, SheetReopening.outcome == "")
    count = len(db.exec(query).all())
    if not count:
        return ()
    return (
        Remark(
            "%(count)s sheets are open again for a correction; wait for them or close them again.", {"count": count}
        ),
    )


def corrected_sheets(db: Session, edition_id: str) -> tuple[Remark, ...]:
    """Return what a reader must know: sheets that were corrected after the closing."""
    return tuple(
        Remark(
            "After the closing the sheet of %(juror)s for %(team)s was opened again and corrected.",
            {"juror": one.juror, "team": one.team},
        )
        for one in reversed(reopenings(db, edition_id))
        if one.outcome == "corrected"
    )


def _check_stage(db: Session, edition_id: str) -> None:
    if db.get(JuryClosing, edition_id) is None:
        raise Conflict("The jury is not closed yet: until then each member corrects their own sheets.")
    decided = db.get(Deliberation, edition_id)
    if decided is not None and decided.state == "validated":
        raise Conflict("The deliberation is validated. Open it again, with a reason, before a sheet changes.")
    announced = db.exec(select(PublishedRanking.id).where(PublishedRanking.edition_id == edition_id)).first()
    if decided is None and announced is not None:
        raise Conflict("The ranking is announced. Open the deliberation again, with a reason, before a sheet changes.")


def _words(juror: Person, prototype: str, reason: str, link: str) -> tuple[str, str]:
    if juror.language == "en":
        return (
            f"Your sheet is open again: {prototype}",
            f"""Hello {juror.name},

Your sheet for "{prototype}" is open again, so that you can correct an error.
The reason that was given:

{reason}

Correct it here, say why, and send it; it closes again by itself:

{link}

Nobody else's sheet is open. If your marks are right as they are, send them
unchanged.
""",
        )
    return (
        f"Votre fiche est rouverte{SPACE}: {prototype}",
        f"""Bonjour {juror.name},

Votre fiche pour «{SPACE}{prototype}{SPACE}» est rouverte, pour que vous puissiez
corriger une erreur. La raison donnée{SPACE}:

{reason}

Corrigez-la ici, dites pourquoi, et remettez-la{SPACE}; elle se referme d’elle-même{SPACE}:

{link}

Aucune autre fiche n’est ouverte. Si vos notes sont justes, remettez-les
sans rien changer.
""",
    )
