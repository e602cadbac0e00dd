"""Read a results file that anybody may have written: everything is checked before it is used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

FORMAT = "datathon-results/1"
SCHEMES = ("fixed", "geometric", "rank", "lexicographic")
ALSO_SHOWN = ("minmax", "zscore", "borda", "points")
STATUSES = ("ranked", "ineligible", "out_of_competition", "withdrawn", "unranked")
LARGEST = 1e9
LARGEST_WEIGHT = 10**13
"""Weights are whole numbers: those that keep the share of a vote may be products of two."""
LISTED = 10_000
"""Entries of a list; more is no datathon. Sheets may be as many as jurors times teams."""


class NotResultsError(ValueError):
    """The file is not a results file; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the total. ``lam`` is the lambda that counts, ``shown`` the one of scores printed beside; None: raw.

    ``by_pairs``: comparisons two by two make the jury's score, not sheets.
    """

    id: str
    kind: str
    weight: int
    direction: str | None
    baseline: float | None
    target: float | None
    threshold: float | None
    lam: float | None
    shown: float | None
    by_pairs: bool = False


@dataclass(frozen=True, slots=True)
class Team:
    """A team as the file states it; ``given`` holds everything the file says about it."""

    id: str
    name: str
    status: str
    reason: str | None
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Comparisons two by two: wins by pair of teams, and ``given``, everything the file says about them."""

    teams: tuple[str, ...]
    wins: tuple[tuple[str, str, float, float], ...]
    prior: float
    decimals: int
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """A results file, read and checked. ``criteria``: id -> (maximum, threshold or None); ``sheets``: juror, team, marks.

    ``weights``: id -> points of the total that a maximum is worth, for the criteria whose marks are weighted.

    ``threshold`` in points decides on the raw mean who is eligible. ``vote_frozen``: weight of the public vote and sum of
    all weights when it opened. ``last_closing``: the lambda that the last correction of a sheet after the closing left.
    """

    edition: str
    scheme: str
    decimals: int
    components: tuple[Component, ...]
    criteria: Mapping[str, tuple[float, float | None]]
    weights: Mapping[str, float]
    threshold: float | None
    tie_break: tuple[str, ...]
    teams: tuple[Team, ...]
    metrics: Mapping[str, Mapping[str, float]]
    sheets: tuple[tuple[str, str, Mapping[str, float]], ...]
    ranking: tuple[Mapping[str, Any], ...]
    also_shown: Mapping[str, Any]
    pairs: Pairs | None
    vote_frozen: tuple[int, int] | None
    last_closing: tuple[float | None] | None
    decided: tuple[Mapping[str, Any], ...]
    digest: str | None
    whole: Mapping[str, Any]


def read(content: bytes) -> Published:
    """Return the results written in ``content``; NotResultsError with the place and the reason otherwise."""
    top = _table(_parse(content), "the file")
    if top.get("format") != FORMAT:
        _refuse("format", f"{FORMAT!r} expected, found {_said(top.get('format'))}")
    teams = _teams(top)
    known = {team.id for team in teams}
    scheme = _choice(top, "scheme", SCHEMES)
    criteria = _criteria(top)
    components = _components(top, scheme, has_criteria=bool(criteria))
    decided = tuple(_table(item, f"decided[{n}]") for n, item in enumerate(_list(top, "decided", missing=[])))
    for n, item in enumerate(decided):
        if _text(item, "team", f"decided[{n}]") not in known or not _text(item, "reason", f"decided[{n}]").strip():
            _refuse(f"decided[{n}]", "a known team and a reason expected")
    return Published(
        edition=_text(top, "edition", ""),
        scheme=scheme,
        decimals=_whole(top, "decimals", "", high=9),
        components=components,
        criteria=criteria,
        weights=_weights(top),
        threshold=next((c.threshold for c in components if c.kind == "jury"), _maybe(top, "threshold", "")),
        tie_break=_tie_break(top, components, criteria),
        teams=teams,
        metrics=_metrics(top, components, known),
        sheets=_sheets(top, criteria, known),
        ranking=_ranking(top, known),
        also_shown=_also_shown(top),
        pairs=_pairs(top, known),
        vote_frozen=_vote_frozen(top),
        last_closing=_last_closing(top),
        decided=decided,
        digest=_text(top, "digest", "") if "digest" in top else None,
        whole=top,
    )


