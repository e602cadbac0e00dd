"""A production: the page of a prototype that was made public."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request, url_for
from sqlmodel import Session, col, select

from datathon.editions.rules import Challenge, DossierField, Edition
from datathon.kernel.errors import NotFound
from datathon.people.tables import Person
from datathon.publication.queries import latest
from datathon.submissions.tables import Prototype, PrototypeFile
from datathon.teams.tables import Membership, Team
from datathon.web.guards import NOWHERE, anyone, guarded, scope, the_edition
from datathon.web.house import house, read_db
from datathon.web.picture_room import room_for
from datathon.web.public.door import blueprint
from datathon.web.show import language

LEADING = ("summary", "summary_en", "screenshot_text")
"""Fields that stand elsewhere in the page than in the list of fields."""
REMARKS = {"limits", "privacy", "generative_ai"}
"""Fields whose answer, up to ``REMARK`` characters, stands in the margin of the one before."""
REMARK = 300
INLINE = {"image/png", "image/jpeg", "image/webp"}
"""Media types that a browser may show in the page; everything else is a download."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of the dossier with what the team wrote."""

    field: DossierField
    text: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of the dossier."""

    field: DossierField
    file: PrototypeFile


@dataclass(frozen=True, slots=True)
class Place:
    """Where the team ended in the final ranking."""

    rank: int
    ranked: int
    total: float


@dataclass(frozen=True, slots=True)
class ProductionPage:
    """Everything the page shows."""

    edition: Edition
    challenge: Challenge
    prototype: Prototype
    team: Team
    members: tuple[str, ...]
    summary: str
    texts: tuple[Answer, ...]
    lines: tuple[Answer, ...]
    links: tuple[Answer, ...]
    image: Attached | None
    image_text: str
    image_size: tuple[int, int] | None
    files: tuple[Attached, ...]
    place: Place | None
    published_at: datetime | None
    url: str

    @property
    def sections(self) -> tuple[tuple[Answer, tuple[Answer, ...]], ...]:
        """The long answers, each with the short remarks that stand in its margin; a remark never opens the page."""
        found: list[tuple[Answer, list[Answer]]] = []
        for answer in self.texts:
            if found and answer.field.id in REMARKS and len(answer.text) <= REMARK:
                found[-1][1].append(answer)
            else:
                found.append((answer, []))
        return tuple((answer, tuple(beside)) for answer, beside in found)

    @property
    def cited(self) -> datetime:
        """Instant whose year a citation names."""
        return self.published_at or self.prototype.updated_at


@blueprint.get("/e/<edition>/p/<prototype>")
@guarded(anyone)
def production(edition: str, prototype: str) -> str:
    """Show a public prototype; one that is not public is not there."""
    del edition, prototype
    with read_db() as db:
        page = production_page(db, the_edition(), the_prototype())
    return render_template("public/production.html", page=page)


@blueprint.get("/e/<edition>/p/<prototype>/files/<field>")
@guarded(anyone)
def prototype_file(edition: str, prototype: str, field: str) -> Response:
    """Send a file of a public prototype: images to look at, anything else to download."""
    del edition, prototype
    shown = the_prototype()
    with read_db() as db:
        query = select(PrototypeFile).where(PrototypeFile.prototype_id == shown.id, PrototypeFile.field == field)
        found = db.exec(query).first()
    if found is None:
        raise NotFound(NOWHERE)
    with house().files.open(found.digest) as file:
        response = Response(file.read(), mimetype=found.media_type)
    if found.media_type not in INLINE:
        response.mimetype = "application/pdf" if found.media_type == "application/pdf" else "application/octet-stream"
        response.headers.set("Content-Disposition", "attachment", filename=found.file_name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.set_etag(found.digest)
    response.make_conditional(request)
    return response


def the_prototype() -> Prototype:
    """Return the prototype of the address when anybody may see it; NotFound otherwise."""
    found = scope().prototype
    if found is None or not found.public:
        raise NotFound(NOWHERE)
    return found


def production_page(db: Session, edition: Edition, prototype: Prototype) -> ProductionPage:
    """Return the page of a public prototype."""
    challenge, team = edition.challenge(prototype.challenge_id), db.get(Team, prototype.team_id)
    if challenge is None or team is None:
        raise NotFound(NOWHERE)
    published = latest(db, edition.id)
    files = _files(db, prototype, challenge)
    answers = [Answer(f, said) for f in challenge.dossier if (said := str(prototype.fields.get(f.id) or "").strip())]
    image = next((f for f in files if f.file.media_type in INLINE), None)
    return ProductionPage(
        edition=edition,
        challenge=challenge,
        prototype=prototype,
        team=team,
        members=_members(db, team),
        summary=summary_of(prototype.fields),
        texts=tuple(a for a in answers if a.field.type == "text" and a.field.id not in LEADING),
        lines=tuple(a for a in answers if a.field.type == "line" and a.field.id not in LEADING),
        links=_links(answers),
        image=image,
        image_size=None if image is None else room_for(image.file.digest),
        image_text=str(prototype.fields.get("screenshot_text") or ""),
        files=tuple(f for f in files if f.file.media_type not in INLINE),
        place=None if published is None else _place(published.results, team.slug),
        published_at=None if published is None else published.published_at,
        url=house().settings.base_url.rstrip("/")
        + url_for("public.production", edition=edition.id, prototype=prototype.slug),
    )


def _links(answers: list[Answer]) -> tuple[Answer, ...]:
    """Return the addresses a visitor may follow, the one to try the prototype first."""
    links = [a for a in answers if a.field.type == "url" and a.text.startswith(("https://", "http://"))]
    return tuple(sorted(links, key=lambda link: link.field.id != "demo"))


def summary_of(fields: Mapping[str, Any]) -> str:
    """Return the three sentences of a prototype in the page's language, French where there is no other."""
    english = str(fields.get("summary_en") or "") if language() == "en" else ""
    return english or str(fields.get("summary") or "")


def ranks_of(results: Mapping[str, Any]) -> dict[str, int]:
    """Return team -> rank of a published ranking."""
    return {row["team"]: row["rank"] for row in results.get("ranking", [])}


def _place(results: Mapping[str, Any], team: str) -> Place | None:
    ranking = results.get("ranking", [])
    row = next((row for row in ranking if row["team"] == team), None)
    return None if row is None else Place(row["rank"], len(ranking), row["total"])


def _files(db: Session, prototype: Prototype, challenge: Challenge) -> tuple[Attached, ...]:
    rows = db.exec(select(PrototypeFile).where(PrototypeFile.prototype_id == prototype.id)).all()
    by_field = {row.field: row for row in rows}
    return tuple(Attached(f, by_field[f.id]) for f in challenge.dossier if f.id in by_field)


def _members(db: Session, team: Team) -> tuple[str, ...]:
    query = (
        select(Person.name)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.team_id == team.id, col(Membership.left_at).is_(None))
        .order_by(col(Membership.joined_at), col(Person.name))
    )
    return tuple(db.exec(query))
