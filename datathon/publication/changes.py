"""What a correction changes: one published results object beside the one before. Pure."""

from collections.abc import Mapping
from typing import Any

from datathon.publication.decided import order_of

RULES = ("scheme", "decimals", "components", "criteria", "tie_break")


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what differs, teams in the order of ``after``: each value as ``[before, after]``, None where there is none.

    A team has ``rank`` (the one that holds), ``status``, ``total`` and ``jury``; an award its ``team``; ``rules`` names
    what differs of the rules; ``sheets`` counts the sheets that count.
    """
    found = []
    old, new = _standing(before), _standing(after)
    for team in (*new, *(t for t in old if t not in new)):
        was, now = old.get(team, {}), new.get(team, {})
        pairs = {key: [was.get(key), now.get(key)] for key in ("rank", "status", "total", "jury")}
        differing = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if differing:
            found.append({"team": team, **differing})
    won, wins = _awards(before), _awards(after)
    found += [
        {"award": name, "team": [won.get(name), wins.get(name)]}
        for name in dict.fromkeys((*wins, *won))
        if won.get(name) != wins.get(name)
    ]
    sheets = [len(before["sheets"]), len(after["sheets"])]
    if sheets[0] != sheets[1]:
        found.append({"sheets": sheets})
    rules = [key for key in RULES if before.get(key) != after.get(key)]
    if rules:
        found.append({"rules": rules})
    return found


def _standing(results: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    ranks, rows = order_of(results), {row["team"]: row for row in results["ranking"]}
    others = {t["id"]: t for t in results["teams"]}
    return {
        team: {
            "rank": ranks.get(team),
            "status": others[team]["status"],
            "total": rows.get(team, others[team]).get("total"),
            "jury": rows.get(team, others[team]).get("jury"),
        }
        for team in (*ranks, *(t for t in others if t not in ranks))
    }


def _awards(results: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the team of each award by the award's id, or by the title of a mention."""
    return {str(a.get("id") or a["title"]): a["team"] for a in results.get("awards", [])}
