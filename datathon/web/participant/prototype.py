"""The dossier of a team's prototype: write it, preview it, hand it in, reopen it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from sqlmodel import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from datathon.editions.rules import Challenge, Edition, PhaseKind
from datathon.kernel.errors import NotFound, Refusal
from datathon.submissions.attach import Attachment, attach, detach, file_field
from datathon.submissions.dossier import TITLE_FIELD, reopen, save_draft, submit, text_fields
from datathon.submissions.queries import dossier_of
from datathon.submissions.rules import HEAD_BYTES, check_kind
from datathon.teams.queries import TeamView, has_accepted
from datathon.teams.queries import team as team_view
from datathon.web.errors import status_of
from datathon.web.guards import NOWHERE, guarded, member, scope, the_challenge, the_edition, the_own_team, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.participant.door import blueprint
from datathon.web.participant.dossier_form import DossierForm, FieldView, Typed, dossier_form
from datathon.web.participant.submit_page import PhaseView, phase_view
from datathon.web.show import language

Answer = str | Response | tuple[str, int]
IMAGES = {"image/png", "image/jpeg", "image/webp"}
PREFIX = "f-"
"""Fields of the dossier are called so in the form, so that none can be mistaken for the form's own."""


@dataclass(frozen=True, slots=True)
class PrototypePage:
    """The dossier as a member sees it."""

    edition: Edition
    challenge: Challenge
    team: TeamView
    phase: PhaseView
    accepted: bool
    lacking: int
    form: DossierForm
    public: bool

    @property
    def may_edit(self) -> bool:
        """Whether the form is shown."""
        return self.phase.open and self.accepted and not self.lacking and self.team.active

    @property
    def may_reopen(self) -> bool:
        """Whether a dossier that was handed in can become a draft again."""
        return self.may_edit and self.form.submitted

    @property
    def refusal(self) -> Refusal | None:
        """Why the last thing asked for was not done."""
        return self.form.refusal

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """The fields that are typed, the title first."""
        return tuple(f for f in (self.form.title, *self.form.fields) if f.type != "file")

    @property
    def files(self) -> tuple[FieldView, ...]:
        """The fields that hold a file."""
        return tuple(f for f in self.form.fields if f.type == "file")


@blueprint.get("/e/<edition>/c/<challenge>/prototype")
@guarded(member)
def prototype(edition: str, challenge: str) -> Answer:
    """Show the dossier's form, or what was handed in."""
    del edition, challenge  # the guard has resolved them
    return _show("prototype")


@blueprint.get("/e/<edition>/c/<challenge>/prototype/preview")
@guarded(member)
def prototype_preview(edition: str, challenge: str) -> Answer:
    """Show the saved dossier as the jury reads it."""
    del edition, challenge  # the guard has resolved them
    return _show("prototype_preview")


@blueprint.post("/e/<edition>/c/<challenge>/prototype")
@guarded(member)
def save_prototype(edition: str, challenge: str) -> Answer:
    """Save the draft with its files and, when asked, hand it in. Whatever is refused, the typed text comes back."""
    try:
        with write_db() as db:
            _save(db)
            _change_files(db)
        if request.form.get("act") == "submit":
            with write_db() as db:
                submit(db, **_facts(), public=request.form.get("public") == "yes", now=now())  # type: ignore[arg-type]  # as _facts says
    except Refusal as refusal:
        return _show("prototype", Typed(_texts(), refusal))
    return redirect(url_for("participant.prototype", edition=edition, challenge=challenge), 303)


@blueprint.post("/e/<edition>/c/<challenge>/prototype/reopen")
@guarded(member)
def reopen_prototype(edition: str, challenge: str) -> Answer:
    """Make the dossier a draft again."""
    try:
        with write_db() as db:
            reopen(db, **_facts(), now=now())  # type: ignore[arg-type]  # as _facts says
    except Refusal as refusal:
        return _show("prototype", Typed({}, refusal))
    return redirect(url_for("participant.prototype", edition=edition, challenge=challenge), 303)


