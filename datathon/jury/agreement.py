"""How far a jury agrees: Krippendorff's alpha, intraclass correlations, Kendall's W, and each juror among the others. Pure.

Sources: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011); Shrout and Fleiss, Psychological Bulletin 86
(1979); McGraw and Wong, Psychological Methods 1 (1996) for the names ICC(A,1) and ICC(A,k); Kendall's W with ties.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from datathon.jury.panel import Grade, is_complete, islands
from datathon.jury.severity import Fit, fit, system
from datathon.jury.shrinkage import FIXED, FLOOR, MIN_DF, reml, rounded

Level = Literal["nominal", "ordinal", "interval", "ratio"]

OUTLIER = 2.5
"""Standardised residual beyond which a sheet is worth a second look."""

TO_CORRELATE = 3


@dataclass(frozen=True, slots=True)
class Icc:
    """The six intraclass correlations of Shrout and Fleiss; ``a1`` and ``ak`` are two-way, absolute agreement.

    ``one_1``, ``one_k``: each team has jurors of its own; ``c1``, ``ck``: consistency, severity does not count.
    """

    one_1: float
    a1: float
    c1: float
    one_k: float
    ak: float
    ck: float


@dataclass(frozen=True, slots=True)
class JurorLine:
    """One juror among the others.

    ``severity`` in points (positive: generous) with its standard error; ``residual_sd`` in points; ``correlation`` with
    the mean of the others on the same teams, -1..1, None below three teams or without spread.
    """

    juror: str
    sheets: int
    severity: float
    severity_se: float | None
    residual_sd: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Outlier:
    """A sheet that team and juror do not explain: ``standardised`` is its residual in standard deviations."""

    juror: str
    team: str
    points: float
    expected: float
    standardised: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement panel of a jury, None where something cannot be computed.

    Alphas need two jurors on some team; ``icc`` and ``w`` a complete jury. ``lines`` and ``outliers`` are empty for
    panels that do not hang together.
    """

    lam: float | None
    alpha_interval: float | None
    alpha_ordinal: float | None
    icc: Icc | None
    w: float | None
    sigma: float | None
    lines: tuple[JurorLine, ...]
    outliers: tuple[Outlier, ...]


def alpha(units: Sequence[Sequence[float]], level: Level) -> float | None:
    """Return Krippendorff's alpha, at most 1 (perfect); 0 is what chance gives, below 0 is systematic disagreement.

    ``units`` holds each unit's values, gaps left out; units with one value do not count. None when nothing can vary.
    """
    paired = [list(unit) for unit in units if len(unit) > 1]
    counts: dict[float, int] = {}
    for unit in paired:
        for value in unit:
            counts[value] = counts.get(value, 0) + 1
    total = sum(counts.values())
    values = sorted(counts)
    gap = _distances(values, counts, level)
    observed = math.fsum(
        math.fsum(gap[a][b] for n, a in enumerate(unit) for m, b in enumerate(unit) if n != m) / (len(unit) - 1)
        for unit in paired
    )
    expected = math.fsum(counts[a] * counts[b] * gap[a][b] for a in values for b in values)
    return None if expected <= 0 else 1 - (total - 1) * observed / expected


def _distances(values: Sequence[float], counts: Mapping[float, int], level: Level) -> dict[float, dict[float, float]]:
    before, running = {}, 0.0
    for value in values:
        before[value] = running + counts[value] / 2
        running += counts[value]

    def squared(a: float, b: float) -> float:
        if a == b:
            return 0.0
        if level == "nominal":
            return 1.0
        if level == "ordinal":
            return (before[a] - before[b]) ** 2
        return (a - b) ** 2 if level == "interval" else ((a - b) / (a + b)) ** 2

    return {a: {b: squared(a, b) for b in values} for a in values}


def icc(table: Sequence[Sequence[float]]) -> Icc | None:
    """Return the intraclass correlations of a complete table, one row per team and one column per juror, 2 x 2 at least.

    None for a table without any spread. Raises ValueError for a table of another shape.
    """
    n, k = len(table), len(table[0]) if table else 0
    if n < 2 or k < 2 or any(len(row) != k for row in table):
        raise ValueError("two rows and two columns at least, without gaps")
    whole = math.fsum(v for row in table for v in row) / (n * k)
    rows = [math.fsum(row) / k for row in table]
    columns = [math.fsum(row[j] for row in table) / n for j in range(k)]
    between = k * math.fsum((m - whole) ** 2 for m in rows) / (n - 1)
    jurors = n * math.fsum((m - whole) ** 2 for m in columns) / (k - 1)
    within_ss = math.fsum((v - m) ** 2 for row, m in zip(table, rows, strict=True) for v in row)
    error_ss = math.fsum(
        (v - m - c + whole) ** 2 for row, m in zip(table, rows, strict=True) for v, c in zip(row, columns, strict=True)
    )
    within, error = within_ss / (n * (k - 1)), error_ss / ((n - 1) * (k - 1))
    shift = (jurors - error) / n
    parts = (
        (between - within, between + (k - 1) * within),
        (between - error, between + (k - 1) * error + k * shift),
        (between - error, between + (k - 1) * error),
        (between - within, between),
        (between - error, between + shift),
        (between - error, between),
    )
    if any(below == 0 for _, below in parts):
        return None
    return Icc(*(above / below for above, below in parts))


