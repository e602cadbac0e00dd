"""Why a team ends where it does, read from the object of results.json alone. Pure.

Nothing is merged again: pieces, gaps and what-ifs follow from the numbers that were published, so that whoever has the
file can check every sentence. Sources: ranking specification 4.8 (contributions) and 4.9 (weights at which teams swap).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datathon.editions.rules import Component
from datathon.jury.grid import exact
from datathon.leaderboard.rules import quantise, shared_ranks
from datathon.leaderboard.schemes import also_shown, beaten_share, geometric_mean, weighted_mean
from datathon.leaderboard.sensitivity import Swap, reweighted, shares, swaps, total_at

LEAST_SHEETS = 3
"""Sheets below which no spread is shown: with two, each juror would read the other's marks."""

Results = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a criterion, the correction of severity, a metric or the public vote adds to a total, in points. ``kind`` says which it is."""

    id: str
    kind: str
    points: float


@dataclass(frozen=True, slots=True)
class Stack:
    """A ranked team and the pieces that sum to its total."""

    team: str
    name: str
    rank: int
    total: float
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A team's mean on one criterion, in points of ``maximum``.

    ``low`` and ``high`` are its lowest and highest sheet, None below three sheets; ``least`` and ``most`` the means of
    the teams at the two ends; ``place`` counts the teams with a higher mean, plus one.
    """

    id: str
    title: Mapping[str, str]
    maximum: float
    mean: float
    low: float | None
    high: float | None
    least: float
    most: float
    place: int


@dataclass(frozen=True, slots=True)
class Need:
    """What one component alone would have had to give to pass the next team; ``value`` is a metric's, None for a jury.

    ``score`` is on 0 to 100, ``more`` what it lacks to it. Both are rounded up, so that they suffice.
    """

    component: str
    kind: str
    score: float
    more: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Variant:
    """The rank under other rules; ``worst`` differs where the subject stands for several computations."""

    subject: str
    rank: int
    worst: int


@dataclass(frozen=True, slots=True)
class Why:
    """Everything about one team. ``above`` and ``below`` are the neighbours by rank; the rest is empty without a rank."""

    team: Mapping[str, Any]
    own: Stack | None
    above: Stack | None
    below: Stack | None
    sheets: int
    jurors: int
    jury_raw: float | None
    jury_fair: float | None
    marks: tuple[Mark, ...]
    needs: tuple[Need, ...]
    swaps: tuple[Swap, ...]
    variants: tuple[Variant, ...]
    stacks: tuple[Stack, ...]


def why(results: Results, team: str) -> Why | None:
    """Return what explains the place of one team; None when the results do not know it."""
    known = next((t for t in results["teams"] if t["id"] == team), None)
    if known is None:
        return None
    stacks = tuple(stack_of(results, row) for row in results["ranking"])
    place = next((n for n, s in enumerate(stacks) if s.team == team), None)
    row = next((r for r in results["ranking"] if r["team"] == team), known)
    own = None if place is None else stacks[place]
    above = None if own is None else next((s for s in reversed(stacks) if s.rank < own.rank), None)
    below = None if own is None else next((s for s in stacks if s.rank > own.rank), None)
    return Why(
        team=known,
        own=own,
        above=above,
        below=below,
        sheets=sum(s["team"] == team for s in results["sheets"]),
        jurors=len({s["juror"] for s in results["sheets"]}),
        jury_raw=row.get("jury_raw"),
        jury_fair=row.get("jury_fair"),
        marks=marks_of(results, team),
        needs=() if own is None or above is None else needs_of(results, own, above),
        swaps=() if own is None else swaps_of(results, team),
        variants=() if own is None else variants_of(results, team),
        stacks=stacks,
    )


def components_of(results: Results) -> tuple[Component, ...]:
    """Return the components of a results object as the ranking's own."""
    return tuple(
        Component(
            c["id"], c["kind"], c["weight"], c.get("challenge", ""), c.get("direction"), c.get("baseline"), c.get("target")
        )
        for c in results["components"]
    )  # fmt: skip


def rows_of(results: Results) -> dict[str, dict[str, float]]:
    """Return component -> score of each ranked team, best first; empty where the file is too old to hold them."""
    return {row["team"]: dict(row["scores"]) for row in results["ranking"] if row.get("scores")}


