"""What the jury's pages show, read and put in order; no Flask here."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from datathon.editions.rules import Challenge, Document, DossierField, Edition, Example, PhaseKind, Window, is_open
from datathon.jury.adopt import Adopted, adopted
from datathon.jury.comparing import comparisons, open_for
from datathon.jury.comparison_tables import Comparison
from datathon.jury.pitch_tables import PitchRun
from datathon.jury.queries import (
    GradedTeam,
    JurorView,
    SheetLine,
    SheetView,
    conflicts_of,
    gone,
    graded_teams,
    is_calibrated,
    juror_view,
    open_reopening,
    rubric_of,
    sheet,
)
from datathon.jury.secrecy import undertaking
from datathon.jury.tables import JurorAvailability
from datathon.kernel.errors import NotFound, Refusal
from datathon.people.accept import accepted
from datathon.submissions.queries import Dossier, DossierFile, dossier
from datathon.submissions.rules import is_link
from datathon.teams.queries import team as team_view
from datathon.web.jury.history import History, history
from datathon.web.jury.sheet_form import Read, SheetForm, Typed, in_language, shown, shown_again
from datathon.web.picture_room import room_for

WORDS_PER_MINUTE = 200
MINUTES_PER_FILE = 3
PDF = "application/pdf"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
"""A host that a page's policy can name without a way to write more into it."""
IMAGES = ("image/png", "image/jpeg", "image/webp")
DESCRIPTION = "screenshot_text"
"""Field in which a team describes its picture, as on the page of its production."""


@dataclass(frozen=True, slots=True)
class HomePart:
    """One edition in the list of a juror's sheets; ``window`` is its grading phase.

    ``calibrated`` tells that the example that comes first is graded, or that there is none.
    ``comparing`` are the open comparisons of the juror, ``compared`` all of the edition; ``pitching``
    tells that the order of the pitches is drawn. ``gone`` names the teams with a sheet that do not take part any more.
    """

    edition: Edition
    view: JurorView
    criteria: int
    window: Window | None
    availability: JurorAvailability | None = None
    comparing: tuple[Comparison, ...] = ()
    compared: tuple[Comparison, ...] = ()
    calibrated: bool = True
    pitching: bool = False
    gone: tuple[str, ...] = ()

    @property
    def missed(self) -> int:
        """Sheets that were owed and not submitted when the jury closed: they do not count."""
        return self.view.owed - self.view.submitted if self.view.closed_at and not self.by_pairs else 0

    @property
    def by_pairs(self) -> bool:
        """Whether comparisons make the jury's score here, and sheets are optional."""
        return rubric_of(self.edition).by_pairs

    @property
    def recused(self) -> bool:
        """Whether a conflict is declared with every team, so that this juror grades none."""
        return bool(self.view.lines) and not self.view.owed

    @property
    def must_declare(self) -> bool:
        """Whether the question of conflicts comes first."""
        return self.view.declared_at is None and self.view.closed_at is None

    @property
    def example(self) -> Example | None:
        """The example that everybody grades first, None where there is none."""
        return rubric_of(self.edition).calibration

    @property
    def must_calibrate(self) -> bool:
        """Whether the example comes next."""
        return not self.calibrated and not self.must_declare and self.view.closed_at is None

    @property
    def next_line(self) -> SheetLine | None:
        """The sheet to open now: one opened again, one that was begun, else the first to do; None when nothing is graded."""
        again = next((line for line in self.view.lines if line.reopened), None)
        if again is not None:
            return again
        if self.must_declare or self.must_calibrate or self.view.closed_at or not self.open:
            return None
        begun = [line for line in self.view.lines if line.state == "draft"]
        return next(iter([*begun, *(line for line in self.view.lines if line.state == "todo")]), None)

    @property
    def open(self) -> bool:
        """Whether sheets can be graded now."""
        return self.window is not None and self.window.state == "open" and self.view.closed_at is None

    @property
    def left(self) -> int:
        """Sheets still to submit."""
        return 0 if self.view.closed_at or self.by_pairs else self.view.owed - self.view.submitted


