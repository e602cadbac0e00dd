"""What a jury decided, beside what was computed: in the results object, and as a condition of the announcement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from datathon.editions.rules import Edition, RankingPlan
from datathon.publication.remarks import Remark
from datathon.publication.tables import Deliberation


def with_decisions(results: Mapping[str, Any], decided: Deliberation, plan: RankingPlan) -> dict[str, Any]:
    """Return a results object with the decided places, prizes and mentions; the computed ranking stays as it is."""
    computed = {row["team"]: row["rank"] for row in results["ranking"]}
    titles = {prize.id: dict(prize.title) for prize in plan.prizes}
    return {
        **results,
        "decided": [{**place, "computed": computed[place["team"]]} for place in decided.places],
        "awards": [
            {**award, "title": titles[award["id"]]} if award.get("id") in titles else dict(award)
            for award in decided.awards
        ],
        **({"casting": decided.casting} if decided.casting else {}),
    }


def awaited(edition: Edition, decided: Deliberation | None, computed: str, *, now: datetime) -> tuple[Remark, ...]:
    """Return what the deliberation still lacks: nothing where none is called for and none was begun."""
    if decided is None:
        if edition.rubric is None or not edition.rubric.quorum:
            return ()
        return (Remark("The jury has not deliberated yet.", {}),)
    if decided.digest != computed:
        return (Remark("The ranking changed since the jury deliberated; it has to deliberate again.", {}),)
    if decided.state != "validated":
        return (Remark("The deliberation is not validated yet.", {}),)
    if decided.embargo_until is not None and now < decided.embargo_until:
        return (Remark("Under embargo until %(until)s.", {"until": decided.embargo_until}),)
    return ()


def order_of(results: Mapping[str, Any]) -> dict[str, int]:
    """Return the rank that holds for each ranked team, best first: decided where the jury decided, else computed."""
    ranks = {row["team"]: row["rank"] for row in results["ranking"]}
    ranks |= {item["team"]: item["rank"] for item in results.get("decided", []) if "rank" in item}
    places = {team: n for n, team in enumerate(ranks)}
    return dict(sorted(ranks.items(), key=lambda pair: (pair[1], places[pair[0]])))
