"""A team's prototype dossier: save its draft, hand it in, take it back to work on it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Challenge, DossierField, Edition, PhaseKind, Window
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.kernel.ids import slug
from datathon.store.db import locked
from datathon.submissions.admission import acting_team
from datathon.submissions.queries import Dossier, dossier_of
from datathon.submissions.rules import TITLE_LENGTH, check_open, clean_text, missing_fields
from datathon.submissions.tables import Prototype

TITLE_FIELD = "title"


class Stale(Conflict):
    """Somebody saved the dossier since this form was opened; ``current`` is what stands now, to be shown beside what was typed."""

    def __init__(self, current: Dossier) -> None:
        """Keep what stands now."""
        super().__init__(
            "Someone of your team saved this dossier meanwhile. Nothing you typed is lost: compare, then save again.",
        )
        self.current = current


class Incomplete(Invalid):
    """The dossier lacks required fields; ``fields`` names them, the title as "title"."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        """Keep the ids of what is missing."""
        super().__init__(
            "The dossier is not complete: fill in the required fields. Your draft is saved.", field=fields[0]
        )
        self.fields = fields


def save_draft(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    title: str,
    fields: Mapping[str, str],
    version: int,
    now: datetime,
) -> Dossier:
    """Save what was typed as the dossier's next version and return it; ``version`` is the one the form showed (0: none yet).

    A field that is absent from ``fields`` keeps its text. Raises Stale when the version has moved on, Conflict when
    prototypes are closed or the dossier is handed in, Invalid(field=…) for a text that does not fit.
    """
    row = _open_dossier(db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id)
    texts = {f.id: clean_text(f, fields[f.id]) for f in text_fields(challenge) if f.id in fields}
    kept_title = _title(title)
    if row is not None and (row.version != version or row.state != "draft"):
        current = dossier_of(db, team_id=team_id, challenge_id=challenge.id)
        if current is not None and row.version != version:
            raise Stale(current)
        raise Conflict("The dossier is handed in. Reopen it to change it.")
    if row is None:
        row = _first(db, edition=edition, challenge=challenge, team_id=team_id, person_id=person_id, now=now)
    else:
        row.version += 1
    row.title = kept_title
    row.fields = {**row.fields, **texts}
    row.updated_at, row.updated_by = now, person_id
    db.flush()  # the view reads the row back
    return _present(db, row)


def submit(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    public: bool,
    now: datetime,
) -> Dossier:
    """Hand the saved dossier in; ``public`` lets the gallery show it after the announcement.

    Raises Incomplete when something required is missing, Conflict when prototypes are closed or it is handed in already.
    """
    row = _open_dossier(db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id)
    current = None if row is None else _present(db, row)
    missing: tuple[str, ...] = () if current is not None and current.title else (TITLE_FIELD,)
    if row is None or current is None:
        raise Incomplete(missing + missing_fields(text_fields(challenge), {}, ()))
    if row.state != "draft":
        raise Conflict("The dossier is handed in already.")
    missing += missing_fields(text_fields(challenge), current.fields, [f.field for f in current.files])
    if missing:
        raise Incomplete(missing)
    row.state, row.submitted_at, row.public = "submitted", now, public
    row.updated_at, row.updated_by, row.version = now, person_id, row.version + 1
    row.slug = _free_slug(db, row)
    db.flush()  # the view reads the row back
    return _present(db, row)


def reopen(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    now: datetime,
) -> Dossier:
    """Make a dossier that was handed in a draft again, while prototypes are open. A draft is not handed in: the jury sees nothing of it."""
    row = _open_dossier(db, edition=edition, windows=windows, challenge=challenge, team_id=team_id, person_id=person_id)
    if row is None or row.state != "submitted":
        raise Conflict("The dossier is a draft already.")
    row.state, row.submitted_at = "draft", None
    row.updated_at, row.updated_by, row.version = now, person_id, row.version + 1
    db.flush()  # the view reads the row back
    return _present(db, row)


def text_fields(challenge: Challenge) -> tuple[DossierField, ...]:
    """Return the dossier's fields without the title, which every dossier has by itself."""
    return tuple(f for f in challenge.dossier if f.id != TITLE_FIELD)


def begun(
    db: Session, *, edition: Edition, challenge: Challenge, team_id: UUID, person_id: UUID, now: datetime
) -> Prototype:
    """Return the team's dossier row, begun empty when there is none. The caller holds the team's lock."""
    row = _row(db, team_id=team_id, challenge=challenge)
    if row is None:
        return _first(db, edition=edition, challenge=challenge, team_id=team_id, person_id=person_id, now=now)
    return row


def _open_dossier(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
) -> Prototype | None:
    if not challenge.takes_prototypes:
        raise NotFound("This challenge takes no prototypes.")
    acting_team(db, edition=edition, team_id=team_id, person_id=person_id)
    check_open(windows, PhaseKind.PROTOTYPES)
    return _row(db, team_id=team_id, challenge=challenge)


def _row(db: Session, *, team_id: UUID, challenge: Challenge) -> Prototype | None:
    key = db.exec(
        select(Prototype.id).where(Prototype.team_id == team_id, Prototype.challenge_id == challenge.id)
    ).one_or_none()
    return None if key is None else locked(db, Prototype, key)


def _first(
    db: Session, *, edition: Edition, challenge: Challenge, team_id: UUID, person_id: UUID, now: datetime
) -> Prototype:
    row = Prototype(
        edition_id=edition.id,
        challenge_id=challenge.id,
        team_id=team_id,
        updated_at=now,
        updated_by=person_id,
    )
    db.add(row)
    db.flush()  # files refer to it
    return row


def _title(raw: str) -> str:
    title = " ".join(raw.replace("\x00", "").split())
    if len(title) > TITLE_LENGTH:
        raise Invalid("The title has at most %(limit)s characters.", field=TITLE_FIELD, limit=TITLE_LENGTH)
    return title


def _free_slug(db: Session, row: Prototype) -> str:
    """Return the title's slug, numbered when another dossier of the edition has it."""
    base = slug(row.title)[:50]
    others = select(Prototype.slug).where(Prototype.edition_id == row.edition_id, Prototype.id != row.id)
    taken = set(db.exec(others))
    candidates = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(c for c in candidates if c not in taken)


def _present(db: Session, row: Prototype) -> Dossier:
    found = dossier_of(db, team_id=row.team_id, challenge_id=row.challenge_id)
    if found is None:
        raise NotFound("This dossier does not exist.")
    return found
