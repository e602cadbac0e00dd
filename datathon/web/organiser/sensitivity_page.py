"""Would the podium change? The trials of a ranking in words, for the president and the organisers."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Edition, RankingPlan
from datathon.jury.agreement import Agreement
from datathon.leaderboard.merge import Standing
from datathon.leaderboard.sensitivity import Swap, WhatIf
from datathon.publication.preview import Preview
from datathon.publication.trials import PODIUM, Trials, try_out
from datathon.web import show
from datathon.web.organiser.pages import said
from datathon.web.paging import Leaf, leaf

PER_PAGE = 12
ROWS = 12
"""Rows of a table of trials; those that change nothing are counted beneath."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial: what was tried, who would stand on the podium, what changes."""

    label: str
    podium: str
    change: str


@dataclass(frozen=True, slots=True)
class TrialTable:
    """Trials of one kind; ``quiet`` says how many more change nothing."""

    title: str
    rows: tuple[TrialRow, ...]
    quiet: str


@dataclass(frozen=True, slots=True)
class JurorRow:
    """One juror among the others, figures as written."""

    name: str
    sheets: int
    severity: str
    residual: str
    correlation: str


@dataclass(frozen=True, slots=True)
class OutlierRow:
    """A sheet far from what its team and its juror explain."""

    juror: str
    team: str
    points: float
    expected: float
    standardised: float


@dataclass(frozen=True, slots=True)
class SensitivityPage:
    """Everything the page shows; all empty while there are ``blockers``."""

    edition: Edition
    blockers: tuple[str, ...]
    title: str
    key: str
    swaps: tuple[str, ...]
    tables: tuple[TrialTable, ...]
    beside: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
    first: tuple[tuple[str, float], ...]
    noise: str
    figures: tuple[tuple[str, str], ...]
    jurors: Leaf[JurorRow]
    outliers: tuple[OutlierRow, ...]
    correction: str


def sensitivity_page(edition: Edition, preview: Preview, *, number: int = 1) -> SensitivityPage:
    """Return page ``number`` (of jurors) of the trials; without figures while marks or predictions can change."""
    if preview.blockers:
        blockers = tuple(said(b.message, b.params) for b in preview.blockers)
        nothing: Leaf[JurorRow] = leaf((), 1, per_page=PER_PAGE)
        return SensitivityPage(
            edition, blockers, _("Nothing to try yet"), "", (), (), (), (), "", (), nothing, (), ""
        )  # fmt: skip
    trials = try_out(preview.inputs, preview.standings, seed=int(preview.digest[:12], 16))
    names = {s.team: s.name for s in preview.standings}
    ranked = [s for s in preview.standings if s.status == "ranked"]
    return SensitivityPage(
        edition=edition,
        blockers=(),
        title=_title(trials, ranked),
        key=_key(trials, ranked, names, edition),
        swaps=_swaps(trials, ranked, names, edition),
        tables=_tables(trials, ranked, names, edition, preview.jurors),
        beside=tuple(
            (scheme_name(scheme), tuple((names[t], v) for t, v in sorted(totals.items(), key=lambda p: -p[1])[:ROWS]))
            for scheme, totals in trials.beside.items()
        ),
        first=tuple((names[t], p) for t, p in sorted(trials.first.items(), key=lambda pair: -pair[1])[:ROWS]),
        noise=_noise(trials),
        figures=() if trials.agreement is None else _figures(trials.agreement),
        jurors=leaf(_jurors(trials.agreement, preview.jurors), number, per_page=PER_PAGE),
        outliers=_outliers(trials.agreement, preview.jurors, names),
        correction=_correction(preview, edition),
    )


def _podium(order: tuple[str, ...]) -> tuple[str, ...]:
    return order[:PODIUM]


def _all(trials: Trials) -> tuple[WhatIf, ...]:
    return (*trials.weights, *trials.criteria, *trials.without_juror, *trials.without_criterion)


def _title(trials: Trials, ranked: list[Standing]) -> str:
    if not ranked:
        return _("No team is ranked")
    first = {s.team for s in ranked if s.rank == 1}
    if any({t for t, rank in w.ranks.items() if rank == 1} != first for w in _all(trials)):
        return _("The winner hangs on a detail")
    if any(set(_podium(w.order)) != {s.team for s in ranked[:PODIUM]} or w.changed for w in _all(trials)):
        return _("The winner holds, a place behind may not")
    return _("The ranking holds")


