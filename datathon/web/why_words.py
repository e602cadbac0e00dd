"""Why a team has its rank: what its total is made of, what the jury said, what would have changed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Edition
from datathon.leaderboard.rules import quantise
from datathon.publication.noise import Noise, noise_of
from datathon.publication.queries import REASONS
from datathon.publication.why import Mark, Need, Stack, Why
from datathon.web import show
from datathon.web.compared_words import one_compared
from datathon.web.why_drawing import BESIDE_JURY, Bar, Field, Lines, bars_of, field_of, lines_of, piece_label

KEPT = 4
"""Publications whose noise is remembered: the model is fitted once for all pages of a version."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table of pieces: the label and the points of the neighbours, None where one has no such piece."""

    label: str
    points: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A criterion in words, with the drawing's positions in percent of the maximum."""

    label: str
    mark: Mark
    own: float
    least: float
    most: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class WhyPage:
    """Everything the page shows; ``found`` holds the numbers, the rest is drawn or said."""

    edition: Edition
    found: Why
    name: str
    title: str
    standfirst: str
    published: bool
    decision: str
    weights: str
    bars: tuple[Bar, ...]
    field: Field | None
    cells: tuple[Cell, ...]
    gaps: tuple[str, ...]
    compared: str
    marks: tuple[MarkLine, ...]
    shift: float | None
    severity: str
    key: str
    lines: Lines | None
    trials: tuple[tuple[str, str], ...]
    decimals: int
    voted: bool


_noises: dict[tuple[str, str], Noise | None] = {}


def _noise(results: Mapping[str, Any], version: int | None) -> Noise | None:
    """Return the noise of the marks, fitted once for each published version."""
    if version is None or not results.get("digest"):
        return noise_of(results)
    key = results["edition"], results["digest"]
    if key not in _noises:
        while len(_noises) >= KEPT:
            _noises.pop(next(iter(_noises)))
        _noises[key] = noise_of(results)
    return _noises[key]


def why_page(edition: Edition, results: Mapping[str, Any], found: Why, *, version: int | None) -> WhyPage:
    """Return the page of one team; ``version`` is None for a preview that nobody but organisers sees."""
    noise = _noise(results, version)
    lines = lines_of(results, found)
    shift = None if found.jury_fair is None or found.jury_raw is None else found.jury_fair - found.jury_raw
    return WhyPage(
        edition=edition,
        found=found,
        name=found.team["name"],
        title=_title(found),
        standfirst=_standfirst(results, found),
        published=version is not None,
        decision=_decision(results, found),
        weights=_weights(results),
        bars=bars_of(results, found),
        field=field_of(found),
        cells=_cells(results, found),
        gaps=_gaps(results, found, noise),
        compared=one_compared(results, found.team["id"]),
        marks=tuple(_mark(n, mark) for n, mark in enumerate(found.marks, start=1)),
        shift=None if shift is None or abs(shift) < 0.005 else shift,
        severity=_severity(results, found, shift),
        key=_key(found),
        lines=lines,
        trials=_trials(found),
        decimals=results["decimals"],
        voted=any(c["kind"] == "vote" and c["weight"] for c in results["components"]),
    )


def _title(found: Why) -> str:
    if found.own is None:
        return _("%(team)s, without a rank", team=found.team["name"])
    return _("%(team)s, %(rank)s", team=found.team["name"], rank=show.ordinal(found.own.rank))


def _standfirst(results: Mapping[str, Any], found: Why) -> str:
    if found.own is None:
        reason = REASONS.get(str(found.team.get("reason", "")), "")
        return _("Why: %(reason)s.", reason=_(reason)) if reason else ""
    parts = {c["kind"] for c in results["components"] if c["weight"]}
    marks = sum(p.points for p in found.own.pieces if p.kind not in BESIDE_JURY)
    public = sum(p.points for p in found.own.pieces if p.kind == "vote")
    said = [
        _(
            "%(total)s points out of 100: %(jury)s come from the jury, %(metric)s from the metric.",
            total=show.decimal(found.own.total, 1),
            jury=show.decimal(marks, 1),
            metric=show.decimal(found.own.total - marks, 1),
        )
        if parts == {"jury", "metric"}
        else _(
            "%(total)s points out of 100: %(jury)s come from the jury, %(metric)s from the metric, %(public)s from the public vote.",
            total=show.decimal(found.own.total, 1),
            jury=show.decimal(marks, 1),
            metric=show.decimal(found.own.total - marks - public, 1),
            public=show.decimal(public, 1),
        )
        if parts == {"jury", "metric", "vote"}
        else _(
            "%(total)s points out of 100, of which %(public)s come from the public vote.",
            total=show.decimal(found.own.total, 1),
            public=show.decimal(public, 1),
        )
        if "vote" in parts
        else _("%(total)s points out of 100.", total=show.decimal(found.own.total, 1))
    ]
    best = [show.text(m.title) for m in found.marks if m.place == 1 and m.most > m.least]
    if best and len(best) < len(found.marks):
        said.append(_("Best mean on: %(criteria)s.", criteria=", ".join(best)))
    elif best:
        said.append(_("Best mean on every criterion."))
    return " ".join(said)