@blueprint.get("/e/<edition>/c/<challenge>/prototype/files/<field>")
@guarded(member)
def prototype_file(edition: str, challenge: str, field: str) -> Response:
    """Give a file of the own dossier: pictures are shown, anything else is downloaded, nothing is ever run."""
    del edition, challenge  # the guard has resolved them
    file_field(the_challenge(), field)
    with read_db() as db:
        dossier = dossier_of(db, team_id=the_own_team().id, challenge_id=the_challenge().id)
    found = None if dossier is None else dossier.file(field)
    if found is None:
        raise NotFound(NOWHERE)
    response = Response(house().files.chunks(found.digest), mimetype=found.media_type)
    kind = "inline" if found.media_type in IMAGES else "attachment"
    response.headers.set("Content-Disposition", kind, filename=found.file_name)
    response.headers["Content-Length"] = str(found.size_bytes)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(found.digest)
    return response.make_conditional(request)


def _facts() -> Mapping[str, object]:
    """Return what every act on the dossier takes; the acts' own signatures say the types."""
    return {
        "edition": the_edition(),
        "windows": scope().windows,
        "challenge": the_challenge(),
        "team_id": the_own_team().id,
        "person_id": the_person().id,
    }


def _texts() -> dict[str, str]:
    wanted = (TITLE_FIELD, *(f.id for f in text_fields(the_challenge()) if f.type != "file"))
    return {name: request.form[PREFIX + name] for name in wanted if PREFIX + name in request.form}


def _save(db: Session) -> None:
    texts = _texts()
    save_draft(
        db,
        **_facts(),  # type: ignore[arg-type]  # as _facts says
        title=texts.pop(TITLE_FIELD, ""),
        fields=texts,
        version=request.form.get("version", 0, type=int),
        now=now(),
    )


def _change_files(db: Session) -> None:
    for name in request.form.getlist("remove"):
        detach(db, **_facts(), field=name, now=now())  # type: ignore[arg-type]  # as _facts says
    for place in the_challenge().dossier:
        upload = request.files.get(PREFIX + place.id)
        if place.type == "file" and upload is not None and upload.filename:
            file = _stored(place.id, upload)
            attach(db, **_facts(), field=place.id, file=file, now=now())  # type: ignore[arg-type]  # as _facts says


def _stored(field: str, upload: FileStorage) -> Attachment:
    """Keep an uploaded file; what is no file of the accepted kinds is refused before it is kept."""
    place = file_field(the_challenge(), field)
    head = upload.stream.read(HEAD_BYTES)
    upload.stream.seek(0)
    if head:
        check_kind(place, head)
    try:
        stored = house().files.put(upload.stream, limit_bytes=place.max_bytes)
    except Refusal as refusal:
        if refusal.field is not None:
            refusal.field = field  # the store calls every file "file"; the form has several
        raise
    return Attachment(stored, upload.filename or field, head)


def _page(typed: Typed | None) -> PrototypePage:
    challenge = the_challenge()
    if not challenge.takes_prototypes:
        raise NotFound(NOWHERE)
    with read_db() as db:
        own = team_view(db, the_own_team().id)
        if own is None:
            raise NotFound(NOWHERE)
        dossier = dossier_of(db, team_id=own.id, challenge_id=challenge.id)
        accepted = has_accepted(db, the_edition(), the_person().id)
    return PrototypePage(
        edition=the_edition(),
        challenge=challenge,
        team=own,
        phase=phase_view(scope().windows, PhaseKind.PROTOTYPES),
        accepted=accepted,
        lacking=max(0, the_edition().teams.min_size - len(own.members)),
        form=dossier_form(challenge, dossier, lang=language(), typed=typed),
        public=dossier.public
        if dossier is not None and request.method == "GET"
        else request.form.get("public") == "yes",
    )


def _show(template: str, typed: Typed | None = None) -> Answer:
    page = _page(typed)
    status = 200 if page.refusal is None else status_of(page.refusal)
    return render_template(f"participant/{template}.html", page=page), status
