from datathon.scoring.states import ENDED, MOVES, State, may_move, sources
from datathon.submissions.rules import WITHDRAWABLE


def test_moves_name_every_state():
    assert set(MOVES) == set(State)


def test_withdrawn_is_final():
    assert [after for after in State if may_move(State.WITHDRAWN, after)] == []


def test_withdrawn_is_reached_from_what_a_team_may_withdraw():
    assert sources(State.WITHDRAWN) == WITHDRAWABLE


def test_running_can_reach_every_end():
    assert all(may_move(State.RUNNING, end) for end in ENDED)


def test_scored_is_reached_from_running_only():
    assert sources(State.SCORED) == {State.RUNNING}
