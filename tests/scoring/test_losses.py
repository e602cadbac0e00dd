"""Losses by row: what SCORE writes of them, what is believed, where they are kept."""

import array
import io
import json
import math
import stat
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from sandboxed import GOOD, make_challenge

from datathon.editions.rules import Column, Metric
from datathon.kernel.ids import new_id
from datathon.scoring import losses
from datathon.scoring.losses import believed, keep, read_losses
from datathon.scoring.outcome import Losses, Untrusted
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.tables import Score
from datathon.store.files import FileStore
from scorers.sums import WIDTHS

PARTS = bytes([0, 0, 1, 2])


def doubles(*numbers: float) -> bytes:
    return array.array("d", numbers).tobytes()


def numbers_of(found: Losses | None) -> list[float]:
    assert found is not None
    return list(array.array("d", found.values))


def score_with(digest: str | None) -> Score:
    return Score(
        submission_id=new_id(), attempt=1, scorer="mae", scorer_version="1", scorer_digest="", reference_digest="",
        submission_digest="", environment_digest="", sandbox="full", losses_digest=digest,
    )  # fmt: skip


@pytest.mark.parametrize(("metric", "expected"), [
    (Metric("mae"), [0.1, 0.2, 0.2, 0.4]),
    (Metric("rmse"), [0.01, 0.04, 0.04, 0.16]),
    (Metric("mae", params={"weight": "weight"}), [0.1 * 2 / 1.5, 0.2 / 1.5, 0.2 / 2.5, 0.4 * 4 / 2.5]),
    (Metric("mine", shipped="brier"), [0.01, 0.04, 0.04, 0.16]),
])  # fmt: skip
def test_losses_of_the_ranking_metric_come_with_the_score(
    scorer: ScorerClient, tmp_path: Path, metric: Metric, expected: list[float]
) -> None:
    challenge = make_challenge(tmp_path, metrics=(metric, Metric("roc_auc")))
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert result.outcome == "scored", result.private_log
    assert numbers_of(result.losses) == pytest.approx(expected, abs=1e-15)
    assert result.losses is not None
    assert result.losses.parts == bytes([0, 0, 1, 1])
    public = sum(numbers_of(result.losses)[:2]) / 2
    value = result.values["public"][metric.name]
    assert (math.sqrt(public) if metric.name == "rmse" else public) == pytest.approx(value, rel=1e-12)
    assert "loss" not in str(result.as_json())


def test_row_in_neither_part_has_no_loss(scorer: ScorerClient, tmp_path: Path) -> None:
    reference = "id,label,Usage\na,1,Public\nb,0,Ignored\nc,1,Private\nd,0,Ignored\n"
    result = score_file(make_challenge(tmp_path, reference=reference), io.BytesIO(GOOD), scorer=scorer)
    found = numbers_of(result.losses)
    assert [math.isnan(number) for number in found] == [False, True, False, True]


@pytest.mark.parametrize("change", [
    {"metrics": (Metric("average_precision"), Metric("mae"))},
    {"metrics": (Metric("spearman"),)},
    {"metrics": (Metric("mae", "lower"),), "scorer": "def score(t, p, ctx):\n    return {'mae': 0.5}\n"},
])  # fmt: skip
def test_metric_that_no_row_makes_has_none(scorer: ScorerClient, tmp_path: Path, change: dict[str, Any]) -> None:
    result = score_file(make_challenge(tmp_path, **change), io.BytesIO(GOOD), scorer=scorer)
    assert result.outcome == "scored", result.private_log
    assert result.losses is None


@pytest.mark.parametrize(("metric", "made_by", "expected"), [
    (Metric("roc_auc"), "auc", [2, -3, 2, -3]),
    (Metric("rmse", params={"group": "weight"}), "groups", [0.1, 0.2, 0.2, 0.4]),
    (Metric("f1", params={"pos_label": 1}), "ratio", None),
])  # fmt: skip
def test_metric_of_sums_leaves_what_each_row_brings(
    scorer: ScorerClient, tmp_path: Path, metric: Metric, made_by: str, expected: list[float] | None
) -> None:
    whole = Column("p", "integer", minimum=0, maximum=1)
    changes: dict[str, Any] = {"columns": (whole,)} if made_by == "ratio" else {}
    raw = b"id,p\na,1\nb,0\nc,1\nd,1\n" if made_by == "ratio" else GOOD
    result = score_file(make_challenge(tmp_path, metrics=(metric,), **changes), io.BytesIO(raw), scorer=scorer)
    assert result.outcome == "scored", result.private_log
    assert result.losses is not None
    assert result.losses.made_by == made_by
    assert len(result.losses.values) == 8 * WIDTHS[made_by] * 4
    assert expected is None or numbers_of(result.losses) == pytest.approx(expected)


OWN = "import numpy as np\ndef score(t, p, ctx):\n    x = np.abs(t['label'] - p['p'])\n    return {%s}\n"


@pytest.mark.parametrize(("returned", "made_by", "good"), [
    ("'m': x.mean(), 'row_losses': x", "mean", True),
    ("'m': 1 - x.mean(), 'row_losses': list(x)", "rest", True),
    ("'m': (x * x).mean() ** 0.5, 'row_losses': x * x", "root", True),
    ("'m': x.mean()", "mean", False),
    ("'m': x.mean(), 'row_losses': x[1:]", "mean", False),
    ("'m': x.mean(), 'row_losses': x + 1", "mean", False),
    ("'m': x.mean(), 'row_losses': x * np.nan", "mean", False),
])  # fmt: skip
def test_own_scorer_may_return_losses_by_row(
    scorer: ScorerClient, tmp_path: Path, returned: str, made_by: str, *, good: bool
) -> None:
    metric = Metric("m", "lower", params={"losses": made_by})
    challenge = make_challenge(tmp_path, metrics=(metric,), scorer=OWN % returned)
    result = score_file(challenge, io.BytesIO(GOOD), scorer=scorer)
    assert (result.outcome, result.code) == (("scored", None) if good else ("failed", "scorer_error"))
    assert (result.losses is not None) == good
    assert not good or result.losses.made_by == made_by


