"""Bradley-Terry strengths and the choice of the next pair: ranking specification 4.6, reference data D3."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.jury.pairwise import Vote, agreement_with, next_pair, strengths

ABCD = tuple(
    Vote(f"j{n}", pair[0], pair[1])
    for n, pair in enumerate(["AB", "AB", "BA", "AC", "CA", "BC", "BC", "DA", "DB", "DC", "AC"])
)


def test_three_wins_to_one() -> None:
    votes = [Vote("j", "A", "B")] * 3 + [Vote("j", "B", "A")]
    found = strengths("AB", votes)
    assert found.theta["A"] == pytest.approx(0.3418, abs=5e-5)
    assert found.theta["B"] == -found.theta["A"]
    free = strengths("AB", votes, prior=1e-9).theta
    assert free["A"] - free["B"] == pytest.approx(math.log(3), abs=1e-6)


def test_undefeated_prototype_stays_finite() -> None:
    found = strengths("ABCD", ABCD)
    assert [round(found.theta[i], 4) for i in "ABCD"] == [0.0359, -0.0625, -0.7655, 0.7920]
    assert [round(found.sd[i], 3) for i in "ABCD"] == [0.705, 0.721, 0.737, 0.822]
    assert round(found.beats("D", "A"), 4) == 0.6805
    assert round(found.beats("A", "B"), 4) == 0.5246
    assert found.connected


def test_citations_of_journals_without_prior_are_the_published_fit() -> None:
    # Rows are cited by columns; Stigler's table as in the vignette of BradleyTerry2.
    names = ("Bka", "CommStat", "JASA", "JRSSB")
    cited = {
        "Bka": (0, 730, 498, 221),
        "CommStat": (33, 0, 68, 17),
        "JASA": (320, 813, 0, 142),
        "JRSSB": (284, 276, 325, 0),
    }
    votes = [Vote("", w, loser) for w in names for loser, n in zip(names, cited[w], strict=True) for _ in range(n)]
    theta = strengths(names, votes, prior=1e-8).theta
    assert [round(theta[n] - theta["Bka"], 4) + 0.0 for n in names] == [0, -2.9491, -0.4796, 0.2690]


def test_ties_are_half_a_win_for_each() -> None:
    tied = strengths("AB", [Vote("j", "A", "B", tie=True)] * 2)
    both = strengths("AB", [Vote("j", "A", "B"), Vote("j", "B", "A")])
    assert tied == both
    assert tied.theta == {"A": 0, "B": 0}


def test_parts_without_comparison_are_reported() -> None:
    assert not strengths("ABCD", [Vote("j", "A", "B"), Vote("j", "C", "D")]).connected
    assert not strengths("ABC", [Vote("j", "A", "B")]).connected
    assert not strengths("AB", []).connected
    assert strengths("A", []).connected
    assert strengths("", []).theta == {}


@pytest.mark.parametrize("vote", [Vote("j", "A", "A"), Vote("j", "A", "Z")])
def test_vote_on_nothing_is_refused(vote: Vote) -> None:
    with pytest.raises(ValueError, match="known items"):
        strengths("AB", [vote])
    with pytest.raises(ValueError, match="prior"):
        strengths("AB", [], prior=0)


votes_on = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.booleans())
    .filter(lambda v: v[0] != v[1])
    .map(lambda v: Vote("j", v[0], v[1], tie=v[2])),
    max_size=25,
)


@given(votes_on, st.randoms(use_true_random=False))
def test_order_of_the_votes_does_not_matter_and_strengths_sum_to_zero(votes: list[Vote], draw: random.Random) -> None:
    other = list(votes)
    draw.shuffle(other)
    assert strengths("ABCDE", other) == strengths("ABCDE", votes)
    assert sum(strengths("ABCDE", votes).theta.values()) == pytest.approx(0, abs=1e-9)


@given(votes_on)
def test_swapping_every_winner_turns_the_signs(votes: list[Vote]) -> None:
    turned = [Vote(v.juror, v.loser, v.winner, tie=v.tie) for v in votes]
    theta = strengths("ABCDE", votes).theta
    assert strengths("ABCDE", turned).theta == pytest.approx({i: -t for i, t in theta.items()}, abs=1e-9)


@given(votes_on, st.permutations("ABCDE"))
def test_one_more_win_never_lowers_a_lead(votes: list[Vote], names: list[str]) -> None:
    one, other = names[:2]
    before = strengths("ABCDE", votes).theta
    after = strengths("ABCDE", [*votes, Vote("j", one, other)]).theta
    for rival in "ABCDE":
        assert after[one] - after[rival] >= before[one] - before[rival] - 1e-9


def test_next_pair_is_the_least_compared_then_the_closest() -> None:
    votes = [Vote("k", "A", "B"), Vote("k", "A", "C"), Vote("k", "B", "D"), Vote("k", "C", "D")]
    # A-D and B-C were never compared; B and C are the closer ones.
    assert set(next_pair("j", "ABCD", votes, seed=1) or ()) == {"B", "C"}
    assert set(next_pair("j", "ABCD", [*votes, Vote("j", "B", "C")], seed=1) or ()) == {"A", "D"}


def test_next_pair_keeps_away_from_conflicts_seen_pairs_and_occupied_stands() -> None:
    assert set(next_pair("j", "ABC", [], seed=1, conflicts="A") or ()) == {"B", "C"}
    assert set(next_pair("j", "ABC", [], seed=1, occupied="B") or ()) == {"A", "C"}
    assert next_pair("j", "AB", [Vote("j", "B", "A")], seed=1) is None
    assert next_pair("k", "AB", [Vote("j", "B", "A")], seed=1) is not None
    assert next_pair("j", "A", [], seed=1) is None


def test_next_pair_is_repeatable_and_sides_are_fair() -> None:
    assert next_pair("j", "ABCDEF", [], seed=7) == next_pair("j", "FEDCBA", [], seed=7)
    left = [(next_pair("j", "AB", [], seed=n) or ("",))[0] for n in range(200)]
    assert 60 < left.count("A") < 140


def test_agreement_is_shown_per_juror() -> None:
    fitted = strengths("ABCD", ABCD)
    assert agreement_with("j0", ABCD, fitted) == 1
    assert agreement_with("j2", ABCD, fitted) == 0
    assert agreement_with("nobody", ABCD, fitted) is None
    assert agreement_with("t", [Vote("t", "A", "B", tie=True)], fitted) is None
