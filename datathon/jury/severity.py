"""What an average juror would have given: the shrunk additive model of a jury's severity. Pure.

Points of juror j for team i are read as mu_i + d_j + e with d ~ N(0, tau^2), e ~ N(0, sigma^2), lambda = sigma^2 /
tau^2; mu_i is the fair score. Source: ranking specification 4.5; the equations are Henderson's mixed model equations
(Biometrics 31, 1975). On a complete design mu_i is the raw mean for every lambda.

The equations are solved in floating point and refined with exact residuals to about 1e-30, far beyond what is published.
A published score is thus *the* solution rounded to 1e-9, whatever machine or library computes it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from datathon.jury.linear import cholesky, inverse, solve
from datathon.jury.panel import Grade, check_connected

SHIFT = 120
"""Binary digits after the point in the exact residuals."""

ROUNDS = 4
"""Refinements; each brings at least ten decimal digits on a connected design."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The model fitted with a given ``lam`` (lambda, 0: jurors as fixed effects; higher: less correction).

    ``fair`` maps each team to mu in points, unclipped; ``severity`` each juror to d (positive: generous), summing to 0;
    ``residuals`` each (juror, team) to what neither explains, summing to 0 per team. ``sigma`` is the residual standard
    deviation in points and ``fair_se``, ``severity_se`` standard errors; None where no degree of freedom is left.
    ``df`` = grades - teams - jurors + 1.
    """

    lam: float
    fair: Mapping[str, float]
    severity: Mapping[str, float]
    residuals: Mapping[tuple[str, str], float]
    df: int
    sigma: float | None
    fair_se: Mapping[str, float] | None
    severity_se: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class System:
    """Grades by index, and the equations for the jurors alone: (reduced + lambda I) d = right."""

    teams: tuple[str, ...]
    jurors: tuple[str, ...]
    given: tuple[tuple[tuple[int, float], ...], ...]
    reduced: tuple[tuple[float, ...], ...]
    right: tuple[float, ...]
    within: float

    @property
    def count(self) -> int:
        """Number of grades."""
        return sum(len(row) for row in self.given)

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.count - len(self.teams) - len(self.jurors) + 1


def system(grades: Sequence[Grade]) -> System:
    """Return the equations of ``grades``, whose order does not matter.

    ``within`` is the sum of squares around the teams' means. Raises ValueError for a juror who graded a team twice and
    for points that are not finite.
    """
    if len({(g.juror, g.team) for g in grades}) != len(grades):
        raise ValueError("a juror graded a team twice")
    if not all(math.isfinite(g.points) for g in grades):
        raise ValueError("points must be finite")
    teams, jurors = sorted({g.team for g in grades}), sorted({g.juror for g in grades})
    place = {juror: n for n, juror in enumerate(jurors)}
    by_team: dict[str, list[tuple[int, float]]] = {team: [] for team in teams}
    for grade in grades:
        by_team[grade.team].append((place[grade.juror], grade.points))
    given = tuple(tuple(sorted(by_team[team])) for team in teams)
    reduced = [[0.0] * len(jurors) for _ in jurors]
    right, squares = [0.0] * len(jurors), []
    for row in given:
        share, mean = 1 / len(row), math.fsum(y for _, y in row) / len(row)
        for j, y in row:
            line = reduced[j]
            line[j] += 1
            right[j] += y - mean
            squares.append((y - mean) ** 2)
            for other, _ in row:
                line[other] -= share
    return System(tuple(teams), tuple(jurors), given, tuple(map(tuple, reduced)), tuple(right), math.fsum(squares))


def shifted(equations: System, lam: float) -> list[list[float]]:
    """Return the jurors' matrix plus lambda on its diagonal; for lambda 0 plus 1 everywhere, which sets sum(d) to 0."""
    everywhere = 0.0 if lam else 1.0
    return [
        [value + everywhere + (lam if i == j else 0.0) for j, value in enumerate(row)]
        for i, row in enumerate(equations.reduced)
    ]


def fit(grades: Sequence[Grade], lam: float) -> Fit:
    """Fit the model with a given lambda.

    Raises Invalid when the grades do not connect all teams (the message names the parts and a missing bridge) or when
    there are none, ValueError for a negative or non-finite lambda and for impossible grades.
    """
    equations, lower = _factored(grades, lam)
    fair, severity = _refined(equations, lower, lam)
    residuals = {
        (equations.jurors[j], team): y - fair[i] - severity[j]
        for i, team in enumerate(equations.teams)
        for j, y in equations.given[i]
    }
    sigma = _sigma(equations, residuals.values(), severity, lam)
    teams_se, jurors_se = (None, None) if sigma is None else _errors(equations, lower, lam, sigma)
    return Fit(
        lam=lam,
        fair=dict(zip(equations.teams, fair, strict=True)),
        severity=dict(zip(equations.jurors, severity, strict=True)),
        residuals=residuals,
        df=equations.df,
        sigma=sigma,
        fair_se=teams_se,
        severity_se=jurors_se,
    )


