"""What a reader must know about how a ranking was computed, as sentences of the catalogue. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datathon.jury.panel import islands
from datathon.leaderboard.merge import Inputs, Standing, corrects

CLIPPED_SHARE = 0.2
"""Share of the metric's values beyond the anchors above which the anchors were badly chosen."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of the catalogue with its parameters."""

    message: str
    params: Mapping[str, Any]


def ranking_remarks(inputs: Inputs, standings: tuple[Standing, ...]) -> tuple[Remark, ...]:
    """Return what deserves a second look: anchors that clip, a scheme that compares teams, severity, eligibility."""
    return (*_scheme(inputs), *_clipped(inputs), *_severity(inputs, standings), *_sensitive(standings))


def _scheme(inputs: Inputs) -> Iterator[Remark]:
    if inputs.plan.scheme == "rank":
        yield Remark(
            "The scheme compares teams by their places: a team that comes or goes can change the order of two others.",
            {},
        )
    if inputs.plan.also_shown:
        yield Remark(
            "Totals of other schemes stand beside and decide nothing: under them, a team that loses can change the winner.",
            {},
        )


def _clipped(inputs: Inputs) -> Iterator[Remark]:
    for component in inputs.plan.components:
        low, high = component.baseline, component.target
        values = list(inputs.metrics.get(component.id, {}).values())
        if component.kind != "metric" or low is None or high is None or not values:
            continue
        beyond = sum(not min(low, high) <= value <= max(low, high) for value in values)
        if beyond > CLIPPED_SHARE * len(values):
            yield Remark(
                "%(count)s of %(all)s values of “%(component)s” lie beyond its anchors and count as 0 or 100.",
                {"count": beyond, "all": len(values), "component": component.id},
            )


def _severity(inputs: Inputs, standings: tuple[Standing, ...]) -> Iterator[Remark]:
    names = {s.team: s.name for s in standings}
    frozen = inputs.correction
    parts = islands((s.juror, s.team) for s in inputs.sheets)
    if len(parts) > 1:
        yield Remark(
            "The jury fell into %(count)s panels without a common member: %(panels)s. Between them, marks do not compare; severity is not corrected.",
            {"count": len(parts), "panels": " | ".join(", ".join(names.get(t, t) for t in p.teams) for p in parts)},
        )
    elif frozen.applied and not corrects(frozen, inputs.sheets):
        yield Remark("What remains of the jury’s sheets is complete: the corrected scores equal the raw means.", {})
    if frozen.applied and frozen.method == "fixed" and frozen.why == "announced":
        yield Remark(
            "Severity is corrected with a fixed lambda of %(lam)s: announced so, or too few sheets to estimate one.",
            {"lam": frozen.lam},
        )
    if corrects(frozen, inputs.sheets) and not frozen.applied:
        yield Remark(
            "Not every member of the jury graded every team. The rules announce no correction: the corrected scores are shown, the raw means count.",
            {},
        )


def _sensitive(standings: tuple[Standing, ...]) -> Iterator[Remark]:
    for standing in standings:
        if standing.sensitive:
            yield Remark(
                "%(team)s: the corrected score falls on the other side of the threshold. Eligibility is decided on the raw marks.",
                {"team": standing.name},
            )