@pytest.mark.parametrize(("raw", "made_by", "value"), [
    (doubles(4.0, -3.0, 2.0, 0.0), "auc", 0.9),
    (doubles(4.0, 2.0, 2.0, 0.0), "auc", 0.5),
    (doubles(4.0, math.nan, 2.0, 0.0), "auc", 0.5),
    (doubles(4.0, math.inf, 2.0, 0.0), "auc", 0.5),
    (doubles(*[1.0, math.nan, 1.0] * 4), "ratio", 0.5),
    (doubles(*[math.inf, 1.0] * 4), "kappa", 0.5),
    (doubles(*[math.nan, 1.0] * 4), "f1_macro", 0.5),
    (doubles(*[1.0, math.inf] * 4), "pearson", 0.5),
    (doubles(1.0, 1.0, 1.0), "ratio", 0.5),
    (doubles(*[1.0, 0.0, 0.0] * 4), "ratio", 0.5),
    (doubles(*[1.0, 1.0] * 4), "mcc", 0.5),
    (doubles(*[1.0, 1.0] * 4), "pearson", 0.5),
    (doubles(math.nan, math.nan, 1.0, math.nan), "groups", 0.5),
])  # fmt: skip
def test_numbers_of_rows_that_make_another_value_are_not_believed(raw: bytes, made_by: str, value: float) -> None:
    with pytest.raises(Untrusted):
        believed(raw, parts=PARTS, made_by=made_by, values={"public": value, "private": 1.0, "all": 0.5})


def test_losses_over_several_columns_are_their_mean(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(
        tmp_path,
        reference="id,p,q,Usage\na,1,2,Public\nb,0,1,Private\n",
        sample="id,p,q\na,0,0\nb,0,0\n",
        columns=(Column("p"), Column("q")),
        truth=("p", "q"),
    )
    result = score_file(challenge, io.BytesIO(b"id,p,q\na,0,0\nb,0,0\n"), scorer=scorer)
    assert numbers_of(result.losses) == [1.5, 0.5]


@pytest.mark.parametrize(("raw", "made_by", "value"), [
    (doubles(0.0, 0.5, 1.0), "mean", 0.25),
    (doubles(0.0, 0.5, 1.0, 9.0, 9.0), "mean", 0.25),
    (doubles(0.0, math.nan, 1.0, 0.0), "mean", 0.25),
    (doubles(0.0, math.inf, 1.0, 0.0), "mean", 0.25),
    (doubles(1e308, 1e308, 1.0, 0.0), "mean", 0.25),
    (doubles(0.0, 0.5, 1.0, 0.0), "mean", 0.2500001),
    (doubles(0.0, 0.5, 1.0, 0.0), "root", 0.25),
    (doubles(0.0, -0.5, 1.0, 0.0), "root", 0.5),
    (doubles(0.0, 0.5, 1.0, 0.0), "rest", 0.25),
])  # fmt: skip
def test_losses_that_do_not_make_the_value_are_not_believed(raw: bytes, made_by: str, value: float) -> None:
    with pytest.raises(Untrusted):
        believed(raw, parts=PARTS, made_by=made_by, values={"public": value, "private": 1.0, "all": 0.5})


@pytest.mark.parametrize(
    ("made_by", "public", "private"), [("mean", 0.25, 1.0), ("root", 0.5, 1.0), ("rest", 0.75, 0.0)]
)
def test_losses_that_make_the_value_are_kept_and_read_again(
    tmp_path: Path, made_by: str, public: float, private: float
) -> None:
    raw = doubles(0.0, 0.5, 1.0, math.nan)
    found = believed(raw, parts=PARTS, made_by=made_by, values={"public": public, "private": private, "all": 9.0})
    files = FileStore(tmp_path, mode=0o600)
    digest = keep(files, found)
    assert read_losses(files, score_with(digest)) == Losses(made_by, raw, PARTS)
    assert stat.S_IMODE(files.path(digest).stat().st_mode) == 0o600


def test_losses_kept_by_the_first_version_are_read(tmp_path: Path) -> None:
    files = FileStore(tmp_path, mode=0o600)
    head = json.dumps({"made_by": "mean", "rows": 2}).encode()
    raw = doubles(0.25, 0.5)
    packed = b"DTHNLOS1" + struct.pack("<I", len(head)) + head + zlib.compress(b"\0\1" + raw, 1)
    digest = files.put(io.BytesIO(packed), limit_bytes=10**6).digest
    assert read_losses(files, score_with(digest)) == Losses("mean", raw, b"\0\1")


def test_score_from_before_has_none_and_a_changed_file_is_not_read(tmp_path: Path) -> None:
    files = FileStore(tmp_path, mode=0o600)
    assert read_losses(files, score_with(None)) is None
    digest = keep(files, Losses("mean", doubles(1.0), b"\0"))
    files.path(digest).write_bytes(b"DTHNLOS1 other")
    with pytest.raises(ValueError, match="not the losses"):
        read_losses(files, score_with(digest))


def test_losses_lie_apart_from_uploaded_files(settings: Any) -> None:
    assert losses.store(settings).root == settings.losses_dir
    assert not settings.losses_dir.is_relative_to(settings.files_dir)
