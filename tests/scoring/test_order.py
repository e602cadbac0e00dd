from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.scoring.order import RATIO, Waiting, about_s, expected_s, fair

NOON = datetime(2025, 11, 20, 11, 0, tzinfo=UTC)
TEAMS = [UUID(int=n) for n in range(1, 5)]


def one(number: int, team: UUID | None, minute: int, edition: str = "", challenge: str = "") -> Waiting:
    return Waiting(UUID(int=1000 + number), 1, team, NOON + timedelta(minutes=minute), edition, challenge)


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


def test_fair_order_puts_four_of_a_closing_edition_before_each_of_the_others():
    calm = [one(n, TEAMS[0], n, "calm") for n in range(2)]
    closing = [one(10 + n, TEAMS[1], 30 + n, "closing") for n in range(6)]
    assert fair([*calm, *closing], {}, urgent={"closing"}) == [
        *closing[:4],
        calm[0],
        *closing[4:],
        calm[1],
    ]


def test_fair_order_remembers_how_many_of_a_closing_edition_went_before():
    calm, closing = one(1, TEAMS[0], 1, "calm"), one(2, TEAMS[1], 2, "closing")

    def first(recent: list[str]) -> Waiting:
        return fair([calm, closing], {}, urgent={"closing"}, recent=recent)[0]

    assert first(["closing"] * (RATIO - 1)) == closing
    assert first(["closing"] * RATIO) == calm
    assert first(["calm", "closing", "closing", "closing", "closing"]) == closing


crowds = st.lists(
    st.tuples(st.sampled_from([None, *TEAMS]), st.integers(0, 60), st.sampled_from(["calm", "quiet", "closing"])),
    max_size=40,
)


@given(crowds, st.sampled_from([set(), {"closing"}, {"closing", "quiet"}]), st.randoms())
def test_taking_the_first_again_and_again_starves_nobody(entries, urgent, shuffler):
    waiting = [one(n, team, minute, edition) for n, (team, minute, edition) in enumerate(entries)]
    everybody, taken, recent = list(waiting), [], []
    while waiting:
        shuffler.shuffle(waiting)
        order = fair(waiting, {}, urgent=urgent, recent=recent[:RATIO])
        assert sorted(w.id for w in order) == sorted(w.id for w in waiting)
        first = order[0]
        others = any(w.edition not in urgent for w in waiting)
        if others and len(recent) >= RATIO and all(edition in urgent for edition in recent[:RATIO]):
            assert first.edition not in urgent, "at most RATIO in a row while another waits"
        if any(w.edition in urgent for w in waiting) and recent and recent[0] not in urgent:
            assert first.edition in urgent, "one of the others at a time while a closing edition waits"
        taken.append(first)
        recent.insert(0, first.edition)
        waiting.remove(first)
    assert len(taken) == len(everybody)


@given(crowds)
def test_within_an_edition_priority_changes_nothing(entries):
    waiting = [one(n, team, minute, edition) for n, (team, minute, edition) in enumerate(entries)]
    plain, moved = fair(waiting, {}), fair(waiting, {}, urgent={"closing"})
    for lane in ({"closing"}, {"calm", "quiet"}):
        assert [w for w in plain if w.edition in lane] == [w for w in moved if w.edition in lane]


def test_a_newcomer_is_next_however_many_a_greedy_team_has():
    crowd = [one(n, TEAMS[0], 0) for n in range(200)]
    newcomer = one(999, TEAMS[1], 30)
    assert fair([*crowd, newcomer], {TEAMS[0]: 2})[0] == newcomer


def test_expected_wait_shares_the_work_before_and_adds_ones_own():
    ahead = [one(n, None, n, challenge="slow") for n in range(3)]
    service = {"slow": 10.0, "fast": 1.0}
    assert expected_s(ahead, "fast", running=["slow"], service_s=service, workers=1) == 36.0
    assert expected_s(ahead, "fast", running=["slow"], service_s=service, workers=5) == 8.0
    assert expected_s([], "unknown", running=[], service_s=service, workers=1) == 10.0


def test_expected_wait_is_not_told_without_workers_or_experience():
    assert expected_s([], "c", running=[], service_s={"c": 1.0}, workers=0) is None
    assert expected_s([], "c", running=[], service_s={}, workers=2) is None


@given(st.integers(0, 30), st.integers(1, 8), st.floats(0.01, 600))
def test_expected_wait_grows_with_the_line_and_falls_with_the_workers(length, workers, seconds):
    def told(number: int, hands: int) -> float:
        ahead = [one(n, None, n, challenge="c") for n in range(number)]
        found = expected_s(ahead, "c", running=[], service_s={"c": seconds}, workers=hands)
        assert found is not None
        return found

    assert seconds <= told(length, workers) <= told(length + 1, workers)
    assert told(length, workers + 1) <= told(length, workers)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, 5), (4.9, 5), (7, 10), (11, 20), (59, 60), (61, 120), (1801, 2100), (3600, 3600)]
)
def test_a_wait_is_said_roughly(seconds: float, said: int) -> None:
    assert about_s(seconds) == said


@given(st.lists(st.tuples(st.sampled_from([None, *TEAMS]), st.integers(0, 60)), max_size=30))
def test_one_worker_never_takes_a_team_twice_in_a_row_while_another_waits(entries):
    waiting = [one(n, team, minute) for n, (team, minute) in enumerate(entries)]
    served: dict[UUID | None, datetime] = {}
    last: list[UUID | None] = []
    clock = NOON + timedelta(days=1)
    while waiting:
        first = fair(waiting, {}, served=served)[0]
        if last and any(w.team != last[-1] for w in waiting):
            assert first.team != last[-1]
        clock += timedelta(seconds=1)
        served[first.team] = clock
        last.append(first.team)
        waiting.remove(first)