def part_name(component: str, plan: RankingPlan | None) -> str:
    """Return what a component is called in a sentence."""
    found = next((c for c in plan.components if c.id == component), None) if plan is not None else None
    if found is None:
        return component
    if found.kind == "jury":
        return _("the jury")
    if found.kind == "vote":
        return _("the public vote")
    several = plan is not None and sum(c.kind == "metric" for c in plan.components) > 1
    return _("the metric “%(name)s”", name=component) if several else _("the metric")


def _swap_said(swap: Swap, names: Mapping[str, str], edition: Edition) -> str:
    return _(
        "%(ahead)s and %(behind)s swap if %(part)s weighs %(share)s instead of %(declared)s.",
        ahead=names[swap.ahead],
        behind=names[swap.behind],
        part=part_name(swap.component, edition.ranking),
        share=show.percent(100 * swap.share, 1),
        declared=show.percent(100 * swap.declared, 1),
    )


def _relevant(trials: Trials, ranked: list[Standing], edition: Edition) -> list[Swap]:
    """Return swaps that touch the podium; with two components the first one's suffice, the other mirrors them."""
    weighted = [c.id for c in edition.ranking.components if c.weight] if edition.ranking is not None else []
    told = weighted[:1] if len(weighted) == 2 else weighted
    podium = {s.team for s in ranked[:PODIUM]}
    return [s for s in trials.swaps if s.component in told and (s.ahead in podium or s.behind in podium)]


def _key(trials: Trials, ranked: list[Standing], names: Mapping[str, str], edition: Edition) -> str:
    near = sorted(_relevant(trials, ranked, edition), key=lambda s: abs(s.share - s.declared))
    if not near:
        return ""
    sentences = [_swap_said(near[0], names, edition)]
    first = {s.team for s in ranked if s.rank == 1}
    winner = next((s for s in near if s.ahead in first or s.behind in first), None)
    if winner is None:
        sentences.append(_("No other weight changes the winner."))
    elif winner is not near[0]:
        sentences.append(_swap_said(winner, names, edition))
    return " ".join(sentences)


def _swaps(trials: Trials, ranked: list[Standing], names: Mapping[str, str], edition: Edition) -> tuple[str, ...]:
    sentences = [_swap_said(s, names, edition) for s in _relevant(trials, ranked, edition)[:ROWS]]
    parts = edition.ranking.components if edition.ranking is not None else ()
    if sum(c.weight > 0 for c in parts) > 2:
        sentences.extend(
            _(
                "%(ahead)s and %(behind)s: the smallest change of all weights that ties them moves %(moved)s of the total weight.",
                ahead=names[n.ahead],
                behind=names[n.behind],
                moved=show.percent(100 * n.distance / 2, 1),
            )
            for n in trials.neighbours[:PODIUM]
        )
    return tuple(sentences)


def _tables(
    trials: Trials, ranked: list[Standing], names: Mapping[str, str], edition: Edition, jurors: Mapping[str, str]
) -> tuple[TrialTable, ...]:
    criteria = {c.id: show.text(c.title) for c in edition.rubric.criteria} if edition.rubric is not None else {}

    def nudged(subject: str, called: str) -> str:
        return f"{called}, {show.MINUS if subject.endswith('-') else '+'}{show.percent(10)}"

    made = (
        (
            _("Weights, a tenth more or less"),
            [(nudged(w.subject, part_name(w.subject[:-1], edition.ranking)), w) for w in trials.weights],
        ),
        (
            _("Criteria, a tenth more or less"),
            [(nudged(w.subject, criteria.get(w.subject[:-1], w.subject)), w) for w in trials.criteria],
        ),
        (_("Without one member of the jury"), [(jurors.get(w.subject, w.subject), w) for w in trials.without_juror]),
        (_("Without one criterion"), [(criteria.get(w.subject, w.subject), w) for w in trials.without_criterion]),
        (_("Other schemes"), [(scheme_name(w.subject), w) for w in trials.schemes]),
    )
    return tuple(_table(title, rows, ranked, names) for title, rows in made if rows)