def kendall_w(table: Sequence[Sequence[float]]) -> float | None:
    """Return Kendall's coefficient of concordance, 0 to 1, corrected for ties; rows are teams, columns jurors, no gaps.

    None when no juror told any two teams apart. Raises ValueError for a table that is not at least 2 x 2.
    """
    n, m = len(table), len(table[0]) if table else 0
    if n < 2 or m < 2 or any(len(row) != m for row in table):
        raise ValueError("two rows and two columns at least, without gaps")
    ranks, ties = [0.0] * n, 0
    for j in range(m):
        column = [row[j] for row in table]
        for i, value in enumerate(column):
            ranks[i] += sum(v < value for v in column) + (column.count(value) + 1) / 2
        ties += sum(column.count(v) ** 3 - column.count(v) for v in set(column))
    mean = m * (n + 1) / 2
    below = m**2 * (n**3 - n) - m * ties
    return None if below == 0 else 12 * math.fsum((r - mean) ** 2 for r in ranks) / below


def panel_lambda(grades: Sequence[Grade]) -> float:
    """Return the lambda that a panel of severities is read with: REML by the usual rules, else the fixed one.

    A jury that does not differ measurably gets a very large one: severities near zero.
    """
    if system(grades).df < MIN_DF:
        return FIXED
    lam = reml(grades)
    return 1e6 if lam is None else rounded(max(lam, FLOOR))


def agreement(grades: Sequence[Grade], lam: float | None = None) -> Agreement:
    """Return the agreement panel of these grades, read with the frozen ``lam`` or, while none is frozen, a fitting one."""
    by_team: dict[str, list[float]] = {}
    for grade in grades:
        by_team.setdefault(grade.team, []).append(grade.points)
    units = list(by_team.values())
    table = _table(grades)
    fitted = None
    if len(islands((g.juror, g.team) for g in grades)) == 1:
        fitted = fit(grades, panel_lambda(grades) if lam is None else lam)
    return Agreement(
        lam=None if fitted is None else fitted.lam,
        alpha_interval=alpha(units, "interval"),
        alpha_ordinal=alpha(units, "ordinal"),
        icc=None if table is None else icc(table),
        w=None if table is None else kendall_w(table),
        sigma=None if fitted is None else fitted.sigma,
        lines=() if fitted is None else tuple(_line(j, grades, fitted) for j in fitted.severity),
        outliers=() if fitted is None else outliers(grades, fitted),
    )


def outliers(grades: Sequence[Grade], fitted: Fit) -> tuple[Outlier, ...]:
    """Return the sheets whose residual is beyond 2.5 standard deviations, the farthest first."""
    if not fitted.sigma or fitted.sigma < 1e-9:
        return ()
    found = []
    for grade in grades:
        residual = fitted.residuals[grade.juror, grade.team]
        if abs(residual) > OUTLIER * fitted.sigma:
            found.append(
                Outlier(grade.juror, grade.team, grade.points, grade.points - residual, residual / fitted.sigma)
            )
    return tuple(sorted(found, key=lambda o: (-abs(o.standardised), o.juror, o.team)))


def _table(grades: Sequence[Grade]) -> list[list[float]] | None:
    """Return teams x jurors, None when incomplete or smaller than 2 x 2."""
    points = {(g.team, g.juror): g.points for g in grades}
    teams, jurors = sorted({g.team for g in grades}), sorted({g.juror for g in grades})
    if len(teams) < 2 or len(jurors) < 2 or not is_complete([(g.juror, g.team) for g in grades]):
        return None
    return [[points[t, j] for j in jurors] for t in teams]


def _line(juror: str, grades: Sequence[Grade], fitted: Fit) -> JurorLine:
    own = {g.team: g.points for g in grades if g.juror == juror}
    others: dict[str, list[float]] = {}
    for grade in grades:
        if grade.juror != juror and grade.team in own:
            others.setdefault(grade.team, []).append(grade.points)
    residuals = [fitted.residuals[juror, team] for team in own]
    return JurorLine(
        juror=juror,
        sheets=len(own),
        severity=fitted.severity[juror],
        severity_se=None if fitted.severity_se is None else fitted.severity_se[juror],
        residual_sd=math.sqrt(math.fsum(r * r for r in residuals) / len(residuals)),
        correlation=correlation([own[t] for t in others], [math.fsum(o) / len(o) for o in others.values()]),
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Pearson's correlation, None below three pairs or where one side does not vary."""
    if len(one) < TO_CORRELATE:
        return None
    a, b = math.fsum(one) / len(one), math.fsum(other) / len(other)
    spread = math.fsum((x - a) ** 2 for x in one) * math.fsum((y - b) ** 2 for y in other)
    if spread <= 1e-18:
        return None
    shared = math.fsum((x - a) * (y - b) for x, y in zip(one, other, strict=True))
    return max(-1.0, min(1.0, shared / math.sqrt(spread)))