def fair_points(grades: Sequence[Grade], lam: float) -> dict[str, float]:
    """Return mu of each team in points, unclipped: ``fit`` without errors, for rankings and what-ifs. Raises as ``fit``."""
    equations, lower = _factored(grades, lam)
    return dict(zip(equations.teams, _refined(equations, lower, lam)[0], strict=True))


def _factored(grades: Sequence[Grade], lam: float) -> tuple[System, list[list[float]]]:
    if not (math.isfinite(lam) and lam >= 0):
        raise ValueError(f"not a lambda: {lam!r}")
    check_connected([(g.juror, g.team) for g in grades])
    equations = system(grades)
    return equations, cholesky(shifted(equations, lam))


def difference_se(grades: Sequence[Grade], *, lam: float, sigma: float, one: str, other: str) -> float:
    """Return the standard error of mu(one) - mu(other) in points; sigma * sqrt(2 / k) on a complete design of k jurors."""
    equations = system(grades)
    lower = cholesky(shifted(equations, lam))
    contrast, own = [0.0] * len(equations.jurors), 0.0
    for team, sign in ((one, 1), (other, -1)):
        row = equations.given[equations.teams.index(team)]
        own += 1 / len(row)
        for j, _ in row:
            contrast[j] += sign / len(row)
    spread = math.fsum(c * x for c, x in zip(contrast, solve(lower, contrast), strict=True))
    return sigma * math.sqrt(own + spread)


def _fixed(value: float) -> int:
    return int(Fraction(value) * (1 << SHIFT))


def _double(value: int) -> float:
    # The last twenty binary digits are what the refinement leaves open: a true zero becomes one.
    return ((value + (1 << 19)) >> 20) / (1 << (SHIFT - 20))


def _refined(equations: System, lower: Sequence[Sequence[float]], lam: float) -> tuple[list[float], list[float]]:
    """Solve for mu and d, correcting with residuals that are exact to 2^-SHIFT."""
    given = [[(j, _fixed(y)) for j, y in row] for row in equations.given]
    weight, everywhere = _fixed(lam), 0 if lam else 1
    fair, severity = [0] * len(equations.teams), [0] * len(equations.jurors)
    for _ in range(ROUNDS):
        whole = everywhere * sum(severity)
        left = [-((weight * d) >> SHIFT) - whole for d in severity]
        rest: list[int] = []
        for mu, row in zip(fair, given, strict=True):
            remains = 0
            for j, y in row:
                gap = y - mu - severity[j]
                remains += gap
                left[j] += gap
            rest.append(remains)
        team_gap = [r / (1 << SHIFT) for r in rest]
        right = [q / (1 << SHIFT) for q in left]
        for rest_sum, row in zip(team_gap, given, strict=True):
            for j, _y in row:
                right[j] -= rest_sum / len(row)
        steps = solve(lower, right)
        for i, (rest_sum, row) in enumerate(zip(team_gap, given, strict=True)):
            fair[i] += _fixed((rest_sum - math.fsum(steps[j] for j, _ in row)) / len(row))
        severity = [d + _fixed(step) for d, step in zip(severity, steps, strict=True)]
    return [_double(mu) for mu in fair], [_double(d) for d in severity]


def _sigma(equations: System, residuals: Iterable[float], severity: Sequence[float], lam: float) -> float | None:
    # With lambda above 0 the jurors cost no degree of freedom: this is the restricted likelihood's own estimate.
    df = equations.count - len(equations.teams) if lam else equations.df
    if df <= 0:
        return None
    squares = math.fsum(e * e for e in residuals) + lam * math.fsum(d * d for d in severity)
    return math.sqrt(squares / df)


def _errors(
    equations: System, lower: Sequence[Sequence[float]], lam: float, sigma: float
) -> tuple[dict[str, float], dict[str, float]]:
    covariance = inverse(lower)
    size = len(equations.jurors)
    surplus = 0.0 if lam else 1 / size**2
    teams = {}
    for team, row in zip(equations.teams, equations.given, strict=True):
        members = [j for j, _ in row]
        through = math.fsum(covariance[j][k] - surplus for j in members for k in members) / len(row) ** 2
        teams[team] = sigma * math.sqrt(1 / len(row) + max(through, 0.0))
    jurors = {
        juror: sigma * math.sqrt(max(covariance[j][j] - surplus, 0.0)) for j, juror in enumerate(equations.jurors)
    }
    return teams, jurors
