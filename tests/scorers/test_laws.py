"""Laws every shipped metric obeys, taken from the catalogue: a metric without a case of its own fails here."""

import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import metric_cases_lists
import metric_cases_spreads
import metric_cases_texts
import metric_cases_values
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from metric_cases import Array, Case

from datathon.editions.rules import Limits
from datathon.scoring.sandbox import memory
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.private import private_scorer
from scorers import Inputs, Undefined, blob, catalogue, sums
from scorers.shipped import functions

CASES: dict[str, Case] = {
    **metric_cases_values.CASES,
    **metric_cases_spreads.CASES,
    **metric_cases_lists.CASES,
    **metric_cases_texts.CASES,
}
METRICS = functions(full=True)
NAMES = [name for name in catalogue.SHIPPED if name in CASES]
EACH = pytest.mark.parametrize("name", NAMES)
THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def value(name: str, inputs: Inputs) -> float | None:
    try:
        return METRICS[name].value(inputs)
    except Undefined:
        return None


def oracle(name: str, inputs: Inputs) -> float | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs, on degenerate inputs
        return CASES[name].oracle(inputs)


def close(ours: float | None, theirs: float | None, within: float = 1e-12) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - theirs) <= within * max(1.0, abs(theirs))


def better(name: str, ours: float, theirs: float) -> bool:
    gain = ours - theirs if catalogue.SHIPPED[name].direction == "higher" else theirs - ours
    return gain > 1e-12 * max(1.0, abs(theirs))


def taken(inputs: Inputs, rows: Any) -> Inputs:
    return replace(
        inputs,
        truth=inputs.truth[rows],
        predicted=inputs.predicted[rows],
        weight=None if inputs.weight is None else inputs.weight[rows],
        group=None if inputs.group is None else inputs.group[rows],
    )


def test_every_shipped_metric_has_a_case_and_every_case_a_metric() -> None:
    assert set(CASES) == set(catalogue.SHIPPED)
    assert set(METRICS) == set(catalogue.SHIPPED)


@EACH
def test_declaration_says_what_a_reader_needs(name: str) -> None:
    one = catalogue.SHIPPED[name]
    assert one.about
    assert one.direction in {"lower", "higher"}
    assert one.columns in {"one", "many", "any"}
    assert one.losses in {"", "mean", "root", "rest"}
    assert one.low is None or one.high is None or one.low < one.high
    assert len(set(one.param_names)) == len(one.params)
    given = {p.name: p.default for p in one.params if p.default is not None}
    assert (one.refused(given) or ("", "needs it"))[1].startswith(("needs it", f"{name} needs it"))
    assert one.refused({"wait": 1}) == ("wait", f"{name} has no such parameter")


@EACH
def test_equals_its_oracle(name: str) -> None:
    @THOROUGH
    @given(CASES[name].inputs)
    def law(inputs: Inputs) -> None:
        ours = value(name, inputs)
        no_weight = inputs.weight is not None and inputs.weight.sum() == 0
        theirs = None if no_weight else oracle(name, inputs)
        assert close(ours, theirs), (ours, theirs)

    law()


@EACH
def test_example_and_both_its_halves_equal_the_oracle(name: str) -> None:
    example = CASES[name].example
    half = example.truth.shape[0] // 2
    for inputs in (example, taken(example, slice(None, half)), taken(example, slice(half, None))):
        ours = value(name, inputs)
        assert ours is not None
        assert close(ours, oracle(name, inputs))


@EACH
def test_value_is_finite_and_within_the_declared_range(name: str) -> None:
    low, high = catalogue.SHIPPED[name].low, catalogue.SHIPPED[name].high

    @QUICK
    @given(CASES[name].inputs)
    def law(inputs: Inputs) -> None:
        ours = value(name, inputs)
        if ours is not None:
            assert np.isfinite(ours)
            assert low is None or ours >= low
            assert high is None or ours <= high

    law()


@EACH
def test_nothing_beats_the_truth_itself(name: str) -> None:
    best = catalogue.SHIPPED[name].best
    gold = replace(CASES[name].example, predicted=CASES[name].gold(CASES[name].example))
    assert best is None or close(value(name, gold), best)

    @QUICK
    @given(CASES[name].inputs)
    def law(inputs: Inputs) -> None:
        ours = value(name, inputs)
        golden = value(name, replace(inputs, predicted=CASES[name].gold(inputs)))
        if ours is not None:
            assert golden is not None
            assert not better(name, ours, golden), (ours, golden)

    law()


@EACH
def test_order_of_the_rows_does_not_matter(name: str) -> None:
    @QUICK
    @given(CASES[name].inputs, st.randoms(use_true_random=False))
    def law(inputs: Inputs, chance: Any) -> None:
        rows = list(range(inputs.truth.shape[0]))
        chance.shuffle(rows)
        assert close(value(name, taken(inputs, rows)), value(name, inputs))

    law()


@EACH
def test_without_a_value_it_is_undefined_and_never_nan(name: str) -> None:
    assert CASES[name].undefined
    for inputs in (*CASES[name].undefined, taken(CASES[name].example, slice(0, 0))):
        with pytest.raises(Undefined):
            METRICS[name].value(inputs)