def _parse(content: bytes) -> object:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(found)
        if len(table) != len(found):
            raise NotResultsError("a key stands twice in one object")
        return table

    def constant(name: str) -> NoReturn:
        raise NotResultsError(f"{name} is not a number")

    try:
        found: object = json.loads(content.decode("utf-8-sig"), object_pairs_hook=pairs, parse_constant=constant)
    except UnicodeDecodeError:
        raise NotResultsError("not UTF-8 text") from None
    except RecursionError:
        raise NotResultsError("nested too deeply") from None
    except NotResultsError:
        raise
    except ValueError as error:
        raise NotResultsError(f"not JSON: {error}"[:200]) from None
    return found


def _refuse(where: str, why: str) -> NoReturn:
    raise NotResultsError(f"{where}: {why}" if where else why)


def _said(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(where, f"an object expected, found {_said(value)}")
    return value


def _list(table: Mapping[str, Any], key: str, *, missing: list[Any] | None = None, most: int = LISTED) -> list[Any]:
    value = table.get(key, missing)
    if not isinstance(value, list):
        _refuse(key, f"a list expected, found {_said(value)}")
    if len(value) > most:
        _refuse(key, f"more than {most} entries")
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or len(value) > 10_000:
        _refuse(f"{where}.{key}".lstrip("."), f"a text expected, found {_said(value)}")
    return value


def _choice(table: Mapping[str, Any], key: str, values: tuple[str, ...], where: str = "") -> str:
    value = _text(table, key, where)
    if value not in values:
        _refuse(f"{where}.{key}".lstrip("."), f"{_said(value)} unknown; known: {', '.join(values)}")
    return value


def _whole(table: Mapping[str, Any], key: str, where: str, *, high: int) -> int:
    value = table.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        _refuse(f"{where}.{key}".lstrip("."), f"a whole number from 0 to {high} expected, found {_said(value)}")
    return value


def number(value: object, where: str) -> float:
    """Return a finite number of a reasonable size; NotResultsError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        _refuse(where, f"a number expected, found {_said(value)}")
    return float(value)


def _maybe(table: Mapping[str, Any], key: str, where: str) -> float | None:
    return None if table.get(key) is None else number(table[key], f"{where}.{key}")


def _teams(top: Mapping[str, Any]) -> tuple[Team, ...]:
    teams = []
    for n, item in enumerate(_list(top, "teams")):
        where = f"teams[{n}]"
        given = _table(item, where)
        status = _choice(given, "status", STATUSES, where)
        reason = _text(given, "reason", where) if given.get("reason") is not None else None
        teams.append(Team(_text(given, "id", where), _text(given, "name", where), status, reason, given))
    if len({team.id for team in teams}) != len(teams):
        _refuse("teams", "an id stands twice")
    return tuple(teams)


def _criteria(top: Mapping[str, Any]) -> dict[str, tuple[float, float | None]]:
    found: dict[str, tuple[float, float | None]] = {}
    for n, item in enumerate(_list(top, "criteria", missing=[])):
        where = f"criteria[{n}]"
        given = _table(item, where)
        name, maximum = _text(given, "id", where), number(given.get("max"), f"{where}.max")
        if name in found or maximum <= 0:
            _refuse(where, "an id of its own and a maximum above 0 expected")
        found[name] = maximum, _maybe(given, "threshold", where)
    return found


def _weights(top: Mapping[str, Any]) -> dict[str, float]:
    found = {}
    for n, item in enumerate(_list(top, "criteria", missing=[])):
        if "weight" in _table(item, f"criteria[{n}]"):
            weight = number(item["weight"], f"criteria[{n}].weight")
            if weight <= 0:
                _refuse(f"criteria[{n}].weight", "a number above 0 expected")
            found[item["id"]] = weight
    return found


def _components(top: Mapping[str, Any], scheme: str, *, has_criteria: bool) -> tuple[Component, ...]:
    parts = tuple(_component(item, f"components[{n}]", scheme) for n, item in enumerate(_list(top, "components")))
    if len({part.id for part in parts}) != len(parts):
        _refuse("components", "an id stands twice")
    if not sum(part.weight for part in parts):
        _refuse("components", "no weight above 0")
    juries = sum(part.kind == "jury" for part in parts)
    pairs = any(part.by_pairs and part.weight for part in parts)
    if pairs and "pairwise" not in top:
        _refuse("pairwise", "the comparisons of a jury that compares two by two are missing")
    if juries > 1 or (juries and not has_criteria and not any(part.by_pairs for part in parts)):
        _refuse("components", "one jury at most, and only with criteria")
    if sum(part.kind == "vote" for part in parts) > 1 or any(p.kind == "vote" and p.baseline is None for p in parts):
        _refuse("components", "one public vote at most, and only with anchors")
    return parts


def _component(item: object, where: str, scheme: str) -> Component:
    given = _table(item, where)
    name, kind = _text(given, "id", where), _choice(given, "kind", ("metric", "jury", "vote"), where)
    weight = _whole(given, "weight", where, high=LARGEST_WEIGHT)
    if kind == "jury":
        beside = given.get("shown")
        return Component(
            name, kind, weight, None, None, None, _maybe(given, "threshold", where), _lambda(given, where),
            None if beside is None else _lambda(_table(beside, f"{where}.shown"), f"{where}.shown"),
            "mode" in given and _choice(given, "mode", ("sheets", "pairwise"), where) == "pairwise",
        )  # fmt: skip
    baseline, target = _maybe(given, "baseline", where), _maybe(given, "target", where)
    if (baseline is None) != (target is None) or (baseline is None and scheme != "rank"):
        _refuse(where, "a baseline and a target expected")
    if baseline is not None and baseline == target:
        _refuse(where, "baseline and target are equal")
    return Component(name, kind, weight, _choice(given, "direction", ("lower", "higher"), where), baseline, target, None, None, None)  # fmt: skip


def _lambda(given: Mapping[str, Any], where: str) -> float | None:
    method = _choice(given, "correction", ("raw", "reml", "fixed"), where)
    lam = _maybe(given, "lambda", where)
    if (method == "raw") != (lam is None) or (lam is not None and lam <= 0):
        _refuse(f"{where}.lambda", "a number above 0 with a correction, null without")
    return lam


def _tie_break(
    top: Mapping[str, Any], components: tuple[Component, ...], criteria: Mapping[str, object]
) -> tuple[str, ...]:
    known = (
        {c.id for c in components} | {c.kind for c in components} | {f"criterion:{c}" for c in criteria} | {"pairwise"}
    )
    rules = _list(top, "tie_break", missing=[])
    for n, rule in enumerate(rules):
        if not isinstance(rule, str) or rule not in known:
            _refuse(f"tie_break[{n}]", f"{_said(rule)} names nothing that is ranked")
    return tuple(rules)


def _metrics(top: Mapping[str, Any], components: tuple[Component, ...], known: set[str]) -> dict[str, dict[str, float]]:
    names = [c.id for c in components if c.kind == "metric"]
    found = _table(top["metrics"], "metrics") if "metrics" in top else {}
    if "metrics" not in top and names:
        found = {names[0]: top.get("metric")}
    columns: dict[str, dict[str, float]] = {}
    for name in names:
        where = f"metrics.{name}" if "metrics" in top else "metric"
        column = _table(found.get(name), where)
        if not set(column) <= known:
            _refuse(where, "a value for a team that is not listed")
        columns[name] = {team: number(value, f"{where}.{team}") for team, value in column.items()}
    if "metrics" in top and names and top.get("metric") != top["metrics"].get(names[0]):
        _refuse("metric", "not the values of the first metric component")
    given = _vote(top, known)
    for part in components:
        if part.kind == "vote" and given is None and part.weight:
            _refuse("vote", "the count of a vote that has a weight is missing")
        if part.kind == "vote":
            columns[part.id] = {} if given is None else given
    return columns


def _vote(top: Mapping[str, Any], known: set[str]) -> dict[str, float] | None:
    """Return the share of the ballots that name each team, from the counts."""
    if "vote" not in top:
        return None
    given = _table(top["vote"], "vote")
    ballots, counts = _whole(given, "ballots", "vote", high=2**53), _table(given.get("counts"), "vote.counts")
    if not set(counts) <= known:
        _refuse("vote.counts", "a count for a team that is not listed")
    named = {team: _whole(counts, team, "vote.counts", high=ballots) for team in counts}
    for n, item in enumerate(_list(given, "void", missing=[])):
        void, where = _table(item, f"vote.void[{n}]"), f"vote.void[{n}]"
        _choice(void, "ballots", ("kept", "removed"), where)
        _whole(void, "served", where, high=_whole(void, "codes", where, high=2**53))
    most = _whole(given, "most", "vote", high=2**53)
    if sum(named.values()) > most * ballots:
        _refuse("vote.counts", f"more than {most} names on each of {ballots} ballots")
    return {team: count / ballots if ballots else 0.0 for team, count in named.items()}


def _last_closing(top: Mapping[str, Any]) -> tuple[float | None] | None:
    """Return the lambda frozen last, in a tuple of its own; None where no sheet was corrected after the closing."""
    given = _list(top, "closings", missing=[])
    if not given:
        return None
    return (_lambda(_table(given[-1], "closings"), "closings"),)


def _vote_frozen(top: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the weight of the vote and the sum of all weights when its rules were frozen, where the file tells."""
    given = _table(top.get("vote", {}), "vote").get("frozen")
    if given is None:
        return None
    table = _table(given, "vote.frozen")
    weight, whole = (_whole(table, key, "vote.frozen", high=LARGEST_WEIGHT) for key in ("weight", "whole"))
    if weight > whole:
        _refuse("vote.frozen", "the vote weighs no more than everything")
    return weight, whole


def _sheets(
    top: Mapping[str, Any], criteria: Mapping[str, tuple[float, float | None]], known: set[str]
) -> tuple[tuple[str, str, Mapping[str, float]], ...]:
    sheets = []
    for n, item in enumerate(_list(top, "sheets", missing=[], most=LISTED * 100)):
        where = f"sheets[{n}]"
        given = _table(item, where)
        juror, team, marks = (
            _text(given, "juror", where),
            _text(given, "team", where),
            _table(given.get("marks"), where),
        )
        if team not in known:
            _refuse(where, f"{_said(team)} is no team of this file")
        if set(marks) != set(criteria):
            _refuse(f"{where}.marks", "one mark for each criterion expected")
        points = {name: number(marks[name], f"{where}.marks.{name}") for name in criteria}
        for name, mark in points.items():
            if not 0 <= mark <= criteria[name][0]:
                _refuse(f"{where}.marks.{name}", f"{mark:g} is not between 0 and {criteria[name][0]:g}")
        sheets.append((juror, team, points))
    if len({(juror, team) for juror, team, _ in sheets}) != len(sheets):
        _refuse("sheets", "a juror graded a team twice")
    return tuple(sheets)


def _ranking(top: Mapping[str, Any], known: set[str]) -> tuple[Mapping[str, Any], ...]:
    rows = []
    for n, item in enumerate(_list(top, "ranking")):
        row = _table(item, f"ranking[{n}]")
        if _text(row, "team", f"ranking[{n}]") not in known:
            _refuse(f"ranking[{n}].team", f"{_said(row['team'])} is no team of this file")
        rows.append(row)
    return tuple(rows)


def _also_shown(top: Mapping[str, Any]) -> dict[str, Any]:
    found = _table(top.get("also_shown", {}), "also_shown")
    for scheme in found:
        if scheme not in ALSO_SHOWN:
            _refuse("also_shown", f"{_said(scheme)} unknown")
    return found


def _pairs(top: Mapping[str, Any], known: set[str]) -> Pairs | None:
    if "pairwise" not in top:
        return None
    given = _table(top["pairwise"], "pairwise")
    teams = tuple(_list(given, "teams"))
    if not all(isinstance(team, str) and team in known for team in teams) or len(set(teams)) != len(teams):
        _refuse("pairwise.teams", "teams of this file expected, each once")
    wins, met = [], set()
    for n, item in enumerate(_list(given, "wins", most=LISTED * 100)):
        where = f"pairwise.wins[{n}]"
        pair, won = _list(_table(item, where), "teams"), _list(_table(item, where), "wins")
        if len(pair) != 2 or len(won) != 2 or pair[0] == pair[1] or not set(map(str, pair)) <= set(teams):
            _refuse(where, "two teams and their wins expected")
        if frozenset(pair) in met:
            _refuse(where, "a pair stands twice")
        met.add(frozenset(pair))
        one, other = (number(value, f"{where}.wins") for value in won)
        if min(one, other) < 0:
            _refuse(f"{where}.wins", "no number of wins is below 0")
        wins.append((pair[0], pair[1], one, other))
    prior = number(given.get("prior"), "pairwise.prior")
    if not prior > 0:
        _refuse("pairwise.prior", "a number above 0 expected")
    return Pairs(teams, tuple(wins), prior, _whole(given, "decimals", "pairwise", high=9), given)
