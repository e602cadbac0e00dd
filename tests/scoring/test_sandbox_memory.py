"""What a child has for itself: little, and told only when asked for."""

import random
from pathlib import Path

import pytest
from sandboxed import make_challenge

from datathon.editions.rules import Metric
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.weigh import DONE_BYTES, IDLE_BYTES, Weigher


def test_job_of_a_hundred_thousand_rows_stays_small(scorer: ScorerClient, tmp_path: Path) -> None:
    draw = random.Random(20251105)  # noqa: S311 - made-up data, the same every time
    rows = [(f"row-{n:06d}", draw.random()) for n in range(100_000)]
    reference = "id,label,Usage\n" + "".join(f"{i},{int(draw.random() < p)},Public\n" for i, p in rows)
    lines = [f"{i},{p:.6f}\n" for i, p in rows]
    challenge = make_challenge(
        tmp_path, reference=reference, sample="id,p\n" + "".join(lines), metrics=(Metric("roc_auc"),)
    )
    in_order, shuffled = tmp_path / "sample_submission.csv", tmp_path / "shuffled.csv"
    draw.shuffle(lines)
    shuffled.write_text("id,p\n" + "".join(lines))
    weigher = Weigher(scorer.socket_path)
    for path in (shuffled, in_order):
        with path.open("rb") as file:
            assert score_file(challenge, file, scorer=weigher).outcome == "scored"
    assert [weight.stage for weight in weigher.weights] == ["parse", "score"] * 2
    assert [weight for weight in weigher.weights if not 0 < weight.idle <= IDLE_BYTES] == []
    assert [weight for weight in weigher.weights if not weight.idle < weight.done <= DONE_BYTES] == []


@pytest.mark.parametrize("full", [False, True])
def test_idle_child_shares_nearly_all(scorer: ScorerClient, full: bool) -> None:  # noqa: FBT001 - two libraries
    weigher = Weigher(scorer.socket_path)
    doctor.run_parse(weigher, None, full=full)
    assert 0 < weigher.weights[0].idle <= IDLE_BYTES


def test_memory_taken_is_memory_weighed(scorer: ScorerClient) -> None:
    code = b"held = []\ndef parse(file, ctx):\n    held.append(b'x' * (20 << 20))\n    return {'p': [0.5] * 4}\n"
    weigher = Weigher(scorer.socket_path)
    doctor.run_parse(weigher, code)
    (weight,) = weigher.weights
    assert weight.stage == "parse"
    assert 20 << 20 <= weight.done - weight.idle <= 24 << 20


def test_child_that_was_not_asked_says_nothing(scorer: ScorerClient) -> None:
    assert "private bytes" not in doctor.run_parse(scorer, None)[0].log
