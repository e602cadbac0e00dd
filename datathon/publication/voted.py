"""What the public vote gives to the final ranking, and what to know of it."""

from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.editions.vote import VOTE
from datathon.jury.vote_tables import VotePoll
from datathon.jury.voting import votes
from datathon.leaderboard.merge import Inputs
from datathon.publication.remarks import Remark


def with_votes(db: Session, edition: Edition, inputs: Inputs) -> Inputs:
    """Return the inputs with the count; while it is secret the vote weighs nothing in them, so that nothing leaks."""
    found = votes(db, edition)
    if found is not None or edition.vote is None:
        return replace(inputs, votes=found)
    parts = tuple(replace(c, weight=0) if c.kind == VOTE else c for c in inputs.plan.components)
    return replace(inputs, plan=replace(inputs.plan, components=parts))


def open_vote(db: Session, edition: Edition) -> tuple[Remark, ...]:
    """Return what keeps the ranking from being published: a vote that counts, or that was begun, and is not closed."""
    if edition.vote is None:
        return ()
    poll = db.get(VotePoll, edition.id)
    if poll is None and not edition.vote.weight:
        return ()
    if poll is not None and poll.closed_at is not None:
        return ()
    return (Remark("The public vote is not closed yet; until then this ranking leaves it out.", {}),)


def vote_remarks(inputs: Inputs) -> Iterator[Remark]:
    """Yield what a reader must know: a vote in which nobody took part."""
    if inputs.votes is not None and not inputs.votes.ballots:
        yield Remark("No ballot came to the public vote: every team has 0 points of it.", {})
