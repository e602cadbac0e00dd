"""Read the public vote of an edition, and put it among the parts of the final ranking."""

from collections.abc import Sequence
from dataclasses import replace

from datathon.editions.read_toml import Table, suggest
from datathon.editions.rules import Challenge, Component, Phase, RankingPlan
from datathon.editions.vote import TITLE, VOTE, VoteRules

HIGHEST_SHARE = 10
"""The public's share of the total has this limit, in percent (ranking specification 4.8)."""


def read_vote(
    top: Table, challenges: Sequence[Challenge], phases: Sequence[Phase], plan: RankingPlan | None
) -> tuple[VoteRules | None, RankingPlan | None]:
    """Return the rules of ``[vote]`` (None: no vote) and the plan with it, as its last component, where it has a weight."""
    table = top.table("vote")
    if table is None:
        return None, plan
    fits = [c.id for c in challenges if c.takes_prototypes]
    challenge = table.text("challenge")
    if challenge and challenge not in fits:
        table.note(
            f"challenge: no challenge {challenge!r} that takes a dossier ([[dossier]]){suggest(challenge, fits)}",
            "challenge",
        )
    target = table.positive("target", 0.5)
    if target > 1:
        table.note(f"target: a share of the ballots, above 0 and up to 1, expected, found {target:g}", "target")
    phase, known = table.text("phase", ""), [p.id for p in phases]
    if phase and phase not in known:
        table.note(f"phase: no phase {phase!r}{suggest(phase, known)}", "phase")
    rules = VoteRules(
        challenge=challenge,
        title=table.texts("title", TITLE),
        weight=table.integer("weight", 0, low=0, high=1_000_000),
        most=table.integer("most", 3, low=1, high=50),
        target=target,
        phase=phase,
    )
    table.done()
    return rules, _with_vote(table, rules, plan)


def _with_vote(table: Table, rules: VoteRules, plan: RankingPlan | None) -> RankingPlan | None:
    if not rules.weight:
        if plan is not None and VOTE in plan.tie_break and VOTE not in {c.id for c in plan.components}:
            table.note("weight: the tie rules name the vote, which has no weight")
        return plan
    if plan is None:
        table.note("weight: the edition has no [ranking] that the vote could count in; 0 makes it a prize", "weight")
        return None
    if VOTE in {c.id for c in plan.components}:
        table.note(f"weight: a component of the ranking is already called {VOTE!r}", "weight")
        return plan
    if plan.scheme == "geometric":
        table.note(
            "weight: under the scheme 'geometric' a team that no ballot names would lose its whole total; 0 makes the "
            "vote a prize",
            "weight",
        )
    others = sum(c.weight for c in plan.components)
    if 100 * rules.weight > HIGHEST_SHARE * (rules.weight + others):
        table.note(
            f"weight: {rules.weight} of {rules.weight + others} is more than {HIGHEST_SHARE} % of all weights",
            "weight",
        )
    part = Component(VOTE, VOTE, rules.weight, rules.challenge, "higher", 0.0, rules.target)
    return replace(plan, components=(*plan.components, part))
