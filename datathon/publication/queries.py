"""Published rankings, read for pages and for results.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from datathon.people.tables import Person
from datathon.publication.tables import PublishedRanking

REASONS: Mapping[str, str] = {
    "below_threshold": "under the jury's threshold",
    "below_criterion": "under the threshold of a criterion",
    "decided": "declared ineligible by the organisers",
    "out_of_competition": "out of competition",
    "withdrawn": "withdrew",
    "no_jury": "graded by no member of the jury",
    "no_metric": "no scored submission",
    "no_vote": "no prototype that could be voted for",
}
"""Why a team has no rank: code in results.json -> sentence of the catalogue."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One published version; ``results`` is the object of results.json."""

    version: int
    published_at: datetime
    reason: str
    by: str
    results: Mapping[str, Any]


def publications(db: Session, edition_id: str) -> tuple[Publication, ...]:
    """Return every published version, the newest first; the newest is the one that holds."""
    query = (
        select(PublishedRanking, Person.name)
        .join(Person, col(Person.id) == col(PublishedRanking.published_by))
        .where(PublishedRanking.edition_id == edition_id)
        .order_by(col(PublishedRanking.version).desc())
    )
    return tuple(Publication(r.version, r.published_at, r.reason, name, r.results) for r, name in db.exec(query))


def latest(db: Session, edition_id: str) -> Publication | None:
    """Return the publication that holds, None before the announcement."""
    return next(iter(publications(db, edition_id)), None)
