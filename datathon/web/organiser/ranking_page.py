"""The final ranking as the organisers look at it before they publish: rows, bars, who is not ranked. Without Flask."""

from collections.abc import Mapping
from dataclasses import dataclass

from datathon.editions.rules import Rubric
from datathon.leaderboard.merge import Standing
from datathon.publication.preview import Preview

TINTS = ("f3", "f2")
"""Tints of neighbouring criteria; the metric is drawn in ink."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a bar: ``start`` and ``width`` in points of the total (0 to 100), the ``label`` written on it."""

    start: float
    width: float
    label: str
    tint: str

    @property
    def centre(self) -> float:
        """Where its label stands."""
        return self.start + self.width / 2


@dataclass(frozen=True, slots=True)
class Row:
    """One ranked team. ``beside``: the raw mean where a corrected score counts, the corrected one where it does not."""

    rank: int
    name: str
    slug: str
    total: float
    shared: bool
    jury: float | None
    beside: float | None
    metric: float | None
    value: float | None
    submission: int | None
    chosen: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """One team without rank and the code of the reason."""

    name: str
    status: str
    reason: str
    jury: float | None
    metric: float | None


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the figure's key: the label on the bars, the id of its criterion or component."""

    label: str
    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class RankingPage:
    """Everything the page shows."""

    rows: tuple[Row, ...]
    others: tuple[Other, ...]
    keys: tuple[Key, ...]

    @property
    def ties(self) -> int:
        """How many teams share their rank with another."""
        return sum(row.shared for row in self.rows)


def ranking_page(preview: Preview, rubric: Rubric | None) -> RankingPage:
    """Return the page of a preview."""
    ranked = [s for s in preview.standings if s.status == "ranked"]
    others = [s for s in preview.standings if s.status != "ranked"]
    return RankingPage(
        tuple(_row(s, preview, rubric) for s in ranked),
        tuple(Other(s.name, s.status, s.reason or "", s.jury, _metric(s, preview)) for s in others),
        _keys(preview, rubric),
    )


def _first_metric(preview: Preview) -> str | None:
    return next((c.id for c in preview.plan.components if c.kind == "metric"), None)


def _metric(standing: Standing, preview: Preview) -> float | None:
    component = _first_metric(preview)
    return None if component is None else standing.scores.get(component)


def _row(standing: Standing, preview: Preview, rubric: Rubric | None) -> Row:
    counted = _counted(preview).get(standing.team, {})
    return Row(
        rank=standing.rank or 0,
        name=standing.name,
        slug=standing.team,
        total=standing.total or 0.0,
        shared=standing.shared,
        jury=standing.jury,
        beside=_beside(standing),
        metric=_metric(standing, preview),
        value=preview.results["metric"].get(standing.team),
        submission=counted.get("submission"),
        chosen=bool(counted.get("chosen")),
        segments=_segments(standing, preview, rubric),
    )


def _beside(standing: Standing) -> float | None:
    if standing.jury_fair is None:
        return None
    return standing.jury_fair if standing.jury == standing.jury_raw else standing.jury_raw


def _counted(preview: Preview) -> Mapping[str, Mapping[str, int]]:
    component = _first_metric(preview)
    return {} if component is None else preview.results["counted"].get(component, {})


def _segments(standing: Standing, preview: Preview, rubric: Rubric | None) -> tuple[Segment, ...]:
    """Split a total into its pieces, the jury's criteria first, then the metrics; they sum to the total."""
    segments: list[Segment] = []
    start = 0.0
    parts = {c.component: c.points for c in standing.contributions}
    for key in _keys(preview, rubric):
        if key.kind == "criterion" and rubric is not None:
            points = sum(parts[c.id] for c in preview.plan.components if c.kind == "jury" and c.id in parts)
            whole = standing.jury_points or 0.0
            width = points * standing.criteria[key.id] / whole if whole else 0.0
            tint = TINTS[len(segments) % 2]
        else:
            width, tint = parts.get(key.id, 0.0), {"vote": "f2", "jury": "f3"}.get(key.kind, "fi")
        segments.append(Segment(round(start, 4), round(width, 4), key.label, tint))
        start += width
    return tuple(segments)


def _keys(preview: Preview, rubric: Rubric | None) -> tuple[Key, ...]:
    criteria: tuple[Key, ...] = ()
    if rubric is not None and any(c.kind == "jury" and c.weight for c in preview.plan.components):
        criteria = tuple(Key(str(n), c.id, "criterion") for n, c in enumerate(rubric.criteria, start=1))
    if rubric is None:  # a jury that compares two by two has a score, and no criterion in it
        criteria = tuple(Key("J", c.id, "jury") for c in preview.plan.components if c.kind == "jury" and c.weight)
    metrics = [c for c in preview.plan.components if c.kind == "metric" and c.weight]
    labels = ["M"] if len(metrics) == 1 else [f"M{n}" for n in range(1, len(metrics) + 1)]
    votes = tuple(Key("V", c.id, "vote") for c in preview.plan.components if c.kind == "vote" and c.weight)
    return (*criteria, *(Key(label, c.id, "metric") for label, c in zip(labels, metrics, strict=True)), *votes)
