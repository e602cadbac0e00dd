"""Comparisons two by two in words and as a drawing, read from the object of results.json alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.web import show

SURE = 1.96
"""Standard deviations on each side of a strength that hold it with 95 % of chance."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One team: comparisons won and lost (a tie is half of each), its strength and half of the interval at 95 %.

    ``next`` is the chance to be preferred to the next line, None for the last. ``low``, ``middle`` and ``high`` place the
    interval on 0 to 100.
    """

    team: str
    name: str
    won: float
    lost: float
    theta: float
    margin: float
    next: float | None
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Compared:
    """All compared teams, the strongest first; ``says`` how many comparisons there were, ``role`` what they decide."""

    lines: tuple[ComparedLine, ...]
    says: str
    role: str
    apart: str


def compared_of(results: Mapping[str, Any]) -> Compared | None:
    """Return the comparisons of a results object, None where none were made."""
    given = results.get("pairwise")
    if given is None or not given["wins"]:
        return None
    names = {team["id"]: team["name"] for team in results["teams"]}
    won, lost = _balance(given)
    teams = sorted(given["teams"], key=lambda t: (-given["theta"][t], names[t].casefold()))
    reach = {t: SURE * given["sd"][t] for t in teams}
    least = min(given["theta"][t] - reach[t] for t in teams)
    most = max(given["theta"][t] + reach[t] for t in teams)
    scale = 100 / (most - least) if most > least else 0.0
    lines = []
    for n, team in enumerate(teams):
        theta, margin = given["theta"][team], reach[team]
        low, middle, high = (round((x - least) * scale, 2) for x in (theta - margin, theta, theta + margin))
        beats = _preferred(theta, given["theta"][teams[n + 1]]) if n + 1 < len(teams) else None
        lines.append(ComparedLine(team, names[team], won[team], lost[team], theta, margin, beats, low, middle, high))
    count = round(sum(sum(pair["wins"]) for pair in given["wins"]))
    return Compared(
        tuple(lines),
        ngettext("One comparison of two prototypes counts.", "%(num)s comparisons of two prototypes count.", count),
        _role(results),
        ""
        if given["connected"]
        else _("They fall into parts that nobody compared with one another: between them the order is not known."),
    )


def one_compared(results: Mapping[str, Any], team: str) -> str:
    """Return what the comparisons say of one team, in one sentence or two; "" where it was not compared."""
    found = compared_of(results)
    line = None if found is None else next((one for one in found.lines if one.team == team), None)
    if found is None or line is None or not (line.won or line.lost):
        return ""
    place = 1 + [one.team for one in found.lines].index(team)
    said = _(
        "Two by two: %(won)s comparisons won, %(lost)s lost; strength %(theta)s ± %(margin)s at 95%%, place %(place)s of %(all)s.",
        won=show.decimal(line.won),
        lost=show.decimal(line.lost),
        theta=show.signed(line.theta, 2),
        margin=show.decimal(line.margin, 2),
        place=place,
        all=len(found.lines),
    )
    return f"{said} {found.role}"


def _balance(given: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    won, lost = dict.fromkeys(given["teams"], 0.0), dict.fromkeys(given["teams"], 0.0)
    for pair in given["wins"]:
        (one, other), (first, second) = pair["teams"], pair["wins"]
        won[one] += first
        lost[one] += second
        won[other] += second
        lost[other] += first
    return won, lost


def _preferred(theta: float, other: float) -> float:
    return 1 / (1 + math.exp(other - theta))


def counts_pairs(results: Mapping[str, Any]) -> bool:
    """Whether the comparisons make the jury's score."""
    return any(c["kind"] == "jury" and c.get("mode") == "pairwise" for c in results["components"])


def by_pairs_says() -> str:
    """Return how comparisons become the jury's score, in one sentence."""
    return _(
        "The jury compares two by two: its score is 100 × the chance of a prototype to be preferred to one of middle strength."
    )


def _role(results: Mapping[str, Any]) -> str:
    if counts_pairs(results):
        return by_pairs_says()
    if "pairwise" in results["tie_break"] and "pairwise" not in {c["id"] for c in results["components"]}:
        return _("They decide only between teams whose totals tie.")
    return _("They are shown beside and change no rank.")
