"""What comparisons two by two give to the final ranking: the tally of the session closed last, and what to know of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.jury.comparing import comparisons, stands, the_one_that_counts, votes
from datathon.jury.pairwise import Tally, Vote, fitted, tally
from datathon.leaderboard.merge import Inputs, Standing, settles_by_pairs
from datathon.publication.remarks import Remark


def compared(db: Session, edition: Edition, in_play: Mapping[UUID, str]) -> Tally | None:
    """Return the wins of the session closed last, teams by slug; None before any was closed.

    ``in_play`` maps the teams that did not withdraw to their slugs; the others' comparisons do not count.
    """
    session = the_one_that_counts(db, edition.id)
    if session is None:
        return None
    slugs = {str(team): slug for team, slug in in_play.items()}
    counted = votes(db, session).counting
    there = [in_play[s.team_id] for s in stands(db, edition, session.id) if s.team_id in in_play]
    return tally(
        there,
        (
            Vote(v.juror, slugs[v.winner], slugs[v.loser], tie=v.tie)
            for v in counted
            if v.winner in slugs and v.loser in slugs
        ),
    )


def open_sessions(db: Session, edition_id: str) -> tuple[Remark, ...]:
    """Return what keeps the ranking from being published: a session that is still open."""
    return tuple(
        Remark("The comparisons “%(title)s” are still open.", {"title": one.title})
        for one in comparisons(db, edition_id)
        if one.closed_at is None
    )


def compared_remarks(inputs: Inputs, standings: Sequence[Standing]) -> Iterator[Remark]:
    """Yield what a reader must know: islands, a tie rule without comparisons, ties it could not settle."""
    asked = settles_by_pairs(inputs.plan)
    if inputs.compared is None:
        if asked:
            yield Remark("The rules settle ties by comparisons two by two, and none were made.", {})
        return
    found = fitted(inputs.compared)
    if not found.connected:
        yield Remark(
            "The comparisons fall into %(count)s parts that were never compared with one another; between them the order is not known.",
            {"count": len(found.parts)},
        )
    if not asked:
        return
    ranked = [s for s in standings if s.status == "ranked"]
    for _, group in groupby(ranked, key=lambda s: s.rank):
        tied = list(group)
        if len(tied) > 1 and any(s.team not in found.theta for s in tied):
            yield Remark(
                "%(teams)s tie, and not all of them were compared two by two: the comparisons decide nothing there.",
                {"teams": ", ".join(s.name for s in tied)},
            )