def _decision(results: Mapping[str, Any], found: Why) -> str:
    """Return what the jury decided about this team's place, "" where it confirmed the computed one."""
    item = next((d for d in results.get("decided", []) if d["team"] == found.team["id"] and "rank" in d), None)
    if item is None:
        return ""
    return _(
        "The jury decided place %(rank)s: %(reason)s This page explains the computed rank.",
        rank=item["rank"],
        reason=item["reason"].rstrip(".") + ".",
    )


def _weights(results: Mapping[str, Any]) -> str:
    whole = sum(c["weight"] for c in results["components"]) or 1
    parts = [
        show.weight_of(c["kind"], share)
        for c in results["components"]
        for share in (show.decimal(round(100 * c["weight"] / whole, 2)),)
    ]
    return _("Weights: %(parts)s. Fixed by the rules before the start.", parts=", ".join(parts))


def _label(results: Mapping[str, Any], kind: str, name: str) -> str:
    short = piece_label(results, kind, name)
    if kind == "criterion":
        title = next((c.get("title") for c in results["criteria"] if c["id"] == name), None)
        return f"{short}. {show.text(title) if title else name}"
    if kind == "correction":
        return _("Correction of severity")
    if kind == "vote":
        return f"{short}. {_('Public vote')}"
    return f"{short}. {_('Metric')}" if kind == "metric" else _("Jury")


def _cells(results: Mapping[str, Any], found: Why) -> tuple[Cell, ...]:
    stacks = _shown(found)
    names = list(dict.fromkeys((p.kind, p.id) for s in stacks for p in s.pieces))
    # A correction comes after the criteria whoever has one.
    names.sort(key=lambda pair: ("criterion", "jury", "correction", "metric", "vote").index(pair[0]))
    return tuple(
        Cell(
            _label(results, kind, name),
            tuple(next((p.points for p in s.pieces if (p.kind, p.id) == (kind, name)), None) for s in stacks),
        )
        for kind, name in names
    )


def _shown(found: Why) -> list[Stack]:
    return [s for s in (found.above, found.own, found.below) if s is not None]


def _gaps(results: Mapping[str, Any], found: Why, noise: Noise | None) -> tuple[str, ...]:
    if found.own is None:
        return ()
    said = []
    if found.above is not None:
        gap = found.above.total - found.own.total
        said.append(
            _(
                "%(rank)s (%(team)s): %(gap)s points ahead.",
                rank=show.ordinal(found.above.rank),
                team=found.above.name,
                gap=show.decimal(gap, 2),
            )
            + " "
            + _turned(results, found.above, found.own)
            + _enough(found.needs)
        )
    if found.below is not None:
        gap = found.own.total - found.below.total
        said.append(
            _(
                "%(rank)s (%(team)s): %(gap)s points behind.",
                rank=show.ordinal(found.below.rank),
                team=found.below.name,
                gap=show.decimal(gap, 2),
            )
            + " "
            + _turned(results, found.own, found.below)
        )
    equal = [s.name for s in found.stacks if s.rank == found.own.rank and s.team != found.own.team]
    if equal:
        said.append(_("Shares its rank with %(teams)s: no rule separates them.", teams=", ".join(equal)))
    tied = [
        s.name
        for s in (found.above, found.below)
        if s is not None and noise is not None and noise.hides(found.own.team, s.team, found.own.total - s.total)
    ]
    if tied:
        said.append(
            _("Within the noise of the marks, at 95%%, it cannot be told from: %(teams)s.", teams=", ".join(tied))
        )
    return tuple(said)


