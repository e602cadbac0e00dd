"""Hold what a results file says of the certainty of its metrics against the metrics themselves.

The figures come from errors row by row that are kept secret: beside the predictions they would tell the hidden answers.
They cannot be drawn again from the file; that they fit the values, the ranks and one another can be checked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from datathon.publication.verify.read import Component, NotResultsError, Published, number

STATES = ("ready", "computing", "none")
ROUNDING = 5e-5
"""Shares have four decimals."""


def uncertain(published: Published) -> Iterator[str]:
    """Yield what is wrong with the intervals of a results file; nothing where it has none."""
    given = published.whole.get("intervals", {})
    if not isinstance(given, Mapping):
        yield "intervals: an object expected"
        return
    metrics = {c.id: c for c in published.components if c.kind == "metric"}
    for name, known in given.items():
        where = f"intervals.{name}"
        if name not in metrics or not isinstance(known, Mapping) or known.get("state") not in STATES:
            yield f"{where}: a metric of this file and a state ({', '.join(STATES)}) expected"
        elif known["state"] == "ready":
            try:
                yield from _ready(where, published, metrics[name], known)
            except (NotResultsError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                yield f"{where}: {error}"[:200]


def _ready(where: str, published: Published, metric: Component, known: Mapping[str, Any]) -> Iterator[str]:
    lines, values = known["teams"], published.metrics[metric.id]
    teams = [str(line["team"]) for line in lines]
    ranked = {row["team"] for row in published.ranking} & set(values)
    if set(teams) != ranked or len(teams) != len(ranked):
        yield f"{where}.teams: {len(teams)} in the file, the {len(ranked)} ranked teams with a value expected"
        return
    unit = 10.0 ** -_decimals(published, metric)
    keys = [values[team] if metric.direction == "lower" else -values[team] for team in teams]
    for n, line in enumerate(lines):
        own = f"{where}.teams[{n}] ({teams[n]})"
        # Scores that a last decimal separates may have been equal before they were rounded, and the other way round.
        first = 1 + sum(key < keys[n] - 1.5 * unit for key in keys)
        last = len(keys) - sum(key > keys[n] + 1.5 * unit for key in keys)
        if n and keys[n] < keys[n - 1] - 1.5 * unit:
            yield f"{own}: better than the team before it"
        for name in ("ranks", "drawn"):
            low, high = (int(rank) for rank in line[name])
            if not 1 <= low <= high <= len(keys):
                yield f"{own}: {name} from {low} to {high} among {len(keys)} teams"
            elif name == "ranks" and (high < first or low > last):
                yield f"{own}: ranks from {low} to {high}, its value has rank {first}"
        if not 0 <= number(line["p_first"], own) <= number(line["p_podium"], own) <= 1:
            yield f"{own}: shares of the draws that are none"
    for name, most in (("p_first", 1), ("p_podium", min(3, len(teams)))):
        total = sum(number(line[name], where) for line in lines)
        # Every draw has somebody in each of these places; ranks are shared, so that it may be more.
        if total < most - len(teams) * ROUNDING:
            yield f"{where}: {name} sums to {total:g}, at least {most} expected"
    yield from _groups(where, teams, known)


def _groups(where: str, teams: list[str], known: Mapping[str, Any]) -> Iterator[str]:
    tied: dict[str, set[str]] = {team: set() for team in teams}
    for n, group in enumerate(known["groups"]):
        places = [teams.index(team) for team in group]
        if len(places) < 2 or places != list(range(places[0], places[0] + len(places))):
            yield f"{where}.groups[{n}]: neighbours expected"
        for team in group:
            tied[team] |= set(group) - {team}
    for line in known["teams"]:
        if set(line["tied"]) != tied[line["team"]]:
            yield f"{where}: {line['team']}: tied with others than the groups say"


def _decimals(published: Published, metric: Component) -> int:
    given = next(c for c in published.whole["components"] if c["id"] == metric.id)
    return int(given.get("metric_decimals", 6))
