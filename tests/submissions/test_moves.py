import ast
from itertools import product
from pathlib import Path

import pytest

import datathon
from datathon.submissions.rules import MOVES, WITHDRAWABLE, State, step

ALLOWED = {
    ("received", "running"), ("received", "withdrawn"),
    ("running", "received"), ("running", "scored"), ("running", "rejected"), ("running", "failed"),
    ("scored", "withdrawn"), ("scored", "rejected"),
    ("rejected", "scored"),
    ("failed", "received"), ("failed", "scored"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_step_allows_the_moves_of_the_table_and_no_other(before: State, after: State) -> None:
    if (before.value, after.value) in ALLOWED:
        assert step(before, after) is after
    else:
        with pytest.raises(ValueError, match="does not go"):
            step(before, after)


def test_moves_name_every_state() -> None:
    assert set(MOVES) == set(State)
    assert {State.RECEIVED, State.SCORED} == WITHDRAWABLE


def test_every_change_of_state_asks_for_its_step() -> None:
    # A keyword ``state=State.X`` in an update would move a submission without the table being asked.
    found = []
    for path in [
        *(Path(datathon.__file__).parent / "scoring").glob("*.py"),
        *(Path(datathon.__file__).parent / "submissions").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"):
                continue
            if "update(RescoringItem)" in ast.unparse(node):
                continue  # an item of a campaign is not a submission
            found += [
                f"{path.name}:{node.lineno}"
                for given in node.keywords
                if given.arg == "state" and not ast.unparse(given.value).startswith("step(")
            ]
    assert found == []
