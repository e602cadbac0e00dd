"""Read how an edition is judged: the jury's grid and the plan of the final ranking."""

import itertools
from collections.abc import Sequence

from datathon.editions.prize import Prize
from datathon.editions.read_toml import Table, suggest, unique
from datathon.editions.rules import Challenge, Component, Criterion, Example, Level, RankingPlan, Rubric
from datathon.editions.shipped import direction_of
from datathon.editions.vote import VOTE

SCHEMES = ("fixed", "geometric", "rank", "lexicographic")
ALSO_SHOWN = ("minmax", "zscore", "borda", "points")
"""Schemes in which a team that loses can change the winner: printed beside with that warning, never the ranking."""

MODES = ("sheets", "pairwise")
CORRECTIONS = ("shown", "reml", "fixed", "raw")


PAIRWISE = ("pairwise",)
"""Tie rule beside the components and criteria: the comparisons two by two, where they were made."""


def read_jury(top: Table, challenges: Sequence[Challenge]) -> Rubric | None:
    """Return the rubric of ``[jury]``, or None when the edition has no jury."""
    table = top.table("jury")
    if table is None:
        return None
    challenge = _challenge(table, challenges, prototypes=True)
    entries = table.tables("criteria")
    criteria = tuple(_criterion(entry) for entry in entries)
    unique(zip(entries, (c.id for c in criteria), strict=True), "id")
    if not criteria:
        table.note("no [[jury.criteria]]: the jury would have nothing to mark")
    rubric = Rubric(
        challenge,
        criteria,
        table.number("threshold", 0.0),
        table.choice("correction", CORRECTIONS, "shown"),
        table.positive("lambda", 2.0),
        spread=table.boolean("spread", default=False),
        quorum=table.integer("quorum", 0, low=0, high=1000),
        calibration=_example(table.table("calibration")),
        mode=table.choice("mode", MODES, "sheets"),
    )
    if rubric.by_pairs:
        _check_pairs(table, rubric, entries)
    if not 0 <= rubric.threshold <= rubric.maximum and criteria:
        table.note(f"threshold: from 0 to {rubric.maximum:g}, the highest total, expected", "threshold")
    table.done()
    return rubric


def _check_pairs(table: Table, rubric: Rubric, entries: Sequence[Table]) -> None:
    """Note what only marks could decide: under the mode "pairwise" sheets count for nothing."""
    if rubric.threshold:
        table.note("threshold: no mark decides under mode 'pairwise'; leave it out", "threshold")
    if rubric.correction in {"reml", "fixed"}:
        table.note(
            "correction: comparisons have no severity to correct; leave it out under mode 'pairwise'", "correction"
        )
    for entry, criterion in zip(entries, rubric.criteria, strict=True):
        if criterion.threshold is not None:
            entry.note("threshold: no mark decides under mode 'pairwise'; leave it out", "threshold")


def _example(table: Table | None) -> Example | None:
    if table is None:
        return None
    url = table.text("url", "")
    if url and not url.startswith(("https://", "http://", "/")):
        table.note(f"url: an address such as https://example.org or /e/2025 expected, found {url!r}", "url")
    example = Example(table.texts("title"), table.texts("text"), url)
    table.done()
    return example


def _criterion(entry: Table) -> Criterion:
    maximum = entry.positive("maximum", 10.0) if entry.has("maximum") else entry.number("maximum")
    step = entry.positive("step", 0.5)
    levels = tuple(_level(item, maximum) for item in entry.tables("levels"))
    for below, above in itertools.pairwise(levels):
        if above.low <= below.high:
            entry.note(f"levels: {above.low:g} comes after {below.high:g}: levels rise and do not overlap", "levels")
    if maximum and round(maximum / step, 9) % 1:
        entry.note(
            f"step: {maximum:g} points is not a whole number of steps of {step:g}",
            "step" if entry.has("step") else None,
        )
    threshold = entry.maybe_number("threshold")
    if threshold is not None and not 0 <= threshold <= maximum:
        entry.note(f"threshold: from 0 to {maximum:g} expected, found {threshold:g}", "threshold")
    silent = entry.maybe_number("comment_below")
    if silent is not None and not 0 < silent <= maximum:
        entry.note(f"comment_below: above 0 and up to {maximum:g} expected, found {silent:g}", "comment_below")
    result = Criterion(
        entry.name("id"),
        entry.texts("title"),
        entry.texts("help", {"fr": ""}),
        maximum,
        levels,
        step,
        threshold,
        entry.positive("weight", maximum) if entry.has("weight") else None,
        silent,
    )
    entry.done()
    return result


def _level(item: Table, maximum: float) -> Level:
    low, high = item.number("low"), item.number("high")
    if not 0 <= low <= high <= maximum:
        item.note(f"levels: 0 <= low <= high <= {maximum:g} expected, found {low:g} and {high:g}")
    level = Level(low, high, item.texts("text"))
    item.done()
    return level


