"""The rules of a public vote are frozen when it opens: what the edition's file says afterwards no longer counts."""

import math
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Component, Edition, PhaseState, RankingPlan
from datathon.editions.tables import EditionRow
from datathon.editions.vote import VOTE, VoteRules
from datathon.jury.vote_tables import VotePoll
from datathon.store.db import locked


def freeze_vote(db: Session, edition: Edition, *, now: datetime) -> bool:
    """Keep the rules of the vote once its phase is open; return whether this call did it.

    Where an organiser opens the vote, opening keeps them. Nothing happens before, without a vote, or a second time.
    """
    if not is_vote_due(db, edition, now=now) or locked(db, EditionRow, edition.id) is None:
        return False
    poll = locked(db, VotePoll, edition.id)
    if poll is None:
        poll = VotePoll(edition_id=edition.id)
    keep_rules(edition, poll, now=now)
    db.add(poll)
    db.flush()
    return True


def is_vote_due(db: Session, edition: Edition, *, now: datetime) -> bool:
    """Whether the phase of the vote has opened on this installation and its rules are not frozen yet."""
    if edition.vote is None or not edition.vote.phase or db.get(EditionRow, edition.id) is None:
        return False
    poll = db.get(VotePoll, edition.id)
    if poll is not None and poll.rules is not None:
        return False
    window = next((w for w in windows_of(db, edition, now=now) if w.phase.id == edition.vote.phase), None)
    return window is not None and window.state is not PhaseState.UPCOMING


def keep_rules(edition: Edition, poll: VotePoll, *, now: datetime) -> None:
    """Write the rules of this instant into the poll; those that are there already stay."""
    if edition.vote is None or poll.rules is not None:
        return
    whole = 0 if edition.ranking is None else sum(c.weight for c in edition.ranking.components)
    poll.rules = {**asdict(edition.vote), "title": dict(edition.vote.title), "whole": whole}
    poll.frozen_at = now


def with_frozen_vote(db: Session, edition: Edition) -> Edition:
    """Return the edition with the rules its vote was opened with, as it is before.

    The vote keeps its share of the total, whatever the file says now of it or of the other weights.
    """
    poll = db.get(VotePoll, edition.id)
    if poll is None or poll.rules is None:
        return edition
    kept = poll.rules
    phase = kept["phase"] if kept["phase"] in {p.id for p in edition.phases} else ""
    rules = VoteRules(kept["challenge"], kept["title"], kept["weight"], kept["most"], kept["target"], phase)
    return replace(edition, vote=rules, ranking=_with_share(edition.ranking, rules, int(kept["whole"])))


def frozen_vote(db: Session, edition_id: str) -> dict[str, Any] | None:
    """Return what results.json says of the freezing: weight, sum of all weights then, instant; None before it."""
    poll = db.get(VotePoll, edition_id)
    if poll is None or poll.rules is None or poll.frozen_at is None:
        return None
    return {"weight": poll.rules["weight"], "whole": poll.rules["whole"], "at": poll.frozen_at.isoformat()}


def vote_differs(db: Session, edition: Edition) -> bool:
    """Whether the file of ``edition`` gives the vote other rules, or another share, than those frozen; False before."""
    poll = db.get(VotePoll, edition.id)
    if poll is None or poll.rules is None:
        return False
    if edition.vote is None:
        return True
    same = VoteRules(**{key: value for key, value in poll.rules.items() if key != "whole"})
    whole = 0 if edition.ranking is None else sum(c.weight for c in edition.ranking.components)
    return edition.vote != same or edition.vote.weight * poll.rules["whole"] != same.weight * whole


def _with_share(plan: RankingPlan | None, rules: VoteRules, whole: int) -> RankingPlan | None:
    if plan is None:
        return None
    others = [c for c in plan.components if c.kind != VOTE]
    if not rules.weight:
        tie_break = tuple(r for r in plan.tie_break if r != VOTE or VOTE in {c.id for c in others})
        return replace(plan, components=tuple(others), tie_break=tie_break)
    rest, now = whole - rules.weight, sum(c.weight for c in others)
    part = Component(VOTE, VOTE, rules.weight, rules.challenge, "higher", 0.0, rules.target)
    if now == rest or not now:
        return replace(plan, components=(*others, part))
    # Whole numbers: others × rest and weight × now have the share of the opening, whatever "now" is.
    scaled = [c.weight * rest for c in others] + [rules.weight * now]
    least = math.gcd(*scaled)
    weights = [w // least for w in scaled]
    parts = zip((*others, part), weights, strict=True)
    return replace(plan, components=tuple(replace(c, weight=w) for c, w in parts))
