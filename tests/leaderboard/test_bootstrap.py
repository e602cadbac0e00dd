import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datathon.leaderboard.bootstrap import blocks_of, bootstrap, from_counts, groups, seed_of


def every_draw(rows: int) -> np.ndarray:
    """Every resample of ``rows`` rows, in order: rows to the power of rows of them, as counts."""
    return np.array([np.bincount(draw, minlength=rows) for draw in itertools.product(range(rows), repeat=rows)])


def drawn(losses, seed=1, draws=300, **more):
    matrix = np.asarray(losses, dtype=float)
    rows, teams = matrix.shape
    settled = {"made_by": "mean", "decimals": 6, **more}
    size = settled.pop("size", 1024)
    return bootstrap(blocks_of(matrix, size), rows=rows, teams=teams, seed=seed, draws=draws, **settled)


# Scores where more is better, so that losses are 1 minus them. Counted by hand over every resample.
@pytest.mark.parametrize(
    ("scores", "wins", "losses", "ties"),
    [([(1, 0), (1, 1), (0, 1)], 10, 10, 7), ([(1, 0), (1, 1), (1, 0), (0, 1)], 160, 47, 49)],
)
def test_every_resample_counted_gives_the_hand_figures(scores, wins, losses, ties) -> None:
    matrix = 1.0 - np.array(scores)
    counts = every_draw(len(scores))
    found = from_counts(matrix, counts, made_by="rest")
    total = len(counts)
    assert total == wins + losses + ties
    assert found.beats[0, 1] * total == pytest.approx(wins)
    assert found.beats[1, 0] * total == pytest.approx(losses)
    # A tie shares the first rank.
    assert found.first * total == pytest.approx([wins + ties, losses + ties])


def test_published_example_gives_the_figures_of_another_program() -> None:
    # challengeR in R, 1000 draws, on the task "c_random": means, ranks, mean ranks, P(first), intervals at 95 per cent.
    lines = (Path(__file__).parent / "random_task.csv").read_text().splitlines()
    scores = np.array([line.split(",")[1:] for line in lines if line.startswith("A")], dtype=float).T
    assert scores.shape == (50, 5)
    assert scores.mean(axis=0).round(7).tolist() == [0.80468, 0.7975213, 0.7614808, 0.7884067, 0.7697414]
    found = drawn(1 - scores, made_by="rest", draws=4000)
    assert found.observed == (1, 2, 5, 3, 4)
    assert found.place @ np.arange(1, 6) == pytest.approx([1.817, 2.295, 4.262, 2.789, 3.837], abs=0.1)
    assert found.first == pytest.approx([0.493, 0.291, 0.009, 0.165, 0.042], abs=0.02)
    assert found.drawn == ((1, 4), (1, 5), (2, 5), (1, 5), (1, 5))
    # Ours, with other draws: all pairs together leave every rank open.
    assert found.ranks == ((1, 5),) * 5
    assert found.critical == pytest.approx(2.685, abs=0.06)
    assert found.beats[0, 1] == pytest.approx(0.609, abs=0.02)
    gap = scores[:, 0] - scores[:, 1]
    assert (gap.mean(), gap.std(ddof=1) / 50**0.5) == pytest.approx((0.00716, 0.02855), abs=1e-5)


def test_every_order_of_five_scores_leaves_five_teams_tied() -> None:
    # The same program's worst case: 120 cases, each with another order of the same five scores.
    found = drawn(1 - np.array(list(itertools.permutations((0.8, 0.85, 0.9, 0.95, 1.0)))), made_by="rest", draws=2000)
    assert found.observed == (1,) * 5
    assert found.first == pytest.approx([0.2] * 5, abs=0.03)


def test_seed_is_the_same_for_an_edition_and_phase_and_for_no_other() -> None:
    assert seed_of(b"key", "2025", "public") == seed_of(b"key", "2025", "public")
    assert len({seed_of(k, e, p) for k in (b"a", b"b") for e in ("2025", "2026") for p in ("public", "private")}) == 8
    assert 0 <= seed_of(b"", "", "") < 2**64


