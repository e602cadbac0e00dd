"""Draws of metrics that are no mean of losses: each value made again from sums, against the metric on the drawn rows."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from datathon.config import Settings
from datathon.leaderboard.bootstrap import draw_by_block
from datathon.leaderboard.recount import Brought, batches, brought_by, recount
from datathon.leaderboard.resample import compute
from datathon.scoring import losses
from datathon.scoring.outcome import Losses
from scorers import Inputs, Undefined, sums
from scorers.shipped import functions

METRICS = functions()
DRAW = np.random.default_rng(20251105)
N = 40
WEIGHT = DRAW.uniform(0.5, 2, N)
CLASSES = np.arange(4)
TRUE = DRAW.integers(0, 3, N)
SAID = [np.where(DRAW.random(N) < share, TRUE, DRAW.integers(0, 4, N)) for share in (0.8, 0.7, 0.1)]
NUMBERS = DRAW.normal(size=N)
CASES: dict[str, list[Inputs]] = {
    "f1": [Inputs(TRUE == 1, said == 1, params={"pos_label": 1}) for said in SAID],
    "fbeta": [Inputs(TRUE, said, WEIGHT, params={"beta": 2.0, "pos_label": 2}) for said in SAID],
    "f1_macro": [Inputs(TRUE, said, WEIGHT, params={"absent": "zero"}, classes=CLASSES) for said in SAID],
    "quadratic_kappa": [Inputs(TRUE, said, classes=CLASSES) for said in SAID],
    "mcc": [Inputs(TRUE, said, WEIGHT) for said in SAID],
    "pearson": [Inputs(NUMBERS, NUMBERS + noise * DRAW.normal(size=N)) for noise in (0.3, 0.4, 3.0)],
}


def rows_of(name: str, inputs: Inputs) -> tuple[Brought, Any]:
    wide = 1
    rows = METRICS[name].brought(inputs)
    assert rows is not None
    return brought_by(METRICS[name].declaration.made_by(columns=wide, grouped=False), rows), rows


def drawn(rows: int, *, draws: int, seed: int) -> Any:
    return next(draw_by_block([range(rows)], rows=rows, draws=draws, seed=seed))[0]


def reader(teams: list[tuple[Brought, Any]]) -> Any:
    return lambda team, start, size: teams[team][1][start : start + size]


def taken(inputs: Inputs, rows: Any) -> Inputs:
    weight = None if inputs.weight is None else inputs.weight[rows]
    return Inputs(inputs.truth[rows], inputs.predicted[rows], weight, params=inputs.params, classes=inputs.classes)


@pytest.mark.parametrize("name", CASES)
def test_each_draw_has_the_value_of_its_rows(name: str) -> None:
    counts = drawn(N, draws=60, seed=7)
    for inputs in CASES[name]:
        brought, rows = rows_of(name, inputs)
        found = [brought.value(one) for one in (counts @ brought.features(rows)).tolist()]
        for draw, value in zip(counts, found, strict=True):
            there = np.repeat(np.arange(N), draw.astype(int))
            try:
                assert value == pytest.approx(METRICS[name].value(taken(inputs, there)), abs=1e-9)
            except Undefined:
                assert np.isnan(value)


@pytest.mark.parametrize("name", CASES)
def test_order_is_as_sure_as_drawing_the_rows_says(name: str) -> None:
    """The same draws, ranked by the metric itself: shares of first places and of pairs agree exactly."""
    counts = drawn(N, draws=60, seed=7)
    values = []
    for draw in counts:
        there = np.repeat(np.arange(N), draw.astype(int))
        try:
            values.append([round(METRICS[name].value(taken(inputs, there)), 6) for inputs in CASES[name]])
        except Undefined:
            continue
    table = np.array(values)
    teams = [rows_of(name, inputs) for inputs in CASES[name]]
    found = recount(
        reader(teams), [b for b, _ in teams],
        rows=N, decimals=6, seed=7, draws=60,
    )  # fmt: skip
    assert found is not None
    assert found.draws == len(table)
    assert found.first.tolist() == pytest.approx(np.mean(table == table.max(axis=1)[:, None], axis=0).tolist())
    assert found.beats[0, 2] == pytest.approx(np.mean(table[:, 0] > table[:, 2]))
    assert all(low <= rank <= high for rank, (low, high) in zip(found.observed, found.ranks, strict=True))


def test_f1_by_hand() -> None:
    """Three rows, truth 1 1 0; A says 1 0 0 (F1 2/3), B says 1 1 1 (F1 4/5). Of 27 draws one has no positive."""
    truth = np.array([1, 1, 0])
    pairs = [rows_of("f1", Inputs(truth, np.array(said))) for said in ([1, 0, 0], [1, 1, 1])]
    wins = {"a": 0, "b": 0, "ties": 0, "none": 0}
    for draw in itertools.product(range(3), repeat=3):
        counts = np.bincount(draw, minlength=3).astype(float)
        a, b = (brought.value((counts @ brought.features(rows)).tolist()) for brought, rows in pairs)
        wins["none" if np.isnan(a) else "a" if a > b + 1e-12 else "b" if b > a + 1e-12 else "ties"] += 1
    # A wins where row 3 is drawn and row 2 is not, besides row 1 (6 draws); both are right on row 1 alone (1 draw).
    assert wins == {"a": 6, "b": 19, "ties": 1, "none": 1}


def test_area_by_hand_and_its_noise_as_delong_has_it() -> None:
    """Positives at 3 and 1, negatives at 2 and 0: they stand above 2 and 1 of them, so that the area is 3/4."""
    inputs = Inputs(np.array([1, 1, 0, 0]), np.array([3.0, 1.0, 2.0, 0.0]))
    brought, rows = rows_of("roc_auc", inputs)
    assert rows[:, 0].tolist() == [4, 2, -3, -5]
    assert brought.value(brought.features(rows).sum(axis=0).tolist()) == 0.75
    truth = DRAW.random(300) < 0.4
    score = truth + DRAW.normal(size=300)
    brought, rows = rows_of("roc_auc", Inputs(truth.astype(int), score))
    counts = drawn(300, draws=400, seed=3)
    near = [brought.value(one) for one in (counts @ brought.features(rows)).tolist()]
    true = [
        METRICS["roc_auc"].value(Inputs(truth[r].astype(int), score[r]))
        for r in (np.repeat(np.arange(300), draw.astype(int)) for draw in counts)
    ]
    assert np.corrcoef(near, true)[0, 1] > 0.995
    assert np.std(near) == pytest.approx(np.std(true), rel=0.03)


def test_equal_teams_share_their_ranks_and_a_better_one_on_every_row_is_first() -> None:
    right, same, wrong = TRUE, TRUE.copy(), np.zeros(N, int)
    teams = [rows_of("f1_macro", Inputs(TRUE, said, params={"absent": "zero"}, classes=CLASSES)) for said in
             (right, same, wrong)]  # fmt: skip
    found = recount(reader(teams), [b for b, _ in teams],
                    rows=N, decimals=6, seed=1, draws=200)  # fmt: skip
    assert found is not None
    assert found.first.tolist() == [1.0, 1.0, 0.0]
    assert found.ranks == ((1, 2), (1, 2), (3, 3))


def test_draws_without_a_value_are_left_out_for_all() -> None:
    truth = np.zeros(50)
    truth[0] = 1  # in a third of the draws no row is positive
    said = np.eye(50)[:2].sum(axis=0)
    teams = [rows_of("f1", Inputs(truth, column)) for column in (truth, said)]
    found = recount(reader(teams), [b for b, _ in teams], rows=50, decimals=6, seed=1, draws=300)
    assert found is not None
    assert 150 < found.draws < 240
    nothing = [rows_of("f1", Inputs(np.zeros(50), column)) for column in (truth, said)]
    assert recount(reader(nothing), [b for b, _ in nothing], rows=50, decimals=6, seed=1, draws=30) is None


def test_rounds_of_many_teams_give_what_one_round_gives() -> None:
    teams = [rows_of("mcc", inputs) for inputs in CASES["mcc"]] * 3
    assert len(batches([5, 4, 3, 2], 6)) == 3
    given: Any = {"rows": N, "decimals": 6, "seed": 5, "draws": 50}
    once = recount(reader(teams), [b for b, _ in teams], **given)
    again = recount(reader(teams), [b for b, _ in teams], most_numbers=1, **given)
    assert once is not None
    assert again is not None
    assert once.beats.tolist() == again.beats.tolist()


@pytest.mark.parametrize("made_by", ["mcc", "groups_rest"])
def test_kept_rows_are_read_and_ranked_again(settings: Settings, made_by: str) -> None:
    """Rows of two parts as SCORE leaves them; only those of the asked part count."""
    files = losses.store(settings)
    digests = []
    for inputs in CASES["mcc"]:
        if made_by == "mcc":
            rows = METRICS["mcc"].brought(inputs)
            assert rows is not None
        else:
            grouped = replace(inputs, group=np.arange(N) // 8)
            found = METRICS["f1_macro"].brought(replace(grouped, params={"absent": "skip"}, classes=CLASSES))
            assert found is not None
            rows = found
        both = np.concatenate((rows, rows[::-1]))
        kept = Losses(made_by, both.astype("<f8").tobytes(), bytes([0] * N + [1] * N))
        digests.append(losses.keep(files, kept))
    given = {"secret": "k", "edition": "e", "part": "private", "losses_dir": str(settings.losses_dir), "decimals": 6,
             "digests": digests, "made_by": made_by, "teams": [["a", "1"], ["b", "2"], ["c", "3"]]}  # fmt: skip
    found_now = compute(given, progress=lambda _: None)
    assert found_now["state"] == "ready"
    assert found_now["rows"] == (N if made_by == "mcc" else 5)
    assert found_now["indicative"] == (made_by != "mcc")
    assert [team["team"] for team in found_now["teams"]] == ["a", "b", "c"]
    assert compute({**given, "made_by": "mean"}, progress=lambda _: None)["reason"] == "versions"


def test_table_of_too_many_cells_is_not_available(settings: Settings) -> None:
    rows = 5000
    table = np.column_stack((sums.cell(4000, np.arange(rows) % 4000, 0) + np.arange(rows) // 4000, np.ones(rows)))
    digest = losses.keep(losses.store(settings), Losses("mcc", table.astype("<f8").tobytes(), bytes(rows)))
    given = {"secret": "k", "edition": "e", "part": "public", "losses_dir": str(settings.losses_dir), "decimals": 6,
             "digests": [digest, digest], "made_by": "mcc", "teams": [["a", "1"], ["b", "2"]]}  # fmt: skip
    assert compute(given, progress=lambda _: None) == {"state": "none", "reason": "metric"}
