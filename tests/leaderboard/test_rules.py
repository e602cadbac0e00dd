import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.leaderboard.rules import Candidate, Entry, Kind, Order, board, final_candidate, quantise, shared_ranks

T0 = datetime(2025, 11, 20, 11, 0, tzinfo=UTC)


def entry(owner: str, value: float, minutes: int = 0, kind: Kind = "team") -> Entry:
    return Entry(owner, kind, value, T0 + timedelta(minutes=minutes), f"{owner}-{minutes}-{value}")


def ranks_of(scores: list[float], decimals: int) -> list[int]:
    return list(shared_ranks([(-quantise(s, decimals),) for s in scores]))


def test_shared_ranks_skip_after_a_tie() -> None:
    assert ranks_of([76.2, 71.6, 71.6, 68], 4) == [1, 2, 2, 4]


@pytest.mark.parametrize(("decimals", "ranks"), [(6, [1, 2, 3, 3, 5]), (3, [1, 1, 3, 3, 5])])
def test_shared_ranks_compare_quantised_scores(decimals: int, ranks: list[int]) -> None:
    assert ranks_of([0.91234, 0.91229, 0.9, 0.9, 0.85], decimals) == ranks


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_quantise_with_no_finite_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantise(value, 4)


@given(st.lists(st.integers(0, 5), max_size=20))
def test_shared_ranks_are_one_plus_the_strictly_better(scores: list[int]) -> None:
    keys = [(float(s),) for s in scores]
    assert list(shared_ranks(keys)) == [1 + sum(other < key for other in keys) for key in keys]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_shared_ranks_with_one_more_worse_team_stay(scores: list[int]) -> None:
    keys = [(float(s),) for s in scores]
    assert shared_ranks([*keys, (99.0,)])[:-1] == shared_ranks(keys)


def test_board_shows_the_best_of_each_team_in_the_metric_s_direction() -> None:
    entries = [entry("a", 12.0), entry("a", 10.0, 5), entry("b", 11.0), entry("c", 9.0)]
    lower = board(entries, Order("lower", 6))
    assert [(p.rank, p.owner, p.score, p.submissions) for p in lower] == [
        (1, "c", 9.0, 1),
        (2, "a", 10.0, 2),
        (3, "b", 11.0, 1),
    ]
    assert [p.owner for p in board(entries, Order("higher", 6))] == ["a", "b", "c"]


def test_board_with_a_tie_shares_the_rank_and_shows_the_earliest_first() -> None:
    places = board([entry("late", 0.9, 9), entry("early", 0.9, 1), entry("last", 0.8)], Order("higher", 6))
    assert [(p.rank, p.owner) for p in places] == [(1, "early"), (1, "late"), (3, "last")]


def test_board_places_baselines_and_guests_without_rank() -> None:
    entries = [
        entry("a", 0.9),
        entry("b", 0.7),
        entry("base", 0.8, kind="baseline"),
        entry("guest", 0.95, kind="out_of_competition"),
    ]
    assert [(p.rank, p.owner) for p in board(entries, Order("higher", 6))] == [
        (None, "guest"),
        (1, "a"),
        (None, "base"),
        (2, "b"),
    ]


def test_board_without_entries_is_empty() -> None:
    assert board([], Order("lower", 6)) == ()


scores = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.integers(0, 60)), max_size=20)


@given(scores, st.randoms())
def test_board_does_not_depend_on_the_order_of_submissions(drawn: list[tuple[str, int, int]], random: object) -> None:
    entries = [Entry(o, "team", v / 10, T0 + timedelta(minutes=m), str(n)) for n, (o, v, m) in enumerate(drawn)]
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert board(shuffled, Order("higher", 6)) == board(entries, Order("higher", 6))


@given(scores, st.integers(0, 9))
def test_board_with_one_more_submission_never_worsens_its_own_team(
    drawn: list[tuple[str, int, int]], value: int
) -> None:
    entries = [Entry(o, "team", v / 10, T0 + timedelta(minutes=m), str(n)) for n, (o, v, m) in enumerate(drawn)]
    more = [*entries, entry("a", value / 10, 99)]
    before = {p.owner: p.rank for p in board(entries, Order("higher", 6))}
    after = {p.owner: p.rank for p in board(more, Order("higher", 6))}
    assert (after["a"] or 0) <= (before.get("a") or len(after))


@given(scores)
def test_board_without_one_team_keeps_the_order_of_the_others(drawn: list[tuple[str, int, int]]) -> None:
    entries = [Entry(o, "team", v / 10, T0 + timedelta(minutes=m), str(n)) for n, (o, v, m) in enumerate(drawn)]
    order = [p.owner for p in board(entries, Order("higher", 6)) if p.owner != "a"]
    without = [p.owner for p in board([e for e in entries if e.owner != "a"], Order("higher", 6))]
    assert without == order


def candidate(name: str, public: float, private: float, minutes: int = 0, chosen: int | None = None) -> Candidate:
    at = None if chosen is None else T0 + timedelta(minutes=chosen)
    return Candidate(name, public, private, T0 + timedelta(minutes=minutes), at)


def final(candidates: list[Candidate]) -> str | None:
    found = final_candidate(candidates, direction="higher", decimals=6, selections=2)
    return None if found is None else found.submission


def test_final_takes_the_best_private_among_the_chosen() -> None:
    given_candidates = [
        candidate("best public", 0.9, 0.5),
        candidate("first", 0.6, 0.7, chosen=1),
        candidate("second", 0.7, 0.6, chosen=2),
        candidate("best private", 0.1, 0.99),
    ]
    assert final(given_candidates) == "first"


def test_final_without_a_choice_takes_the_best_public_whatever_its_private_value() -> None:
    assert final([candidate("a", 0.9, 0.1), candidate("b", 0.8, 0.9)]) == "a"


def test_final_without_a_choice_and_equal_public_takes_the_earliest() -> None:
    assert final([candidate("late", 0.9, 0.9, 5), candidate("early", 0.9, 0.1, 1)]) == "early"


def test_final_with_too_many_choices_counts_the_first_ones() -> None:
    chosen = [
        candidate("third", 0.1, 0.9, chosen=3),
        candidate("a", 0.1, 0.2, chosen=1),
        candidate("b", 0.1, 0.3, chosen=2),
    ]
    assert final(chosen) == "b"


def test_final_without_any_submission_is_none() -> None:
    assert final([]) is None