def test_draws_taken_block_by_block_are_one_draw_of_all_rows() -> None:
    # Losses that count a draw's rows: every mean is exactly 1, whatever the blocks.
    found = drawn(np.ones((11, 2)), size=3)
    assert found.beats.tolist() == [[0, 0], [0, 0]]
    # The spread of the means of drawn rows is that of the rows over the root of their number, in blocks or not.
    losses = np.random.default_rng(3).normal(size=(64, 2))
    whole, parts = (drawn(losses, draws=4000, size=size) for size in (64, 7))
    assert whole.beats[0, 1] == pytest.approx(parts.beats[0, 1], abs=0.04)
    assert whole.critical == pytest.approx(parts.critical, abs=0.12)


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        block = np.random.default_rng(1).normal(size=(256, 4))
        tracemalloc.start()
        bootstrap(lambda: (block for _ in range(rows // 256)), rows=rows, teams=4, made_by="mean", decimals=6, seed=1,
                  draws=100)  # fmt: skip
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(256 * 40) < 1.2 * peak(256 * 4)


def test_root_and_rest_rank_as_the_metric_does() -> None:
    losses = np.random.default_rng(5).random((40, 3))
    by = {name: drawn(losses, made_by=name) for name in ("mean", "root", "rest")}
    assert by["mean"].observed == by["root"].observed == by["rest"].observed
    assert np.array_equal(by["mean"].place, by["root"].place)


def test_scores_equal_to_the_declared_decimals_share_ranks_in_every_draw() -> None:
    losses = np.full((40, 2), 0.5) + np.array([0, 1e-4])
    assert drawn(losses, decimals=3).place.tolist() == [[1, 0], [1, 0]]
    assert drawn(losses, decimals=6).place.tolist() == [[1, 0], [0, 1]]


def test_all_tied_teams_stand_anywhere() -> None:
    found = drawn(np.tile(np.random.default_rng(7).random((50, 1)), 4))
    assert found.observed == (1, 1, 1, 1)
    assert found.ranks == ((1, 4),) * 4
    assert groups([0, 1, 2, 3], found.better) == ((0, 1, 2, 3),)


def test_one_team_is_first_and_none_is_refused() -> None:
    found = drawn(np.random.default_rng(7).random((50, 1)))
    assert (found.ranks, found.first.tolist(), groups([0], found.better)) == (((1, 1),), [1], ())
    with pytest.raises(ValueError, match="no team"):
        drawn(np.empty((50, 0)))


def test_fewer_than_two_rows_are_refused_and_fewer_than_thirty_are_indicative() -> None:
    for rows in (0, 1):
        with pytest.raises(ValueError, match="two rows"):
            drawn(np.zeros((rows, 3)))
    assert [drawn(np.random.default_rng(1).random((rows, 2))).indicative for rows in (2, 29, 30)] == [True, True, False]


def test_groups_of_neighbours_overlap() -> None:
    better = np.zeros((4, 4), dtype=bool)
    better[0, 2] = better[0, 3] = better[1, 3] = better[2, 3] = True
    assert groups([0, 1, 2, 3], better) == ((0, 1), (1, 2))
    assert groups([3, 2, 1, 0], better) == ((2, 1), (1, 0))
    assert groups([], better) == ()


matrices = st.integers(0, 2**32).flatmap(
    lambda seed: st.tuples(st.integers(2, 30), st.integers(1, 6)).map(
        lambda shape: np.random.default_rng(seed).integers(0, 4, size=shape) / 3
    )
)


@given(matrices, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_shares_sum_to_one_and_the_observed_rank_is_always_possible(losses, seed) -> None:
    found = drawn(losses, seed=seed, draws=60)
    assert found.place.sum(axis=1) == pytest.approx(1)
    for rank, (low, high) in zip(found.observed, found.ranks, strict=True):
        assert 1 <= low <= rank <= high <= losses.shape[1]
    assert not (found.better & found.better.T).any()
    assert (found.beats + found.beats.T <= 1 + 1e-12).all()


@given(matrices, st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_equal_columns_have_equal_rows_and_a_team_better_on_every_row_is_always_first(losses, seed) -> None:
    doubled = np.hstack([losses, losses[:, :1], losses.min(axis=1, keepdims=True) - 0.5])
    found = drawn(doubled, seed=seed, draws=60)
    assert np.array_equal(found.place[0], found.place[-2])
    assert found.ranks[0] == found.ranks[-2]
    assert found.first[-1] == 1
    assert found.drawn[-1] == (1, 1)


@given(matrices, st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_of_the_rows_does_not_matter_where_the_counts_follow_them(losses, random) -> None:
    rows = len(losses)
    counts = np.random.default_rng(2).multinomial(rows, [1 / rows] * rows, size=80)
    moved = random.sample(range(rows), rows)
    before, after = from_counts(losses, counts), from_counts(losses[moved], counts[:, moved])
    assert np.array_equal(before.place, after.place)
    assert before.observed == after.observed
    assert before.critical == pytest.approx(after.critical)


@given(matrices)
@settings(max_examples=25, deadline=None)
def test_a_higher_level_never_narrows_the_ranks(losses) -> None:
    narrow, wide = (drawn(losses, level=level) for level in (0.8, 0.99))
    for (low, high), (lower, higher) in zip(narrow.ranks, wide.ranks, strict=True):
        assert lower <= low <= high <= higher
