"""A challenge's page: statement, metric, data, format, what counts."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for

from datathon.editions.contract import contract
from datathon.editions.rules import (
    Challenge,
    Column,
    DataFile,
    DossierField,
    Edition,
    Metric,
    PhaseKind,
    PhaseState,
    Rubric,
    Window,
)
from datathon.editions.shipped import direction_of
from datathon.web.guards import Scope, anyone, guarded, scope, the_challenge, the_edition
from datathon.web.public.article import Article, article
from datathon.web.public.data import downloads
from datathon.web.public.door import blueprint
from datathon.web.public.edition import in_order
from datathon.web.show import text


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """Columns of the same kind, first to last; ``last`` is "" for one column alone."""

    first: str
    last: str
    count: int
    column: Column


@dataclass(frozen=True, slots=True)
class MetricLine:
    """A metric and its direction, "lower" or "higher" is better."""

    metric: Metric
    direction: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do from here."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class ChallengePage:
    """Everything the page shows.

    ``rows`` counts the rows of a prediction file, None without a sample; ``contracted`` says that its contract can be had.
    """

    edition: Edition
    challenge: Challenge
    number: int
    article: Article
    files: tuple[DataFile, ...]
    size: int
    rows: int | None
    columns: tuple[ColumnLine, ...]
    metrics: tuple[MetricLine, ...]
    dossier: tuple[DossierField, ...]
    rubric: Rubric | None
    closes: datetime | None
    prototypes_close: datetime | None
    actions: tuple[Action, ...]
    contracted: bool = False


@blueprint.get("/e/<edition>/c/<challenge>")
@guarded(anyone)
def challenge(edition: str, challenge: str) -> str:
    """Show a challenge to whoever comes by."""
    del edition, challenge
    page = challenge_page(the_edition(), the_challenge(), scope())
    return render_template("public/challenge.html", page=page)


def challenge_page(edition: Edition, challenge: Challenge, here: Scope) -> ChallengePage:
    """Return the page of a challenge as ``here`` may use it."""
    files = tuple(file for file, _path in downloads(challenge))
    rubric = edition.rubric if edition.rubric is not None and edition.rubric.challenge == challenge.id else None
    return ChallengePage(
        edition=edition,
        challenge=challenge,
        number=1 + in_order(edition).index(challenge),
        article=article(text(challenge.description)),
        files=files,
        size=sum(file.size for file in files),
        rows=next((file.rows for file in files if file.name == challenge.sample), None),
        columns=column_lines(challenge.submission.columns) if challenge.submission else (),
        metrics=tuple(MetricLine(m, m.direction or direction_of(m.function)) for m in challenge.metrics),
        dossier=challenge.dossier,
        rubric=rubric,
        closes=_closing(here.windows, PhaseKind.SUBMISSIONS),
        prototypes_close=_closing(here.windows, PhaseKind.PROTOTYPES),
        actions=_actions(edition, challenge, here),
        contracted=contract(challenge) is not None,
    )


def column_lines(columns: tuple[Column, ...]) -> tuple[ColumnLine, ...]:
    """Return the columns with neighbours of the same type and bounds drawn together."""
    lines: list[ColumnLine] = []
    for column in columns:
        last = lines[-1] if lines else None
        if last is not None and _kind(last.column) == _kind(column):
            lines[-1] = ColumnLine(last.first, column.name, last.count + 1, last.column)
        else:
            lines.append(ColumnLine(column.name, "", 1, column))
    return tuple(lines)


def _kind(column: Column) -> tuple[object, ...]:
    return column.type, column.minimum, column.maximum, column.values


def _closing(windows: tuple[Window, ...], kind: PhaseKind) -> datetime | None:
    ends = [w.closes for w in windows if w.phase.kind is kind and w.closes is not None]
    return max(ends, default=None)


def _actions(edition: Edition, challenge: Challenge, here: Scope) -> tuple[Action, ...]:
    states = {w.phase.kind for w in here.windows if w.state is PhaseState.OPEN}
    given = []
    if here.own_team is None and PhaseKind.REGISTRATION in states:
        given.append(Action("team", url_for("participant.team", edition=edition.id)))
    if here.own_team is not None and challenge.takes_predictions and PhaseKind.SUBMISSIONS in states:
        given.append(Action("submit", url_for("participant.submit", edition=edition.id, challenge=challenge.id)))
    if here.own_team is not None and challenge.takes_prototypes and PhaseKind.PROTOTYPES in states:
        given.append(Action("prototype", url_for("participant.prototype", edition=edition.id, challenge=challenge.id)))
    return tuple(given)
