"""A toy challenge with a known score, to warm the service and to prove that it counts right."""

import contextlib
import io
from dataclasses import replace
from typing import Any

import numpy as np

from scorers import Inputs, Undefined, blob, runner
from scorers.declaration import NUMBERS
from scorers.shipped import Shipped

IDS = b"a\nb\nc\nd"
SUBMISSION = b"id,p\nd,0.75\na,0.25\nb,0.5\nc,1.0\n"
LABELS = {"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.0}
PARTS = {"a": 0, "b": 0, "c": 1, "d": 1}
EXPECTED_MAE = {"public": 0.375, "private": 0.375, "all": 0.375}


def form(metrics: list[str], **changes: Any) -> dict[str, Any]:
    """Return the form of the toy challenge."""
    column = {"name": "p", "type": "number", "min": 0.0, "max": 1.0, "values": []}
    return {
        "id": "id", "columns": [column], "rows": 4, "max_bytes": 1_000_000, "row_sum": None, "seed": 1,
        "metrics": [{"name": m, "params": {}} for m in metrics], "truth": ["y"], "paired": ["p"], **changes,
    }  # fmt: skip


def labels() -> bytes:
    """Return the toy reference as the platform would have prepared it."""
    import array  # noqa: PLC0415 - small and only here

    return blob.pack(
        {
            "truth:y": ("<f8", array.array("d", LABELS.values()).tobytes()),
            "column:kind": ("|S1", b"uvuv"),
            "truth:text": blob.text_column(["", "é", "u", "v"]),
            "part": ("|i1", array.array("b", PARTS.values()).tobytes()),
        },
        {"rows": 4},
    )


def run(known: dict[str, Shipped]) -> None:
    """Walk the paths of PARSE and SCORE once in this process: good file, bad file, text columns, every metric."""
    out = bytearray(16_384)
    plain = form(["mae", "rmse", "accuracy", "roc_auc"])
    for raw in (
        SUBMISSION,
        b'id,p\n"a",0.25\nb,x\nc,nan\n',
        b"",
        b"\xff\xfe",
        b"id;p\n",
        b"id,p\na,\xff\n",
        b"id,p\r\na,1\r\n",
        "id,p\na,1\n\u202e\x07,2\n".encode(),
    ):
        _read(plain, raw, out)
    _read(plain, SUBMISSION, out)
    runner.score(plain, out, labels(), IDS, None, known, _quiet)
    text = form(["accuracy"], truth=["text"], paired=["t"], columns=[
        {"name": "p", "type": "string", "max_length": 9, "empty": True, "format": "rle", "pixels": 99},
        {"name": "q", "type": "category", "values": ["u", "v"]}, {"name": "n", "type": "integer", "min": 0},
        {"name": "t", "type": "string"}])  # fmt: skip
    for mask in (b"1 2 7 3", b"", b"7 3 8 1"):
        raw = b"id,p,q,n,t\n" + b"".join(i + b"," + mask + b",u,3,\xc3\xa9\n" for i in IDS.split(b"\n"))
        _read(text, raw, out)
        _read(text, raw.replace(b"u", b'"u"'), out)
    runner.score(text, out, labels(), IDS, None, known, _quiet)
    two = form(
        ["lrap", "mae", "accuracy"],
        columns=[{"name": c, "type": "number"} for c in "pq"],
        truth=["y", "y"],
        paired=["p", "q"],
    )
    runner.score(two, bytes(4096), labels(), IDS, None, known, _quiet)
    for metric in known.values():
        _every_path(metric)
    source = b"def score(y_true, y_pred, ctx):\n    return {'m': float(ctx.rng.random())}\n"
    runner.score(form(["m"]), bytes(4096), labels(), IDS, source, known, _quiet)


_WRITTEN = {
    "rle": (["1 2", "", "3 4", "1 9 12 1"], ["1 2", "3 1", "", "2 3"]),
    "boxes": (
        ["u 0 0 1 1", "", "v 0 0 2 2", "u 0 0 9 9"],
        ["u 0.5 0 0 1 1", "v 1 0 0 1 1", "", "u 1 0 0 9 8; u 1 0 0 1 1"],
    ),
    "": (["u v", "", "été 2, v", "u. U!"], ["u", "v", "v 2. été", "v w"]),
}


def _every_path(metric: Shipped) -> None:
    """Compute a metric on four rows of what it asks for, with weights and groups; a value is not the point."""
    declaration = metric.declaration
    truth = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    predicted = np.array([[0.25, 0.75], [0.75, 0.25], [0.5, 0.5], [1.0, 0.0]])
    if declaration.kinds[0] not in NUMBERS:
        truth, predicted = np.array(["u", "v"])[truth.astype(int)], np.array(["u", "v"])[(predicted > 0.5).astype(int)]
    wide = slice(None) if declaration.columns == "many" else 0
    given: dict[str, Any] = {"label": "u", "number": 1.0, "integer": 1, "submitted": "u", "levels": {"u": 0.5}}
    params = {
        p.name: given[p.kind] for p in declaration.params if p.kind in {"label", "submitted", "levels"} or p.required
    }
    several = slice(None) if declaration.whole else wide
    plain = Inputs(truth[:, wide], predicted[:, several], params=params, classes=np.unique(truth), names=("u", "v"))
    if declaration.kinds == ("string",):
        true, own = (np.array(texts, dtype=object) for texts in _WRITTEN[declaration.written])
        plain = replace(plain, truth=true, predicted=own)
    choices: list[dict[str, Any]] = [{p.name: c} for p in declaration.params if p.kind == "choice" for c in p.choices]
    switches: list[dict[str, Any]] = [
        {p.name: b} for p in declaration.params if p.kind == "boolean" for b in (True, False)
    ]
    for chosen in [{}, *choices, *switches]:
        inputs = replace(plain, params={**params, **chosen})
        for one in (inputs, replace(inputs, weight=np.ones(4), group=np.array(["g", "g", "h", "h"]))):
            with contextlib.suppress(Undefined):
                metric.value(one)
                metric.brought(one)


def _read(asked: dict[str, Any], raw: bytes, out: bytearray) -> None:
    runner.parse(asked, lambda: raw, io.BufferedReader(io.BytesIO(raw)), IDS, out, None)


def run_full() -> None:
    """Walk the common paths of pandas and scikit-learn once, so that what they load late is loaded."""
    import pandas as pd  # noqa: PLC0415 - only in the process that has the large libraries
    from scipy import stats  # noqa: PLC0415
    from sklearn import metrics  # noqa: PLC0415

    frame = pd.read_csv(io.BytesIO(SUBMISSION))
    frame.merge(frame, on="id").groupby("id").mean().sort_values("p_x")
    truth, guess = np.array([0, 1, 1, 0]), np.array([0.2, 0.5, 1.0, 0.75])
    metrics.roc_auc_score(truth, guess)
    metrics.average_precision_score(truth, guess)
    metrics.log_loss(truth, guess.clip(0.1, 0.9))
    metrics.mean_absolute_error(truth, guess)
    metrics.root_mean_squared_error(truth, guess)
    metrics.r2_score(truth, guess)
    metrics.f1_score(truth, guess > 0.5)
    metrics.balanced_accuracy_score(truth, guess > 0.5)
    metrics.cohen_kappa_score(truth, truth, weights="quadratic")
    metrics.label_ranking_average_precision_score(truth.reshape(2, 2), guess.reshape(2, 2))
    metrics.ndcg_score(truth.reshape(2, 2), guess.reshape(2, 2))
    stats.spearmanr(truth, guess)
    stats.pearsonr(truth, guess)
    stats.kendalltau(truth, guess)


def _quiet(_: str) -> None:
    return
