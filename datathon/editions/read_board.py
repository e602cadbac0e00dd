"""Read how a challenge's leaderboard ranks: the table ``[leaderboard]`` of ``challenge.toml``."""

from datathon.editions.read_toml import Table
from datathon.editions.rules import BoardRules, Metric, Reference
from scorers import catalogue

COUNTS = ("best", "last", "selected")
EARLIEST = "earliest"


MODES = ("plain", "ladder")


def read_board(
    top: Table, metrics: tuple[Metric, ...], *, scorer: str | None = None, reference: Reference | None = None
) -> BoardRules:
    """Return the rules of the board; without the table the best submission counts and ties share their rank."""
    table = top.table("leaderboard")
    if table is None:
        return BoardRules()
    rules = BoardRules(
        table.choice("counts", COUNTS, COUNTS[0]), table.strings("tie_break", ()), table.choice("mode", MODES, MODES[0])
    )
    further = {metric.name for metric in metrics[1:]}
    for position, rule in enumerate(rules.tie_break):
        if rule == EARLIEST:
            if position != len(rules.tie_break) - 1:
                table.note(f'tie_break: "{EARLIEST}" separates everything, it can only come last', "tie_break")
        elif rule not in further:
            table.note(
                f'tie_break: {rule!r} is neither a further metric of the challenge nor "{EARLIEST}"', "tie_break"
            )
    refused = _no_ladder(rules, metrics, scorer, reference) if rules.ladder else None
    if refused is not None:
        table.note(f'mode: "ladder" {refused}', "mode")
    table.done()
    return rules


def _no_ladder(
    rules: BoardRules, metrics: tuple[Metric, ...], scorer: str | None, reference: Reference | None
) -> str | None:
    """Return why a challenge cannot have a ladder, None where it can."""
    if rules.counts != COUNTS[0]:
        return f'needs counts = "{COUNTS[0]}": it only ever shows the best'
    if scorer is not None:
        return "needs one error per row, which a scorer of your own does not give; use a shipped metric"
    if len(metrics) > 1:
        return "takes one metric: the others would tell what it hides"
    if not metrics or reference is None:
        # What is missing is noted where it is missing.
        return None
    declared = catalogue.declared(metrics[0].function)
    if declared is None or declared.has_losses(columns=len(reference.truth), grouped="group" in metrics[0].params):
        return None
    return f"needs a metric that is made of one error per row, {metrics[0].name} is not; see docs/scorers.md"
