"""Text columns through the real sandbox: long, short, empty, run-length masks, and arrays a stranger wrote."""

import io
from pathlib import Path

import pytest
from sandboxed import make_challenge

from datathon.editions.rules import Challenge, Column, Limits, Metric
from datathon.scoring import explain
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient

LONG = "été " * 50_000


def sentences(folder: Path, column: Column, truth: list[str], **more: object) -> Challenge:
    reference = "id,t,Usage\n" + "".join(
        f'{i},"{t}",{u}\n' for i, t, u in zip("abcd", truth, ["Public", "Public", "Private", "Private"], strict=True)
    )
    sample = "id,t\na,x\nb,x\nc,x\nd,x\n"
    options = {"metrics": (Metric("accuracy"),), **more}
    return make_challenge(folder, reference=reference, sample=sample, columns=(column,), truth=("t",), **options)  # type: ignore[arg-type]


def test_long_and_short_text_reach_the_metric_whole(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = sentences(tmp_path, Column("t", "string", max_length=200_000), [LONG, "x, y", "z", "é"])
    raw = f'id,t\nd,é\nc,"z"\nb,"x, y"\na,{LONG}\n'
    result = score_file(challenge, io.BytesIO(raw.encode()), scorer=scorer)
    assert (result.outcome, result.values) == ("scored", {p: {"accuracy": 1.0} for p in ("public", "private", "all")})
    other = score_file(challenge, io.BytesIO(raw.replace("été \n", "été!\n").encode()), scorer=scorer)
    assert other.values["public"] == {"accuracy": 0.5}


@pytest.mark.parametrize(("column", "cell", "code", "said"), [
    (Column("t", "string"), "x" * 257, "value_range", "at most 256 characters"),
    (Column("t", "string"), "é" * 256, None, ""),
    (Column("t", "string", max_length=3), "é" * 9_000, "value_range", "at most 3 characters"),
    (Column("t", "string"), "", "value_missing", "a value"),
    (Column("t", "string", empty=True), "", None, ""),
    (Column("t", "string"), "a\x1bb", "value_type", "without control characters"),
    (Column("t", "string"), "insécable\u202f!", None, ""),
    (Column("t", "string", format="rle", empty=True, pixels=100), "1 3 9 2", None, ""),
    (Column("t", "string", format="rle", empty=True, pixels=100), "1 3 2 2", "format", "do not overlap"),
    (Column("t", "string", format="rle", empty=True, pixels=100), "99 3", "format", "inside an image of 100 pixels"),
    (Column("t", "string", format="rle", empty=True, pixels=100), "0 3", "format", "“start length”"),
])  # fmt: skip
def test_text_is_scored_or_refused_with_its_reason(
    scorer: ScorerClient, tmp_path: Path, column: Column, cell: str, code: str | None, said: str
) -> None:
    challenge = sentences(tmp_path, column, ["7 1"] * 4)
    raw = f"id,t\na,{cell}\nb,7 1\nc,7 1\nd,7 1\n" if column.max_length != 3 else f"id,t\na,{cell}\nb,x\nc,x\nd,x\n"
    result = score_file(challenge, io.BytesIO(raw.encode()), scorer=scorer)
    assert (result.outcome, result.code) == ("rejected" if code else "scored", code), result.private_log
    if code:
        assert said in explain.sentence(result.problems[0], "en")
        assert (result.problems[0].line, result.problems[0].column) == (2, "t")


def test_mask_of_the_reference_that_is_no_mask_is_the_organisers_fault(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = sentences(tmp_path, Column("t", "string", format="rle", empty=True), ["", "1 1", "1 1 1 1", "2 3"])
    result = score_file(challenge, io.BytesIO(b"id,t\na,\nb,\nc,\nd,\n"), scorer=scorer)
    assert (result.outcome, result.code) == ("failed", "scorer_error")
    assert "column t: '1 1 1 1' is not written as 'rle' asks" in result.private_log


def hostile(body: str) -> str:
    """A parse that writes into the shared memory behind the platform's back, as one that took over its process would."""
    return f"""

def score(y_true, y_pred, ctx):
    return {{"m": 1.0}}

def parse(file, ctx):
    from scorers import blob
    whole = blob.write_texts
    def write(out, place, values, start):
        end = whole(out, place, values, start)
        {body}
        return end
    blob.write_texts = write
    return {{"t": list(ctx.ids)}}
"""


@pytest.mark.parametrize("body", [
    "blob.view(out, place)[1] = -5",
    "blob.view(out, place)[:] = 2**62",
    "blob.view(out, place)[-1] = place.area_bytes + 1",
    "out[place.area] = 0xff",
    "out[place.area] = 7",
    "blob.view(out, place)[1:] = place.area_bytes",
])  # fmt: skip
def test_text_that_parse_cannot_have_let_through_is_rejected(scorer: ScorerClient, tmp_path: Path, body: str) -> None:
    metrics = (Metric("m", direction="higher"),)
    column = Column("t", "string", max_length=8)
    challenge = sentences(tmp_path, column, list("abcd"), scorer=hostile(body), metrics=metrics)
    result = score_file(challenge, io.BytesIO(b"x"), scorer=scorer)
    assert (result.outcome, result.code) == ("rejected", "format"), result.private_log
    assert result.problems[0].column == "t"


def test_memory_for_a_large_file_is_not_charged_to_a_small_one(scorer: ScorerClient, tmp_path: Path) -> None:
    challenge = sentences(
        tmp_path,
        Column("t", "string", max_length=10_000_000),
        ["x"] * 4,
        limits=Limits(cpu_s=5, wall_s=60, memory_mb=64),
        form={"max_bytes": 1_000_000_000},
    )
    result = score_file(challenge, io.BytesIO(b"id,t\na,x\nb,x\nc,x\nd,x\n"), scorer=scorer)
    assert (result.outcome, result.values["all"]) == ("scored", {"accuracy": 1.0}), result.private_log
    assert result.resources["max_rss_bytes"] < 300_000_000
