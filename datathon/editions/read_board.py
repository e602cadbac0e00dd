"""Read how a challenge's leaderboard ranks: the table ``[leaderboard]`` of ``challenge.toml``."""

from datathon.editions.read_toml import Table
from datathon.editions.rules import BoardRules, Metric

COUNTS = ("best", "last", "selected")
EARLIEST = "earliest"


def read_board(top: Table, metrics: tuple[Metric, ...]) -> BoardRules:
    """Return the rules of the board; without the table the best submission counts and ties share their rank."""
    table = top.table("leaderboard")
    if table is None:
        return BoardRules()
    rules = BoardRules(table.choice("counts", COUNTS, COUNTS[0]), table.strings("tie_break", ()))
    further = {metric.name for metric in metrics[1:]}
    for position, rule in enumerate(rules.tie_break):
        if rule == EARLIEST:
            if position != len(rules.tie_break) - 1:
                table.note(f'tie_break: "{EARLIEST}" separates everything, it can only come last', "tie_break")
        elif rule not in further:
            table.note(
                f'tie_break: {rule!r} is neither a further metric of the challenge nor "{EARLIEST}"', "tie_break"
            )
    table.done()
    return rules
