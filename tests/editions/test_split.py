"""The keyed split, against the numbers of its specification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.editions.split import position, public_rows

KEY = b"edition-secret"


@pytest.mark.parametrize(("name", "expected"), [("row-0", 0.836522), ("row-1", 0.994925), ("row-2", 0.624043)])
def test_position_of_known_ids_is_the_published_one(name: str, expected: float) -> None:
    assert position(KEY, name) == pytest.approx(expected, abs=1e-6)


def test_positions_are_spread_evenly() -> None:
    assert sum(position(KEY, f"row-{i}") < 0.3 for i in range(10_000)) == 2991


def test_share_is_exact_within_each_stratum() -> None:
    ids = [f"r{i}" for i in range(110)]
    strata = ["x"] * 10 + ["y"] * 100
    public = public_rows(ids, key=KEY, share=0.3, strata=strata)
    assert (sum(public[:10]), sum(public[10:])) == (3, 30)


@given(st.permutations(range(40)))
def test_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    ids = [f"r{i}" for i in range(40)]
    plain = dict(zip(ids, public_rows(ids, key=KEY, share=0.3), strict=True))
    turned = [ids[i] for i in order]
    assert dict(zip(turned, public_rows(turned, key=KEY, share=0.3), strict=True)) == plain


def test_groups_stay_on_one_side() -> None:
    ids = [f"r{i}" for i in range(90)]
    groups = [f"g{i // 7}" for i in range(90)]
    public = public_rows(ids, key=KEY, share=0.3, groups=groups)
    assert all(len({p for p, g in zip(public, groups, strict=True) if g == group}) == 1 for group in groups)
    assert 20 <= sum(public) <= 27
