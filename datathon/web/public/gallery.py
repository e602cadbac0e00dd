"""The gallery: the prototypes of an edition that were made public."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.kernel.alphabet import alphabetical
from datathon.publication.queries import latest
from datathon.submissions.tables import Prototype, PrototypeFile
from datathon.teams.tables import Team
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import read_db
from datathon.web.paging import Leaf, leaf
from datathon.web.picture_room import room_for
from datathon.web.public.door import blueprint
from datathon.web.public.production import INLINE, ranks_of, summary_of

PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Production:
    """A public prototype in the list; ``rank`` is None without a place in the final ranking."""

    title: str
    slug: str
    summary: str
    team: str
    town: str
    challenge: str
    licence: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a production: its field, what it shows in words, the room it takes in pixels."""

    of: Production
    field: str
    text: str
    size: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Everything the page shows: the ranked productions first, in their order.

    ``picture`` is that of the first production, on the first page: one picture weighs little, twenty-five do not.
    """

    edition: Edition
    shown: Leaf[Production]
    count: int
    prototypes: bool
    picture: Picture | None


@blueprint.get("/e/<edition>/gallery")
@guarded(anyone)
def gallery(edition: str) -> str:
    """Show the public productions."""
    del edition
    with read_db() as db:
        page = gallery_page(db, the_edition(), number=request.args.get("page", 1, type=int))
    return render_template("public/gallery.html", page=page)


def gallery_page(db: Session, edition: Edition, *, number: int) -> GalleryPage:
    """Return page ``number`` (from 1) of the gallery of an edition."""
    published = latest(db, edition.id)
    ranks = {} if published is None else ranks_of(published.results)
    query = (
        select(Prototype, Team)
        .join(Team, col(Team.id) == col(Prototype.team_id))
        .where(Prototype.edition_id == edition.id, col(Prototype.public).is_(True))
        .order_by(col(Prototype.slug))
    )
    rows = {prototype.slug: (prototype, team) for prototype, team in db.exec(query)}
    found = [_production(prototype, team, ranks) for prototype, team in rows.values()]
    found.sort(key=lambda shown: (shown.rank is None, shown.rank or 0, alphabetical(shown.title)))
    shown = leaf(found, number, per_page=PER_PAGE)
    return GalleryPage(
        edition=edition,
        shown=shown,
        count=len(found),
        prototypes=any(c.takes_prototypes for c in edition.challenges),
        picture=_picture(db, found[0], rows[found[0].slug][0]) if found and shown.page == 1 else None,
    )


def _production(prototype: Prototype, team: Team, ranks: Mapping[str, int]) -> Production:
    return Production(
        title=prototype.title,
        slug=prototype.slug,
        summary=summary_of(prototype.fields),
        team=team.name,
        town=team.town,
        challenge=prototype.challenge_id,
        licence=str(prototype.fields.get("licence", "")),
        rank=ranks.get(team.slug),
    )


def _picture(db: Session, shown: Production, prototype: Prototype) -> Picture | None:
    query = select(PrototypeFile).where(
        PrototypeFile.prototype_id == prototype.id, col(PrototypeFile.media_type).in_(INLINE)
    )
    file = db.exec(query.order_by(col(PrototypeFile.field))).first()
    text = str(prototype.fields.get("screenshot_text") or "")
    return None if file is None else Picture(shown, file.field, text, room_for(file.digest))