def stack_of(results: Results, row: Mapping[str, Any]) -> Stack:
    """Split one total: the jury's part by criterion and correction, then the metrics. The pieces sum to it to 1e-9."""
    names = {t["id"]: t["name"] for t in results["teams"]}
    parts: Mapping[str, float] = row.get("contributions", {})
    pieces: list[Piece] = []
    for component in sorted(results["components"], key=lambda c: c["kind"] != "jury"):
        points = parts.get(component["id"])
        if points is None:
            continue
        if component["kind"] == "jury" and row.get("criteria"):
            pieces.extend(_jury_pieces(results, row, points))
        else:
            pieces.append(Piece(component["id"], component["kind"], points))
    return Stack(row["team"], names[row["team"]], row["rank"], row["total"], tuple(pieces))


def _jury_pieces(results: Results, row: Mapping[str, Any], points: float) -> list[Piece]:
    """Split the jury's points in the proportions of the raw marks; what the correction moved stands apart."""
    maximum = math.fsum(c.get("weight", c["max"]) for c in results["criteria"])
    jury, raw = row["jury"] or 0.0, row["jury_raw"] or 0.0
    corrected = results["scheme"] in {"fixed", "geometric"} and jury > 0 and jury != raw
    whole = jury if corrected else raw
    per_point = points / whole if whole else 0.0
    pieces = [
        Piece(c["id"], "criterion", per_point * 100 * row["criteria"][c["id"]] * scale_of(c) / maximum)
        for c in results["criteria"]
    ]
    if corrected:
        pieces.append(Piece("correction", "correction", per_point * (jury - raw)))
    return pieces


def scale_of(criterion: Mapping[str, Any]) -> float:
    """Return the points of the total that one point of a criterion's mark is worth; 1 where marks are not weighted."""
    return float(criterion["weight"] / criterion["max"]) if "weight" in criterion else 1.0


def marks_of(results: Results, team: str) -> tuple[Mark, ...]:
    """Return the team's mean on each criterion among those of all graded teams; empty when nobody graded it."""
    by_team: dict[str, list[Mapping[str, float]]] = {}
    for sheet in results["sheets"]:
        by_team.setdefault(sheet["team"], []).append(sheet["marks"])
    own = by_team.get(team)
    if not own:
        return ()
    found = []
    for criterion in results["criteria"]:
        name = criterion["id"]
        means = {t: exact(math.fsum(m[name] for m in given) / len(given)) for t, given in by_team.items()}
        spread = [m[name] for m in own] if len(own) >= LEAST_SHEETS else []
        found.append(
            Mark(
                id=name,
                title=criterion.get("title") or {"fr": name},
                maximum=criterion["max"],
                mean=means[team],
                low=min(spread, default=None),
                high=max(spread, default=None),
                least=min(means.values()),
                most=max(means.values()),
                place=1 + sum(mean > means[team] for mean in means.values()),
            )
        )
    return tuple(found)


def needs_of(results: Results, own: Stack, above: Stack) -> tuple[Need, ...]:
    """Return, for each component, the score that alone would have passed ``above``; those that cannot are left out."""
    components = [c for c in components_of(results) if c.weight]
    row = rows_of(results).get(own.team)
    if row is None or results["scheme"] not in {"fixed", "geometric"}:
        return ()
    found = []
    for component in components:
        steps = _jury_steps(row, component) if component.kind == "jury" else _metric_steps(results, component)
        need = _first_enough(steps, results, components, own, above)
        if need is not None:
            score, value = need
            found.append(Need(component.id, component.kind, score, score - row[component.id], value))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Scores one may have, from ``first`` in steps of ``width`` on the component's own scale, better ones later."""

    component: Component
    start: float
    width: float
    count: int

    def at(self, n: int) -> tuple[float, float | None]:
        """Return score (0 to 100) and value (None for a jury) of step ``n``."""
        value = exact(self.start + n * self.width)
        low, high = self.component.baseline, self.component.target
        if self.component.kind == "jury" or low is None or high is None:
            return min(value, 100.0), None
        return exact(100 * min(max((value - low) / (high - low), 0.0), 1.0)), value


