"""Would the podium change? Every question of the sensitivity page, asked of one ranking. Pure.

Source: ranking specification 4.5 (agreement) and 4.9 (sensitivity). All trials merge again with the frozen lambda; none
of them decides anything.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from datathon.jury.agreement import Agreement, agreement
from datathon.jury.grid import grades_of
from datathon.leaderboard.merge import Inputs, Standing, shown_beside
from datathon.leaderboard.sensitivity import (
    Nudge,
    Swap,
    WhatIf,
    by_scheme,
    first_places,
    neighbours,
    nudged_criteria,
    nudged_weights,
    ranked_rows,
    swaps,
    without_each_criterion,
    without_each_juror,
)

PODIUM = 3


@dataclass(frozen=True, slots=True)
class Trials:
    """Answers for the president. Teams go by their slug, jurors by pseudonym.

    ``swaps`` holds, for each component, the exact shares at which two teams swap; ``neighbours`` the smallest change of
    all weights that ties each ranked team with the next; ``first`` P(first place) under the noise of the marks, whose
    standard error on 0 to 100 is ``jury_se`` (None: not estimated, then ``first`` is empty); ``seed`` repeats the draws.
    """

    weights: tuple[WhatIf, ...]
    criteria: tuple[WhatIf, ...]
    without_juror: tuple[WhatIf, ...]
    without_criterion: tuple[WhatIf, ...]
    schemes: tuple[WhatIf, ...]
    swaps: tuple[Swap, ...]
    neighbours: tuple[Nudge, ...]
    beside: Mapping[str, Mapping[str, float]]
    first: Mapping[str, float]
    jury_se: float | None
    seed: int
    agreement: Agreement | None


def try_out(inputs: Inputs, standings: tuple[Standing, ...], *, seed: int) -> Trials:
    """Return every trial of a ranking that can be computed; ``seed`` (0 or more) fixes the draws of the noise."""
    rows = ranked_rows(standings)
    parts = tuple(c for c in inputs.plan.components if c.weight)
    means = inputs.plan.scheme == "fixed" and bool(rows)
    found = None
    if inputs.rubric is not None and inputs.sheets:
        found = agreement(grades_of(inputs.rubric, inputs.sheets), inputs.correction.lam)
    error = jury_error(inputs, found)
    jury = next((c.id for c in parts if c.kind == "jury"), None)
    noisy = means and jury is not None and error is not None
    return Trials(
        weights=nudged_weights(inputs) if len(parts) > 1 else (),
        criteria=nudged_criteria(inputs),
        without_juror=without_each_juror(inputs) if len({s.juror for s in inputs.sheets}) > 1 else (),
        without_criterion=without_each_criterion(inputs),
        schemes=by_scheme(inputs),
        swaps=tuple(s for c in parts for s in swaps(parts, rows, c.id)) if means and len(parts) > 1 else (),
        neighbours=tuple(n for n in neighbours(inputs, standings) if n is not None) if means else (),
        beside=shown_beside(inputs, standings),
        first=first_places(parts, rows, {jury: error}, seed=seed) if noisy and jury and error is not None else {},
        jury_se=error,
        seed=seed,
        agreement=found,
    )


def jury_error(inputs: Inputs, found: Agreement | None) -> float | None:
    """Return the standard error of a jury's score on 0 to 100: residual sd over the root of the sheets of a team.

    The mean number of sheets is taken. None where no degree of freedom is left to estimate it from.
    """
    if found is None or found.sigma is None or inputs.rubric is None or len({s.juror for s in inputs.sheets}) < 2:
        return None
    per_team = len(inputs.sheets) / len({s.team for s in inputs.sheets})
    return 100 * found.sigma / inputs.rubric.maximum / math.sqrt(per_team)