def _turned(results: Mapping[str, Any], ahead: Stack, behind: Stack) -> str:
    """Return that the public vote alone puts one team before the other, "" where it does not."""
    if results["scheme"] != "fixed" or not any(p.kind == "vote" for p in ahead.pieces):
        return ""
    without = [s.total - sum(p.points for p in s.pieces if p.kind == "vote") for s in (ahead, behind)]
    if quantise(without[0], results["decimals"]) >= quantise(without[1], results["decimals"]):
        return ""
    return _("The public vote made the difference: without it %(team)s would be ahead.", team=behind.name) + " "


def _enough(needs: tuple[Need, ...]) -> str:
    ways = [
        _("%(more)s points more of the jury", more=show.decimal(need.more, 1))
        if need.value is None
        else _("named by %(share)s of the ballots", share=show.percent(100 * need.value, 1))
        if need.kind == "vote"
        else _("a metric of %(value)s", value=show.decimal(need.value))
        for need in sorted(needs, key=lambda n: n.kind)
    ]
    if not ways:
        return ""
    if len(ways) == 1:
        return _("What would have been enough to pass: %(way)s.", way=ways[0])
    return _("What would have been enough to pass: %(ways)s, or %(last)s.", ways=", ".join(ways[:-1]), last=ways[-1])


def _mark(number: int, mark: Mark) -> MarkLine:
    def percent(value: float | None) -> float | None:
        return None if value is None else round(100 * value / mark.maximum, 2)

    return MarkLine(
        f"{number}. {show.text(mark.title)}",
        mark,
        percent(mark.mean) or 0.0,
        percent(mark.least) or 0.0,
        percent(mark.most) or 0.0,
        percent(mark.low),
        percent(mark.high),
    )


def _severity(results: Mapping[str, Any], found: Why, shift: float | None) -> str:
    if shift is None or found.jury_raw is None or found.jury_fair is None:
        return ""
    applied = any(c.get("lambda") is not None for c in results["components"])
    if abs(shift) < 0.005:
        return _("The whole jury graded this team: its corrected score equals its raw mean.")
    said = [
        ngettext(
            "One member of the jury of %(all)s graded this team.",
            "%(num)s members of the jury of %(all)s graded this team.",
            found.sheets,
            all=found.jurors,
        ),
        _(
            "They are on the whole more generous than the whole jury: an average member would have given less."
        )
        if shift < 0
        else _("They are on the whole stricter than the whole jury: an average member would have given more."),
        _(
            "Raw mean %(raw)s, corrected %(fair)s out of 100.",
            raw=show.decimal(found.jury_raw, 2),
            fair=show.decimal(found.jury_fair, 2),
        ),
        _("The corrected score counts.")
        if applied
        else _("The raw mean counts, as the rules announced; the corrected score is shown only."),
    ]  # fmt: skip
    return " ".join(said)


def _key(found: Why) -> str:
    """Return what weights would change, as one or two sentences."""
    if found.own is None:
        return ""
    names = {s.team: s.name for s in found.stacks}
    said = []
    for swap in found.swaps[:2]:
        leads = swap.ahead == found.own.team
        other = names[swap.behind if leads else swap.ahead]
        sentence = (
            _("Behind %(team)s if the metric weighed %(share)s instead of %(declared)s.",
              team=other, share=show.percent(100 * swap.share, 1), declared=show.percent(100 * swap.declared, 1))
            if leads
            else _("Ahead of %(team)s if the metric weighed %(share)s instead of %(declared)s.",
                   team=other, share=show.percent(100 * swap.share, 1), declared=show.percent(100 * swap.declared, 1))
        )  # fmt: skip
        said.append(sentence)
    return " ".join(said) or _("No other weight of the metric would change the place of this team.")


def _trials(found: Why) -> tuple[tuple[str, str], ...]:
    if found.own is None or not found.variants:
        return ()
    return (
        (_("The rules"), str(found.own.rank)),
        *((_subject(v.subject), _ranks(v.rank, v.worst)) for v in found.variants),
    )


def _ranks(best: int, worst: int) -> str:
    return str(best) if best == worst else _("%(best)s to %(worst)s", best=best, worst=worst)


def _subject(subject: str) -> str:
    named = {
        "nudged": _("Weights, a tenth more or less"),
        "geometric": _("Geometric mean"),
        "rank": _("Mean places (Borda)"),
        "points": _("Points table 25-18-15"),
        "only:jury": _("Jury alone"),
        "only:metric": _("Metric alone"),
        "only:vote": _("Public vote alone"),
    }
    return named.get(subject, subject.removeprefix("only:"))
