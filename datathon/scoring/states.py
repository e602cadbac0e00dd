"""The moves that exist between a submission's states. Pure."""

from datathon.submissions.rules import State

__all__ = ["ENDED", "MOVES", "State", "may_move", "sources"]

MOVES: dict[State, frozenset[State]] = {
    # Taken by a worker, given up without one, or withdrawn by its team before anybody took it.
    State.RECEIVED: frozenset({State.RUNNING, State.FAILED, State.WITHDRAWN}),
    # Back to received: the lease ran out or the scorer service went away.
    State.RUNNING: frozenset({State.RECEIVED, State.SCORED, State.REJECTED, State.FAILED}),
    # Back to received: an organiser has it scored again, as a new attempt with its own record.
    State.SCORED: frozenset({State.RECEIVED, State.WITHDRAWN}),
    State.REJECTED: frozenset({State.RECEIVED}),
    State.FAILED: frozenset({State.RECEIVED}),
    State.WITHDRAWN: frozenset(),
}
"""Every allowed move; a move that is not here does not happen."""

ENDED = frozenset({State.SCORED, State.REJECTED, State.FAILED})
"""States in which the platform has answered."""


def may_move(before: State, after: State) -> bool:
    """Whether a submission may go from ``before`` to ``after``."""
    return after in MOVES[before]


def sources(after: State) -> frozenset[State]:
    """Return the states from which ``after`` can be reached."""
    return frozenset(before for before, reachable in MOVES.items() if after in reachable)