def read_ranking(top: Table, challenges: Sequence[Challenge]) -> RankingPlan | None:
    """Return the plan of ``[ranking]``, or None when the edition announces no final ranking."""
    table = top.table("ranking")
    if table is None:
        return None
    entries = table.tables("components")
    scheme = _scheme(table)
    components = tuple(_component(entry, challenges, anchors=scheme != "rank") for entry in entries)
    unique(zip(entries, (c.id for c in components), strict=True), "id")
    if not components:
        table.note("no [[ranking.components]]: a ranking of nothing")
    elif not sum(c.weight for c in components):
        table.note("the weights of all components are 0")
    if any(c.kind == "jury" for c in components) and "jury" not in top.data:
        table.note("a jury component, but the edition has no [jury]")
    plan = RankingPlan(
        scheme=scheme,
        decimals=table.integer("decimals", 4, low=0, high=9),
        components=components,
        tie_break=table.strings("tie_break", ()),
        also_shown=table.strings("also_shown", ()),
        prizes=_prizes(table),
        appeal_days=table.integer("appeal_days", 0, low=0, high=365),
        public_minutes=table.boolean("public_minutes", default=False),
    )
    for index, name in enumerate(plan.also_shown):
        if name not in ALSO_SHOWN:
            table.source.note(
                (*table.path, "also_shown", index), f"also_shown: {name!r} unknown{suggest(name, ALSO_SHOWN)}"
            )
    _tie_break(top, table, plan, _criterion_ids(top), (VOTE,) if VOTE in top.data else ())
    table.done()
    return plan


def _prizes(table: Table) -> tuple[Prize, ...]:
    entries = table.tables("prizes")
    found = []
    for entry in entries:
        found.append(Prize(entry.name("id"), entry.texts("title")))
        entry.done()
    unique(zip(entries, (p.id for p in found), strict=True), "id")
    return tuple(found)


def _scheme(table: Table) -> str:
    named = table.data.get("scheme")
    if named in ALSO_SHOWN and table.has("scheme"):
        table.note(
            f"scheme: {named!r} lets a team that loses change the winner; use also_shown to print it beside one of "
            f"{', '.join(SCHEMES)}",
            "scheme",
        )
        return SCHEMES[0]
    return table.choice("scheme", SCHEMES, "fixed")


def _criterion_ids(top: Table) -> tuple[str, ...]:
    jury = top.data.get("jury")
    criteria = jury.get("criteria", []) if isinstance(jury, dict) else []
    return tuple(str(c.get("id", "")) for c in criteria if isinstance(c, dict)) if isinstance(criteria, list) else ()


def _by_pairs(top: Table) -> bool:
    jury = top.data.get("jury")
    return isinstance(jury, dict) and jury.get("mode") == "pairwise"


def _tie_break(top: Table, table: Table, plan: RankingPlan, criteria: tuple[str, ...], votes: tuple[str, ...]) -> None:
    parts = (*(c.id for c in plan.components), *votes)
    known = tuple(dict.fromkeys((*parts, *(f"criterion:{c}" for c in criteria), *PAIRWISE)))
    for index, name in enumerate(plan.tie_break):
        if name not in known:
            table.source.note((*table.path, "tie_break", index), f"tie_break: {name!r} unknown{suggest(name, known)}")
    if any(name.startswith("criterion:") for name in plan.tie_break) and _by_pairs(top):
        table.note("tie_break: criteria are not counted under [jury] mode 'pairwise'", "tie_break")
    if len(set(plan.tie_break)) < len(plan.tie_break):
        table.note("tie_break: a name stands twice", "tie_break")


def _component(entry: Table, challenges: Sequence[Challenge], *, anchors: bool) -> Component:
    kind = entry.choice("kind", ("metric", "jury"))
    weight = entry.integer("weight", low=0, high=1_000_000)
    challenge = _challenge(entry, challenges, prototypes=kind == "jury")
    name = entry.name("id")
    if kind == "jury":
        entry.done()
        return Component(name, kind, weight, challenge)
    direction = entry.choice("direction", ("lower", "higher"))
    needed = anchors or entry.has("baseline") or entry.has("target")
    baseline = entry.number("baseline") if needed else None
    target = entry.number("target") if needed else None
    if baseline is not None and target is not None and entry.has("baseline") and entry.has("target"):
        _anchors(entry, baseline=baseline, target=target, direction=direction)
    found = next((c for c in challenges if c.id == challenge), None)
    if found is not None and found.metrics:
        declared = found.metrics[0].direction or direction_of(found.metrics[0].function)
        if declared is not None and declared != direction:
            entry.note(f"direction: {declared} is better for {found.metrics[0].name}", "direction")
    entry.done()
    return Component(name, kind, weight, challenge, direction, baseline, target)


def _anchors(entry: Table, *, baseline: float, target: float, direction: str) -> None:
    if baseline == target:
        entry.note(f"target: equal to baseline ({baseline:g}), nobody could be told apart", "target")
    elif (target > baseline) != (direction == "higher"):
        entry.note(f"target: {target:g} is worse than baseline {baseline:g} where {direction} is better", "target")


def _challenge(entry: Table, challenges: Sequence[Challenge], *, prototypes: bool) -> str:
    name = entry.text("challenge")
    fits = [c.id for c in challenges if (c.takes_prototypes if prototypes else c.takes_predictions)]
    if name and name not in fits:
        what = "a dossier ([[dossier]])" if prototypes else "predictions ([submission])"
        entry.note(f"challenge: no challenge {name!r} that takes {what}{suggest(name, fits)}", "challenge")
    return name
