"""The count of a public vote in words, read from the object of results.json alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Edition
from datathon.jury.votes import leaders
from datathon.web import show


@dataclass(frozen=True, slots=True)
class VoteLine:
    """A team, the ballots that name it, and their share of all ballots in percent."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class VoteCount:
    """The vote as it ended, the most named teams first; ``says`` who won it, ``rule`` what it counts for."""

    title: Mapping[str, str]
    ballots: int
    lines: tuple[VoteLine, ...]
    says: str
    rule: str
    void: tuple[str, ...] = ()


def vote_count(results: Mapping[str, Any]) -> VoteCount | None:
    """Return the count of a results object, None where there was no vote."""
    given = results.get("vote")
    if given is None:
        return None
    names = {team["id"]: team["name"] for team in results["teams"]}
    counts, ballots = given["counts"], given["ballots"]
    part = next((c for c in results["components"] if c["kind"] == "vote" and c["weight"]), None)
    whole = sum(c["weight"] for c in results["components"])
    frozen = given.get("frozen")
    return VoteCount(
        given["title"],
        ballots,
        tuple(
            VoteLine(names[team], named, 100 * named / ballots if ballots else 0.0)
            for team, named in sorted(counts.items(), key=lambda pair: (-pair[1], names[pair[0]].casefold()))
        ),
        _says([names[team] for team in leaders(counts)], ballots),
        (
            _("A prize of its own: it enters no total.")
            if part is None
            else _(
                "It weighs %(weight)s of the total; %(target)s of the ballots or more are worth 100 points.",
                weight=show.percent(100 * part["weight"] / whole, 1),
                target=show.percent(100 * given["target"], 0 if float(100 * given["target"]).is_integer() else 1),
            )
        )
        + (" " + frozen_says(datetime.fromisoformat(frozen["at"])) if frozen is not None else ""),
        tuple(_void_says(sheet) for sheet in given.get("void", [])),
    )


def weight_says(edition: Edition) -> str:
    """Return what the vote of an edition counts for, in words for voters; "" where it holds none."""
    rules = edition.vote
    if rules is None:
        return ""
    if not rules.weight or edition.ranking is None:
        return _("The vote gives a prize of its own. It changes nothing in the final ranking.")
    parts = edition.ranking.components
    share = sum(100 * c.weight for c in parts if c.kind == "vote") / sum(c.weight for c in parts)
    return _(
        "The vote weighs %(share)s of the final ranking. A team has the share of the ballots that name it: none gives 0 points, %(target)s or more give 100.",
        share=show.percent(share, 0 if share.is_integer() else 1),
        target=show.percent(100 * rules.target, 0 if (100 * rules.target).is_integer() else 1),
    )


def frozen_says(at: datetime) -> str:
    """Return since when the rules of the vote no longer follow the edition's file."""
    return _("Frozen when the vote opened, on %(at)s.", at=show.instant(at))


def _void_says(sheet: Mapping[str, Any]) -> str:
    if not sheet["served"]:
        return _("The printed sheet no. %(number)s was void; no ballot came with it.", number=sheet["sheet"])
    if sheet["ballots"] == "removed":
        return ngettext(
            "The printed sheet no. %(number)s was void; the one ballot cast with it was taken out before the count.",
            "The printed sheet no. %(number)s was void; the %(num)s ballots cast with it were taken out before the count.",
            sheet["served"],
            number=sheet["sheet"],
        )
    return ngettext(
        "The printed sheet no. %(number)s was void; the one ballot cast with it before stays.",
        "The printed sheet no. %(number)s was void; the %(num)s ballots cast with it before stay.",
        sheet["served"],
        number=sheet["sheet"],
    )


def _says(first: list[str], ballots: int) -> str:
    came = ngettext("Public vote: one ballot.", "Public vote: %(num)s ballots.", ballots)
    if not first:
        return came
    return f"{came} {ngettext('Most named: %(teams)s.', 'Named equally often: %(teams)s.', len(first), teams=', '.join(first))}"