def _table(title: str, rows: list[tuple[str, WhatIf]], ranked: list[Standing], names: Mapping[str, str]) -> TrialTable:
    telling = [(label, w) for label, w in rows if w.changed]
    shown = rows if len(rows) <= ROWS // 2 else telling[:ROWS]
    quiet = len(rows) - len(telling)
    hidden = quiet if shown is not rows else 0
    return TrialTable(
        title,
        tuple(
            TrialRow(label, ", ".join(names[t] for t in _podium(w.order)), _change(w, ranked, names))
            for label, w in shown
        ),
        ngettext("One trial changes nothing.", "%(num)s trials change nothing.", hidden) if hidden else "",
    )


def _change(trial: WhatIf, ranked: list[Standing], names: Mapping[str, str]) -> str:
    before = {s.team: s.rank for s in ranked}
    moved = [
        f"{names[t]} {before[t]}→{trial.ranks[t]}"
        for t in before
        if t in trial.ranks and trial.ranks[t] != before[t]
    ]  # fmt: skip
    gone = [_("%(team)s without a rank", team=names[t]) for t in before if t not in trial.ranks]
    come = [_("%(team)s ranked", team=names[t]) for t in trial.ranks if t not in before]
    told = [*moved, *gone, *come]
    if not told:
        return _("nothing")
    more = len(told) - 4
    return ", ".join(told[:4]) + (" " + _("and %(more)s more", more=more) if more > 0 else "")


def scheme_name(scheme: str) -> str:
    """Return what a scheme of the ranking is called."""
    return {
        "fixed": _("Weighted mean on fixed anchors"),
        "geometric": _("Geometric mean"),
        "rank": _("Mean places (Borda)"),
        "lexicographic": _("Heaviest part first"),
        "minmax": _("From the worst to the best (min-max)"),
        "zscore": _("Standard scores (z)"),
        "borda": _("Borda count"),
        "points": _("Points table 25-18-15"),
        "raw_jury": _("Raw marks of the jury alone"),
        "raw": _("Without correction of severity"),
        "corrected": _("With correction of severity"),
    }.get(scheme, scheme)


def _noise(trials: Trials) -> str:
    if trials.jury_se is None or not trials.first:
        return _("The noise of the marks cannot be estimated: too few sheets, or a total that is not a weighted mean.")
    return _(
        "20,000 draws with a standard error of %(se)s points on the jury’s score and none on the metric; seed %(seed)s.",
        se=show.decimal(trials.jury_se, 2),
        seed=trials.seed,
    )


def _figures(found: Agreement) -> tuple[tuple[str, str], ...]:
    made = (
        (_("Krippendorff’s alpha (interval)"), found.alpha_interval),
        (_("Krippendorff’s alpha (ordinal)"), found.alpha_ordinal),
        (_("One member’s marks, ICC(A,1)"), None if found.icc is None else found.icc.a1),
        (_("The whole jury’s mean, ICC(A,k)"), None if found.icc is None else found.icc.ak),
        (_("Kendall’s W"), found.w),
    )
    return tuple((label, "–" if value is None else show.decimal(value, 2)) for label, value in made)


def _jurors(found: Agreement | None, names: Mapping[str, str]) -> list[JurorRow]:
    if found is None:
        return []
    return [
        JurorRow(
            names.get(line.juror, line.juror),
            line.sheets,
            show.signed(line.severity, 1)
            + ("" if line.severity_se is None else f" ± {show.decimal(line.severity_se, 1)}"),
            show.decimal(line.residual_sd, 1),
            "–" if line.correlation is None else show.decimal(line.correlation, 2),
        )
        for line in sorted(found.lines, key=lambda line: line.severity)
    ]


def _outliers(found: Agreement | None, jurors: Mapping[str, str], names: Mapping[str, str]) -> tuple[OutlierRow, ...]:
    if found is None:
        return ()
    return tuple(
        OutlierRow(jurors.get(o.juror, o.juror), names[o.team], o.points, o.expected, o.standardised)
        for o in found.outliers[:ROWS]
    )


def _correction(preview: Preview, edition: Edition) -> str:
    frozen = preview.inputs.correction
    if edition.rubric is None or frozen.lam is None:
        return _("No correction of severity was frozen with the marks.")
    return _(
        "Correction frozen when the jury closed: %(method)s, lambda %(lam)s; %(counts)s.",
        method=frozen.method,
        lam=show.decimal(frozen.lam),
        counts=_("it counts where the jury is incomplete") if frozen.applied else _("it is shown only"),
    )
