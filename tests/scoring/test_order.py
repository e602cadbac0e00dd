from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from datathon.scoring.order import Waiting, fair

NOON = datetime(2025, 11, 20, 11, 0, tzinfo=UTC)
TEAMS = [UUID(int=n) for n in range(1, 5)]


def one(number: int, team: UUID | None, minute: int) -> Waiting:
    return Waiting(UUID(int=1000 + number), 1, team, NOON + timedelta(minutes=minute))


def test_fair_order_takes_each_team_once_before_any_twice():
    crowd = [one(n, TEAMS[0], n) for n in range(3)]
    late = one(9, TEAMS[1], 30)
    assert fair([*crowd, late], {}) == [crowd[0], late, crowd[1], crowd[2]]


def test_fair_order_puts_a_team_that_runs_already_behind():
    first, second = one(1, TEAMS[0], 1), one(2, TEAMS[1], 2)
    assert fair([first, second], {TEAMS[0]: 1}) == [second, first]


def test_fair_order_keeps_the_oldest_first_within_a_team():
    old, new = one(1, None, 1), one(2, None, 2)
    assert fair([new, old], {}) == [old, new]


@given(st.lists(st.tuples(st.sampled_from([None, *TEAMS]), st.integers(0, 60)), max_size=20), st.randoms())
def test_fair_order_depends_on_the_set_alone(entries, shuffler):
    crowd = [one(n, team, minute) for n, (team, minute) in enumerate(entries)]
    mixed = list(crowd)
    shuffler.shuffle(mixed)
    ordered = fair(mixed, {})
    assert ordered == fair(crowd, {})
    assert sorted(w.id for w in ordered) == sorted(w.id for w in crowd)