@EACH
def test_losses_by_row_make_the_value(name: str) -> None:
    metric = METRICS[name]

    @QUICK
    @given(CASES[name].inputs)
    def law(inputs: Inputs) -> None:
        ours = value(name, inputs)
        if ours is None:
            return
        losses = metric.losses(inputs)
        wide = 1 if inputs.truth.ndim == 1 else inputs.truth.shape[1]
        declared = metric.declaration.has_losses(columns=wide, grouped=inputs.group is not None)
        assert (losses is not None) == declared
        if losses is not None:
            assert losses.shape == (inputs.truth.shape[0],)
            assert losses.dtype == np.float64
            mean = float(np.mean(losses))
            made = {"mean": mean, "root": mean**0.5, "rest": 1 - mean}[metric.declaration.losses]
            assert close(made, ours, 1e-9)

    law()


@pytest.mark.parametrize("name", [n for n in CASES if METRICS[n].declaration.counted or n in {"rmse", "spearman"}])
def test_what_the_rows_bring_makes_the_value(name: str) -> None:
    metric = METRICS[name]

    @QUICK
    @given(CASES[name].inputs)
    def law(inputs: Inputs) -> None:
        ours = value(name, inputs)
        if ours is None:
            return
        wide = 1 if inputs.truth.ndim == 1 else inputs.truth.shape[1]
        made_by = metric.declaration.made_by(columns=wide, grouped=inputs.group is not None)
        brought = metric.brought(inputs)
        assert (brought is None) == (made_by == "")
        if brought is None:
            return
        assert brought.shape == (inputs.truth.shape[0], sums.WIDTHS[made_by])
        if made_by in sums.BY_GROUP:
            there = brought[np.isfinite(brought[:, 0]), 0]
            assert len(there) == len(np.unique(inputs.group))
            mean = float(np.mean(there))
            assert close(mean if made_by == "groups" else 1 - mean, ours, 1e-9)
        elif made_by not in sums.BY_ROW:
            made = sums.of_rows(made_by, brought.reshape(-1).tolist())
            assert made is not None
            assert close(made, ours, 1e-9)

    law()


@pytest.fixture(scope="module")
def scorer() -> Iterator[ScorerClient]:
    with private_scorer() as client:
        yield client


@EACH
def test_real_score_child_gives_each_part_its_value(name: str, scorer: ScorerClient) -> None:
    """The example's halves are the public and the private part: one reading of the file, under the strict filter."""
    example = CASES[name].example
    metric, half = METRICS[name], example.truth.shape[0] // 2
    end = scorer.run(
        "score", limits=Limits(), descriptors=_descriptors(name, example), full=bool(metric.declaration.extra)
    )
    assert end.end == "done", end.log
    parts = (slice(None, half), slice(half, None), slice(None))
    expected = [[metric.value(taken(example, rows))] for rows in parts]
    assert json.loads(end.reply) == {"values": expected}


def _descriptors(name: str, example: Inputs) -> dict[str, int]:
    rows = example.truth.shape[0]
    truth, predicted = _columns(example.truth), _columns(example.predicted)
    names = [f"c{i}" for i in range(len(predicted))]
    columns = [_declared(n, values, example) for n, values in zip(names, predicted, strict=True)]
    true = names if len(truth) == len(names) else ["truth"]
    labels = {f"truth:{n}": _stored(v) for n, v in zip(true, truth, strict=True)}
    params = dict(example.params)
    for kind, values in (("weight", example.weight), ("group", example.group)):
        if values is not None:
            labels[f"column:{kind}"] = _stored(values)
            params[kind] = kind
    labels["part"] = ("|i1", np.repeat([0, 1], [rows // 2, rows - rows // 2]).astype("i1").tobytes())
    form = {
        "id": "id", "columns": columns, "rows": rows, "max_bytes": 1_000_000, "row_sum": None, "seed": 1,
        "metrics": [{"name": name, "params": params}], "truth": true, "paired": names if true == names else [],
    }  # fmt: skip
    places, size = blob.layout(columns, rows, form["max_bytes"])
    out = bytearray(size)
    for place, values, one in zip(places, predicted, columns, strict=True):
        if one["type"] == "string":
            blob.write_texts(out, place, [text.encode() for text in values], 0)
            continue
        blob.view(out, place)[:] = [one["values"].index(v) for v in values] if one["type"] == "category" else values
    return {
        "form": memory.sealed("form", json.dumps(form).encode()),
        "ids": memory.sealed("ids", "\n".join(map(str, range(rows))).encode()),
        "arrays": memory.sealed("arrays", bytes(out)),
        "labels": memory.sealed("labels", blob.pack(labels, {"rows": rows})),
    }


def _columns(values: Array) -> list[Array]:
    return [values] if values.ndim == 1 else [values[:, j] for j in range(values.shape[1])]


def _declared(name: str, values: Array, example: Inputs) -> dict[str, Any]:
    if values.dtype.kind == "O":
        return {"name": name, "type": "string", "empty": True}
    if values.dtype.kind in "US":
        classes = sorted(set(values)) if example.classes is None else list(example.classes)
        return {"name": name, "type": "category", "values": [str(c) for c in classes]}
    whole = example.classes is not None
    bounds = {"min": int(example.classes[0]), "max": int(example.classes[-1])} if example.classes is not None else {}
    return {"name": name, "type": "integer" if whole else "number", "values": [], **bounds}


def _stored(values: Array) -> tuple[str, bytes]:
    if values.dtype.kind == "O":
        return blob.text_column(list(values))
    kept = np.char.encode(values, "utf-8") if values.dtype.kind == "U" else values.astype("<f8")
    return kept.dtype.str, kept.tobytes()