@dataclass(frozen=True, slots=True)
class HomePage:
    """All editions whose jury the person is on, those that can be graded now first, closed ones last.

    ``refused`` is the edition whose availability was refused, and why.
    """

    parts: tuple[HomePart, ...]
    refused: str = ""
    refusal: Refusal | None = None

    @property
    def left(self) -> int:
        """Sheets still to submit in all."""
        return sum(part.left for part in self.parts)

    @property
    def missed(self) -> int:
        """Sheets that were not submitted before the closing."""
        return sum(part.missed for part in self.parts)

    @property
    def recused(self) -> bool:
        """Whether this juror grades nothing at all."""
        return bool(self.parts) and all(part.recused for part in self.parts)

    @property
    def must_declare(self) -> bool:
        """Whether any edition waits for the declaration."""
        return any(part.must_declare for part in self.parts)


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One team on the declaration; ``fixed`` when somebody else declared the conflict."""

    name: str
    slug: str
    members: str
    ticked: bool
    reason: str
    fixed: bool
    error: Refusal | None = None


@dataclass(frozen=True, slots=True)
class DeclarePage:
    """The declaration of conflicts; ``secret`` tells that the present undertaking of secrecy was accepted before."""

    edition: Edition
    lines: tuple[ConflictLine, ...]
    declared_at: datetime | None
    secrecy: Document
    secret: bool
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of the dossier, in paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Something of the dossier to open: an address elsewhere, or the file of a field with its size.

    ``embed``: the organisers let this field's site be tried beside the sheet. ``said`` describes a picture in the team's
    words, ``room`` is what it takes in the page, in pixels.
    """

    title: str
    address: str
    field: str
    file: DossierFile | None
    embed: bool = False
    said: str = ""
    room: tuple[int, int] | None = None

    @property
    def origin(self) -> str:
        """Return scheme, host and port of a site to try in a frame; "" where there is none, or none over https."""
        parts = urlsplit(self.address)
        safe = parts.hostname is not None and _HOST.fullmatch(parts.hostname) is not None
        if not self.embed or parts.scheme != "https" or not safe:
            return ""
        return f"https://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    @property
    def pdf(self) -> bool:
        """Whether the browser's own viewer can show it beside the sheet."""
        return self.file is not None and self.file.media_type == PDF

    @property
    def image(self) -> bool:
        """Whether the page can show it at once."""
        return self.file is not None and self.file.media_type in IMAGES


@dataclass(frozen=True, slots=True)
class Fact:
    """A short line of the dossier."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class DossierView:
    """A team's dossier as the jury reads it."""

    passages: tuple[Passage, ...] = ()
    links: tuple[Link, ...] = ()
    facts: tuple[Fact, ...] = ()
    minutes: int = 1


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One sheet beside its prototype; ``corrected`` is the rubric's version when a corrected one was adopted.

    ``reopened`` is why this sheet was opened again after the closing, "" where it was not.
    """

    edition: Edition
    team: GradedTeam
    number: int
    count: int
    form: SheetForm
    dossier: DossierView
    editable: bool
    closed_at: datetime | None
    saved_at: datetime | None
    mistakes: int
    history: History
    corrected: Adopted | None
    reopened: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A save that was refused: what was typed, how it was understood, and why not."""

    typed: Typed
    read: Read
    refusal: Refusal | None = field(default=None)


def home_part(db: Session, edition: Edition, windows: tuple[Window, ...], juror_id: UUID) -> HomePart:
    """Return a juror's sheets of one edition."""
    window = next((w for w in windows if w.phase.kind is PhaseKind.JURY), None)
    return HomePart(
        edition,
        juror_view(db, edition, juror_id),
        len(rubric_of(edition).criteria),
        window,
        db.get(JurorAvailability, (edition.id, juror_id)),
        open_for(db, edition.id, juror_id),
        comparisons(db, edition.id),
        is_calibrated(db, edition, juror_id=juror_id),
        db.get(PitchRun, edition.id) is not None,
        gone(db, edition, juror_id),
    )