def _jury_steps(row: Mapping[str, float], component: Component) -> _Steps:
    start = row[component.id]
    return _Steps(component, start, 0.1, max(0, math.floor(exact((100 - start) * 10))))


def _metric_steps(results: Results, component: Component) -> _Steps:
    """Step from the baseline to the target by the metric's declared decimals."""
    decimals = next(c.get("metric_decimals", 4) for c in results["components"] if c["id"] == component.id)
    low, high = component.baseline or 0.0, component.target or 0.0
    width = 10.0**-decimals if high > low else -(10.0**-decimals)
    start = math.floor(low / width) * width
    return _Steps(component, start, width, math.floor(exact((high - start) / width)))


def _first_enough(
    steps: _Steps, results: Results, components: Sequence[Component], own: Stack, above: Stack
) -> tuple[float, float | None] | None:
    """Return the first step whose total passes ``above``, by bisection: totals rise with the score."""
    row = rows_of(results)[own.team]
    mean = geometric_mean if results["scheme"] == "geometric" else weighted_mean
    decimals = results["decimals"]

    def enough(n: int) -> bool:
        total = mean(components, {**row, steps.component.id: steps.at(n)[0]})
        return quantise(total, decimals) > quantise(above.total, decimals)

    low, high = 0, steps.count
    if not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return steps.at(low)


def varied(results: Results) -> str | None:
    """Return the component whose weight the page varies: the first metric with a weight; None where it decides alone.

    A jury beside a public vote alone is not varied: the rules cap the vote.
    """
    if results["scheme"] != "fixed":
        return None
    weighted = [c for c in components_of(results) if c.weight]
    first = next((c.id for c in weighted if c.kind == "metric"), None)
    return first if len(weighted) > 1 else None


def swaps_of(results: Results, team: str) -> tuple[Swap, ...]:
    """Return the weights of the first metric at which this team's total equals another's, the nearest first."""
    component, rows = varied(results), rows_of(results)
    if component is None or team not in rows:
        return ()
    parts = [c for c in components_of(results) if c.weight]
    return tuple(s for s in swaps(parts, rows, component) if team in (s.ahead, s.behind))


def ends(results: Results) -> dict[str, tuple[float, float]]:
    """Return each ranked team's totals where the varied component weighs nothing and where it weighs everything."""
    component = varied(results)
    if component is None:
        return {}
    declared = shares([c for c in components_of(results) if c.weight])
    return {
        team: (total_at(reweighted(declared, component, 0.0), row), row[component])
        for team, row in rows_of(results).items()
    }


def variants_of(results: Results, team: str) -> tuple[Variant, ...]:
    """Return the team's rank with weights 10 % lower or higher, by each component alone and under other schemes.

    Only ranked teams take part, and equal totals share their rank: the tie chain is left aside.
    """
    parts = [c for c in components_of(results) if c.weight]
    rows, decimals = rows_of(results), results["decimals"]
    if team not in rows or results["scheme"] == "rank":
        return ()

    def rank(totals: Mapping[str, float]) -> int:
        ranks = shared_ranks([(-quantise(totals[t], decimals),) for t in rows])
        return ranks[list(rows).index(team)]

    found = []
    if len(parts) > 1:
        declared = shares(parts)
        nudged = [
            rank({t: total_at({**declared, c: w * factor}, row) for t, row in rows.items()})
            for c, w in declared.items()
            for factor in (0.9, 1.1)
        ]
        found.append(Variant("nudged", min(nudged), max(nudged)))
        found.extend(_plain(f"only:{c.id}", rank({t: row[c.id] for t, row in rows.items()})) for c in parts)
    if results["scheme"] != "geometric":
        found.append(_plain("geometric", rank({t: geometric_mean(parts, row) for t, row in rows.items()})))
    columns = {c.id: beaten_share({t: row[c.id] for t, row in rows.items()}) for c in parts}
    found.append(_plain("rank", rank({t: weighted_mean(parts, {c: columns[c][t] for c in columns}) for t in rows})))
    found.append(_plain("points", rank(also_shown("points", parts, rows))))
    return tuple(found)


def _plain(subject: str, rank: int) -> Variant:
    return Variant(subject, rank, rank)
