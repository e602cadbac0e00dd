"""What a shipped metric is given: columns matched by name, classes, weights and groups from the reference."""

from typing import Any

import numpy as np
import pytest

from scorers import Undefined, catalogue
from scorers.shipped import functions, inputs_of

METRICS = functions()


def given_columns(*names: str, **more: Any) -> dict[str, Any]:
    columns = [{"name": n, "type": "number", "min": 0.0, "max": 1.0, "values": [], **more} for n in names]
    return {"columns": columns, "truth": ["kind"], "paired": []}


@pytest.mark.parametrize("truth", [np.array(["30", "10", "20"]), np.array([30.0, 10.0, 20.0])])
def test_a_truth_that_names_the_right_column_is_spread_over_the_columns(truth: Any) -> None:
    shares = {"10": np.array([0.0, 0.5, 0.25]), "20": np.array([0.5, 0.5, 0.5]), "30": np.array([0.5, 0.0, 0.25])}
    inputs = inputs_of(
        catalogue.SHIPPED["log_loss"], {}, given_columns("10", "20", "30"), {"truth:kind": truth}, shares
    )
    assert inputs.names == ("10", "20", "30")
    assert inputs.truth.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert METRICS["log_loss"].value(inputs) == pytest.approx(np.log(2), abs=1e-15)


@pytest.mark.parametrize("truth", [np.array(["a", "x"]), np.array([1.0, 2.0])])
def test_a_truth_that_names_no_column_leaves_no_score(truth: Any) -> None:
    shares = {"a": np.array([0.5, 0.5]), "b": np.array([0.5, 0.5])}
    with pytest.raises(Undefined, match="name of no submitted column"):
        inputs_of(catalogue.SHIPPED["log_loss"], {}, given_columns("a", "b"), {"truth:kind": truth}, shares)


def test_weight_and_group_come_from_the_reference_and_are_no_parameters_any_more() -> None:
    reference = {
        "truth:kind": np.zeros(4),
        "column:size": np.array([1.0, 3.0, 1.0, 1.0]),
        "column:place": np.array(["n", "n", "s", "s"]),
    }
    form = {**given_columns("kind"), "paired": ["kind"]}
    params = {"weight": "size", "group": "place"}
    inputs = inputs_of(catalogue.SHIPPED["mae"], params, form, reference, {"kind": np.array([4.0, 0.0, 2.0, 0.0])})
    assert inputs.params == {}
    # north: (4 x 1 + 0 x 3) / 4 = 1, south: (2 + 0) / 2 = 1; a mean over rows would give 6 / 6 = 1 only by chance
    assert METRICS["mae"].value(inputs) == 1.0
    losses = METRICS["mae"].losses(inputs)
    assert losses is not None
    assert losses.tolist() == [2.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize(("column", "classes"), [
    ({"type": "category", "values": ["low", "high"]}, ["low", "high"]),
    ({"type": "integer", "min": 1, "max": 3}, [1, 2, 3]),
    ({"type": "integer", "min": 1, "max": None}, None),
    ({"type": "number"}, None),
])  # fmt: skip
def test_classes_are_the_declared_categories_or_whole_numbers(column: dict[str, Any], classes: Any) -> None:
    form = {**given_columns("kind", **column), "paired": ["kind"]}
    found = inputs_of(catalogue.SHIPPED["f1_macro"], {}, form, {"truth:kind": np.zeros(1)}, {"kind": np.zeros(1)})
    assert classes == (None if found.classes is None else found.classes.tolist())


def test_value_in_a_group_that_has_none_leaves_no_score_at_all() -> None:
    metric = METRICS["roc_auc"]
    form = {**given_columns("kind"), "paired": ["kind"]}
    reference = {"truth:kind": np.array([0.0, 1.0, 1.0]), "column:place": np.array(["n", "n", "s"])}
    inputs = inputs_of(metric.declaration, {"group": "place"}, form, reference, {"kind": np.array([0.1, 0.2, 0.3])})
    with pytest.raises(Undefined, match="one class only"):
        metric.value(inputs)


@pytest.mark.parametrize(("name", "params", "said"), [
    ("mae", {"weight": 3}, "a column of the reference expected, found 3"),
    ("mae", {"group": ""}, "a column of the reference expected"),
    ("fbeta", {}, "fbeta needs it"),
    ("fbeta", {"beta": 0}, "more than 0 expected, found 0"),
    ("fbeta", {"beta": "2"}, "a number expected"),
    ("fbeta", {"beta": True}, "a number expected"),
    ("fbeta", {"beta": float("inf")}, "a finite number expected"),
    ("log_loss", {"eps": 0.1}, "at most 1e-10 expected"),
    ("f1_macro", {"absent": "nan"}, "one of zero, skip expected"),
    ("f1", {"pos_label": []}, "a value of the truth expected"),
])  # fmt: skip
def test_unfit_parameters_are_refused(name: str, params: dict[str, Any], said: str) -> None:
    refused = catalogue.SHIPPED[name].refused(params)
    assert refused is not None
    assert said in refused[1]