def declare_page(
    db: Session,
    edition: Edition,
    juror_id: UUID,
    *,
    declared_at: datetime | None,
    typed: MultiDict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> DeclarePage:
    """Return the declaration as it is kept, or as it was ``typed`` when it was refused."""
    known = conflicts_of(db, edition_id=edition.id, juror_id=juror_id)
    lines = []
    for graded in graded_teams(db, edition):
        row = known.get(graded.team_id)
        fixed = row is not None and row.source != "juror"
        members = team_view(db, graded.team_id)
        lines.append(
            ConflictLine(
                graded.name,
                graded.slug,
                "" if members is None else ", ".join(member.name for member in members.members),
                fixed or (row is not None if typed is None else graded.slug in typed.getlist("team")),
                (row.reason if row is not None else "") if typed is None else typed.get(f"reason-{graded.slug}", ""),
                fixed,
                refusal if refusal is not None and refusal.field == str(graded.team_id) else None,
            )
        )
    text = undertaking(edition)
    secret = accepted(db, person_id=juror_id, edition_id=edition.id, document=text)
    return DeclarePage(edition, tuple(lines), declared_at, text, secret, refusal)


def sheet_page(
    db: Session,
    edition: Edition,
    windows: tuple[Window, ...],
    *,
    juror_id: UUID,
    slug: str,
    language: str,
    attempt: Attempt | None = None,
) -> SheetPage:
    """Return a sheet as it is kept, or with the refused ``attempt`` on top of it. NotFound for a team not graded."""
    view = juror_view(db, edition, juror_id)
    mine = [line.team for line in view.lines if line.state != "conflict"]
    graded = next((team for team in mine if team.slug == slug), None)
    if graded is None:
        raise NotFound("No prototype of this team is to be graded.")
    kept = sheet(db, edition=edition, juror_id=juror_id, team_id=graded.team_id)
    corrected = next(iter(adopted(db, edition.id)[:0:-1]), None)
    why = corrected.reason if corrected is not None and kept.state == "draft" else ""
    challenge = edition.challenge(rubric_of(edition).challenge)
    again = open_reopening(db, edition_id=edition.id, juror_id=juror_id, team_id=graded.team_id)
    return SheetPage(
        edition=edition,
        team=graded,
        number=mine.index(graded) + 1,
        count=len(mine),
        form=_form(edition, kept, language, attempt),
        dossier=DossierView()
        if challenge is None
        else dossier_view(challenge, dossier(db, graded.prototype_id), language),
        editable=again is not None or (view.closed_at is None and is_open(windows, PhaseKind.JURY)),
        closed_at=view.closed_at,
        saved_at=kept.updated_at,
        mistakes=0 if attempt is None else len(attempt.read.refusals),
        history=history(
            db,
            edition,
            juror_id=juror_id,
            team_id=graded.team_id,
            language=language,
            reason=why if attempt is None else attempt.typed.reason,
        ),
        corrected=corrected,
        reopened="" if again is None else again.reason,
    )


def _form(edition: Edition, kept: SheetView, language: str, attempt: Attempt | None) -> SheetForm:
    rubric = rubric_of(edition)
    if attempt is None:
        return shown(rubric, kept, language)
    return shown_again(rubric, attempt.typed, attempt.read, kept, language, refusal=attempt.refusal)


def _file_link(title: str, file: DossierFile, found: Dossier) -> Link:
    if file.media_type not in IMAGES:
        return Link(title, "", file.field, file)
    said = found.fields.get(DESCRIPTION, "").strip() if DESCRIPTION.startswith(f"{file.field}_") else ""
    return Link(title, "", file.field, file, said=said, room=room_for(file.digest))


def dossier_view(challenge: Challenge, found: Dossier | None, language: str) -> DossierView:
    """Return a dossier in reading order: texts, then links and files, then short lines; empty fields are left out."""
    if found is None:
        return DossierView()
    passages, links, facts = [], [], []
    for entry in challenge.dossier:
        value = found.fields.get(entry.id, "").strip()
        file = found.file(entry.id)
        title = in_language(entry.title, language)
        if entry.type == "file" and file is not None:
            links.append(_file_link(title, file, found))
        elif entry.type == "url" and is_link(value):
            links.append(Link(title, value, entry.id, None, entry.embed))
        elif entry.id == DESCRIPTION and any(link.said for link in links):
            continue
        elif entry.type == "text" and value:
            passages.append(Passage(title, _paragraphs(value)))
        elif value:
            facts.append(Fact(title, value))
    return DossierView(tuple(passages), tuple(links), tuple(facts), _minutes(found, challenge.dossier))


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip())


def _minutes(found: Dossier, fields: tuple[DossierField, ...]) -> int:
    words = sum(len(found.fields.get(entry.id, "").split()) for entry in fields if entry.type in ("text", "line"))
    documents = sum(file.media_type not in IMAGES for file in found.files)
    return max(1, round(words / WORDS_PER_MINUTE) + MINUTES_PER_FILE * documents)
