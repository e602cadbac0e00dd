"""Work out again the totals of the schemes that are only shown beside a ranking."""

import math
from collections.abc import Mapping

from datathon.publication.verify.compute import Worked, nine
from datathon.publication.verify.read import Published

PLACES = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)


def beside(published: Published, worked: Mapping[str, Worked], scheme: str) -> dict[str, float]:
    """Return the totals of the ranked teams under a scheme that compares teams with one another."""
    parts = [c for c in published.components if c.weight]
    teams = [w.team for w in worked.values() if w.status == "ranked"]
    columns = {}
    for part in parts:
        values = {t: _value(published, worked[t], part.id) for t in teams}
        columns[part.id] = {t: _normalised(scheme, values, t) for t in teams}
    whole = sum(c.weight for c in parts)
    return {t: nine(math.fsum(c.weight * columns[c.id][t] for c in parts) / whole) for t in teams}


def _value(published: Published, found: Worked, component: str) -> float:
    part = next(c for c in published.components if c.id == component)
    if part.kind == "jury":
        return found.jury or 0.0
    value = published.metrics[component][found.team]
    if part.baseline is None or part.target is None:
        return -value if part.direction == "lower" else value
    share = (nine(value) - nine(part.baseline)) / (nine(part.target) - nine(part.baseline))
    return nine(100 * min(max(share, 0.0), 1.0))


def _normalised(scheme: str, values: Mapping[str, float], team: str) -> float:
    own, every = values[team], list(values.values())
    low, high = min(every), max(every)
    better, equal = sum(v > own for v in every), every.count(own)
    if scheme == "minmax":
        return 100 * (own - low) / (high - low) if high > low else 50.0
    if scheme == "zscore":
        if low == high:
            return 0.0
        mean = math.fsum(every) / len(every)
        return (own - mean) / math.sqrt(math.fsum((v - mean) ** 2 for v in every) / len(every))
    if scheme == "borda":
        return len(every) - better - equal + (equal - 1) / 2
    table = [*PLACES, *[0] * len(every)]
    return sum(table[better : better + equal]) / equal
