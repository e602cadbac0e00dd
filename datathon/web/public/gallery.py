"""The gallery: the prototypes of an edition that were made public."""

from dataclasses import dataclass

from flask import render_template, request
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition
from datathon.kernel.alphabet import alphabetical
from datathon.publication.queries import latest
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import read_db
from datathon.web.paging import Leaf, leaf
from datathon.web.public.door import blueprint
from datathon.web.public.production import ranks_of, summary_of

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
class GalleryPage:
    """Everything the page shows: the ranked productions first, in their order."""

    edition: Edition
    shown: Leaf[Production]
    count: int
    prototypes: bool


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
    found = [
        Production(
            title=prototype.title,
            slug=prototype.slug,
            summary=summary_of(prototype.fields),
            team=team.name,
            town=team.town,
            challenge=prototype.challenge_id,
            licence=str(prototype.fields.get("licence", "")),
            rank=ranks.get(team.slug),
        )
        for prototype, team in db.exec(query)
    ]
    found.sort(key=lambda shown: (shown.rank is None, shown.rank or 0, alphabetical(shown.title)))
    return GalleryPage(
        edition, leaf(found, number, per_page=PER_PAGE), len(found), any(c.takes_prototypes for c in edition.challenges)
    )
