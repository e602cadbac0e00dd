"""An edition's page: where it stands, its challenges, its calendar, its documents."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import render_template
from sqlmodel import Session

from datathon.editions.rules import Challenge, Component, Edition, PhaseKind, Window, is_open
from datathon.jury.pitch_tables import PitchRun
from datathon.publication.queries import latest
from datathon.web.guards import anyone, guarded, scope, the_edition
from datathon.web.house import now, read_db
from datathon.web.public.calendar import Chart, Dated, chart, milestones
from datathon.web.public.door import blueprint
from datathon.web.public.facts import Counts, counts


@dataclass(frozen=True, slots=True)
class ChallengeLine:
    """A challenge in the table; ``criteria`` counts those of the jury's rubric, 0 when no jury grades it."""

    challenge: Challenge
    criteria: int
    shares: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class EditionPage:
    """Everything the page shows. ``days_left`` counts whole local days until the last one; 0 once it is over."""

    edition: Edition
    starts: date
    ends: date
    counts: Counts
    days_left: int
    lines: tuple[ChallengeLine, ...]
    weights: tuple[tuple[Component, int], ...]
    dates: tuple[Dated, ...]
    chart: Chart
    published: bool
    may_register: bool
    pitching: bool = False
    voting: bool = False


@blueprint.get("/e/<edition>")
@guarded(anyone)
def edition(edition: str) -> str:
    """Show where an edition stands."""
    del edition
    here = scope()
    with read_db() as db:
        page = edition_page(db, the_edition(), here.windows, starts=here.starts or date.min, now=now())
    return render_template("public/edition.html", page=page)


def edition_page(
    db: Session, edition: Edition, windows: tuple[Window, ...], *, starts: date, now: datetime
) -> EditionPage:
    """Return the page of an edition that starts on ``starts``, at ``now``."""
    ends = starts + timedelta(days=edition.days - 1)
    weights = shares(edition)
    return EditionPage(
        edition=edition,
        starts=starts,
        ends=ends,
        counts=counts(db, edition, windows, now=now),
        days_left=max(0, (ends - now.astimezone(edition.zone).date()).days),
        lines=tuple(_line(edition, challenge, weights) for challenge in in_order(edition)),
        weights=weights,
        dates=milestones(edition, starts=starts, now=now),
        chart=chart(edition, windows, starts=starts, now=now),
        published=latest(db, edition.id) is not None,
        may_register=is_open(windows, PhaseKind.REGISTRATION),
        pitching=db.get(PitchRun, edition.id) is not None,
        voting=edition.vote is not None,
    )


def shares(edition: Edition) -> tuple[tuple[Component, int], ...]:
    """Return each component of the final ranking with its share in percent."""
    if edition.ranking is None:
        return ()
    whole = sum(c.weight for c in edition.ranking.components) or 1
    return tuple((c, round(100 * c.weight / whole)) for c in edition.ranking.components)


def in_order(edition: Edition) -> tuple[Challenge, ...]:
    """Return the challenges as the final ranking names them, then the others."""
    named = [] if edition.ranking is None else [c.challenge for c in edition.ranking.components]
    return tuple(sorted(edition.challenges, key=lambda c: named.index(c.id) if c.id in named else len(named)))


def _line(edition: Edition, challenge: Challenge, weights: tuple[tuple[Component, int], ...]) -> ChallengeLine:
    rubric = edition.rubric
    graded = rubric is not None and rubric.challenge == challenge.id
    mine = tuple((c.kind, share) for c, share in weights if c.challenge == challenge.id)
    return ChallengeLine(challenge, len(rubric.criteria) if rubric is not None and graded else 0, mine)
