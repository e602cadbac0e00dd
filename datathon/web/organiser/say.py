"""The sentences of the organisers' list: each kind of matter in words, with where to go about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.leaderboard.announcement import CHANGED
from datathon.web import show
from datathon.web.organiser.attention import Kind, Matter


@dataclass(frozen=True, slots=True)
class Saying:
    """One entry of the list. ``page`` names the organisers' page where it is dealt with, ``label`` its link."""

    title: str
    text: str
    page: str
    label: str
    urgent: bool


def say(matter: Matter) -> Saying:
    """Return a matter in words, in the language of the request."""
    title, text, page, label = SENTENCES[matter.kind](matter.facts)
    return Saying(title, text, page, label, matter.urgent)


MOST_NAMES = 5
"""Names that a sentence lists before it counts the others."""


def listed(names: object) -> str:
    """Return names as a person would list them: "A, B and C"; of a long list the first and how many more."""
    items = [str(name) for name in names] if isinstance(names, tuple) else [str(names)]
    if len(items) > MOST_NAMES + 1:
        rest = len(items) - MOST_NAMES
        items = [*items[:MOST_NAMES], ngettext("%(num)s other", "%(num)s others", rest)]
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s", first=", ".join(items[:-1]), last=items[-1])


Sentences = tuple[str, str, str, str]
Facts = Mapping[str, Any]


def _broken_folder(facts: Facts) -> Sentences:
    if facts["lines"]:
        return (
            _("The edition’s folder has a mistake"),
            _("The last good state stays in use. %(lines)s", lines=" · ".join(facts["lines"])),
            "queue",
            _("See the queue"),
        )
    return (
        ngettext("An edition folder cannot be read", "%(num)s edition folders cannot be read", len(facts["names"])),
        _("%(names)s. The command “datathon check” names the file and the line.", names=listed(facts["names"])),
        "queue",
        _("See the queue"),
    )


def _unscorable(facts: Facts) -> Sentences:
    return (
        _("%(challenge)s cannot be scored", challenge=show.text(facts["challenge"])),
        facts["trouble"],
        "rescorings",
        _("See the challenges"),
    )


def _rescore(facts: Facts) -> Sentences:
    names = [CHANGED[name][0 if show.language() == "fr" else 1] for name in facts["parts"]]
    what = _("Changed: %(parts)s.", parts=", ".join(names)) + " " if names else ""
    return (
        _("%(challenge)s: scores of two versions", challenge=show.text(facts["challenge"])),
        what + _("The leaderboard keeps its scores until a rescoring is applied."),
        "rescorings",
        _("Start a rescoring"),
    )


def _trouble(facts: Facts) -> Sentences:
    waiting = facts["waiting"]
    text = (
        ngettext("%(num)s submission waits.", "%(num)s submissions wait.", waiting)
        if waiting
        else _("Nothing waits yet.")
    )
    return (_(facts["sentence"]), text, "queue", _("See the queue"))


def _waiting_long(facts: Facts) -> Sentences:
    return (
        _("A submission has been waiting for %(duration)s", duration=show.duration(facts["seconds"])),
        ngettext(
            "%(num)s submission in the queue; the alarm is at two minutes.",
            "%(num)s submissions in the queue; the alarm is at two minutes.",
            facts["waiting"],
        ),
        "queue",
        _("See the queue"),
    )


def _failed(facts: Facts) -> Sentences:
    return (
        ngettext(
            "A submission failed through no fault of its team",
            "%(num)s submissions failed through no fault of their teams",
            facts["count"],
        ),
        _("Nothing was charged. Read what the scorer said, then have it scored again."),
        "queue",
        _("Read and score again"),
    )


def _letters(facts: Facts) -> Sentences:
    return (
        ngettext("A letter could not be sent", "%(num)s letters could not be sent", facts["count"]),
        _("The list of letters says to whom and why."),
        "letters",
        _("See the letters"),
    )


def _no_dossier(facts: Facts) -> Sentences:
    names = facts["names"]
    return (
        ngettext("A team has not handed in its dossier", "%(num)s teams have not handed in their dossier", len(names)),
        _(
            "%(names)s. Dossiers close on %(when)s; without one the jury does not grade the team.",
            names=listed(names),
            when=show.instant(facts["closes"]),
        ),
        "teams",
        _("See the teams"),
    )


def _silent(facts: Facts) -> Sentences:
    return (
        ngettext(
            "%(team)s has given no sign for %(num)s day",
            "%(team)s has given no sign for %(num)s days",
            facts["days"],
            team=facts["team"],
        ),
        ngettext("%(num)s submission so far.", "%(num)s submissions so far.", facts["submissions"])
        if facts["submissions"]
        else _("No submission so far."),
        "teams",
        _("See the teams"),
    )


def _silent_teams(facts: Facts) -> Sentences:
    return (
        _("%(count)s teams have given no sign for more than five days", count=len(facts["names"])),
        _("%(names)s. The list of teams has the addresses of their members.", names=listed(facts["names"])),
        "teams",
        _("See the teams"),
    )


def _no_choice(facts: Facts) -> Sentences:
    names = facts["names"]
    return (
        ngettext(
            "A team has not chosen its final submissions",
            "%(num)s teams have not chosen their final submissions",
            len(names),
        ),
        _(
            "%(names)s. Without a choice, the best provisional score counts on %(when)s.",
            names=listed(names),
            when=show.instant(facts["closes"]),
        ),
        "teams",
        _("See the teams"),
    )


def _undeclared(facts: Facts) -> Sentences:
    names = facts["names"]
    return (
        ngettext(
            "A member of the jury has not declared their conflicts of interest",
            "%(num)s members of the jury have not declared their conflicts of interest",
            len(names),
        ),
        _("%(names)s. Without it, no sheet opens.", names=listed(names)),
        "jury",
        _("See the jury"),
    )


def _sheets(facts: Facts) -> Sentences:
    closes = facts["closes"]
    return (
        ngettext("%(num)s sheet of the jury is missing", "%(num)s sheets of the jury are missing", facts["missing"]),
        _("Out of %(owed)s.", owed=facts["owed"])
        if closes is None
        else _("Out of %(owed)s. Grading closes on %(when)s.", owed=facts["owed"], when=show.instant(closes)),
        "jury",
        _("See the jury"),
    )


def _close_jury(facts: Facts) -> Sentences:
    return (
        _("The jury can be closed"),
        _("%(submitted)s sheets of %(owed)s are submitted.", submitted=facts["submitted"], owed=facts["owed"]),
        "jury",
        _("Check and close"),
    )


def _publish(facts: Facts) -> Sentences:
    return (
        _("The ranking can be published"),
        _("The deliberation is validated. Look at the ranking once more, then publish.")
        if facts["validated"]
        else _("The jury is closed. Look at the ranking and at what does not count, then publish."),
        "ranking",
        _("Look at the ranking"),
    )


def _closing(facts: Facts) -> Sentences:
    return (
        _("%(phase)s: closes soon", phase=show.text(facts["phase"])),
        _("On %(when)s.", when=show.instant(facts["closes"])),
        "phases",
        _("See the phases"),
    )


def _rescored(facts: Facts) -> Sentences:
    return (
        _("%(challenge)s: a rescoring is ready", challenge=show.text(facts["challenge"])),
        _("Every submission is scored again. Read what would change, then apply it or cancel it."),
        "rescorings",
        _("See what would change"),
    )


def _comparisons(facts: Facts) -> Sentences:
    titles, closes = facts["titles"], facts["closes"]
    return (
        ngettext("A session of comparisons is open", "%(num)s sessions of comparisons are open", len(titles)),
        _("%(titles)s. Close it for its result to count.", titles=listed(titles))
        if closes is None
        else _(
            "%(titles)s. Close it for its result to count; the jury ends on %(when)s.",
            titles=listed(titles),
            when=show.instant(closes),
        ),
        "comparisons",
        _("See the comparisons"),
    )


def _vote(facts: Facts) -> Sentences:
    titles = {
        "upcoming": _("The public vote was not opened"),
        "open": _("The public vote is open"),
        "over": _("The public vote is over, and not closed"),
    }
    return (
        titles[facts["state"]],
        _("Close it once the last ballot is in: until then nothing can be published.")
        if facts["state"] != "upcoming"
        else _("It counts in this ranking. Open it and close it: until then nothing can be published."),
        "vote",
        _("See the vote"),
    )


def _comments(facts: Facts) -> Sentences:
    return (
        ngettext(
            "A comment of the jury waits for a decision",
            "%(num)s comments of the jury wait for a decision",
            facts["count"],
        ),
        _("The results are announced and the teams look for them. Let each comment go, or withhold it.")
        if facts["published"]
        else _("Teams read them after the announcement. Let each comment go, or withhold it."),
        "feedback",
        _("Read the comments"),
    )


def _deliberate(facts: Facts) -> Sentences:
    return (
        _("The jury can deliberate"),
        ngettext(
            "The jury is closed. The rules call for a deliberation with %(num)s member present.",
            "The jury is closed. The rules call for a deliberation with %(num)s members present.",
            facts["quorum"],
        ),
        "deliberation",
        _("Prepare the deliberation"),
    )


def _validate(facts: Facts) -> Sentences:
    return (
        _("The deliberation can be validated"),
        _("The published ranking stays until it is. Compare it with what the jury decided, then validate.")
        if facts["published"]
        else _("Nothing can be published before. Compare it with what the jury decided, then validate."),
        "deliberation",
        _("Check and validate"),
    )


def _appeals(facts: Facts) -> Sentences:
    return (
        ngettext("An appeal waits for an answer", "%(num)s appeals wait for an answer", facts["count"]),
        _("The first came on %(when)s. Answer it, or ask the head of the jury to.", when=show.instant(facts["since"])),
        "appeal_list",
        _("Read and answer"),
    )


SENTENCES: Mapping[Kind, Callable[[Facts], Sentences]] = {
    Kind.BROKEN_FOLDER: _broken_folder,
    Kind.UNSCORABLE: _unscorable,
    Kind.RESCORE: _rescore,
    Kind.TROUBLE: _trouble,
    Kind.WAITING_LONG: _waiting_long,
    Kind.FAILED: _failed,
    Kind.LETTERS: _letters,
    Kind.NO_DOSSIER: _no_dossier,
    Kind.SILENT: _silent,
    Kind.SILENT_TEAMS: _silent_teams,
    Kind.NO_CHOICE: _no_choice,
    Kind.UNDECLARED: _undeclared,
    Kind.SHEETS: _sheets,
    Kind.CLOSE_JURY: _close_jury,
    Kind.PUBLISH: _publish,
    Kind.CLOSING: _closing,
    Kind.RESCORED: _rescored,
    Kind.COMPARISONS: _comparisons,
    Kind.VOTE: _vote,
    Kind.COMMENTS: _comments,
    Kind.DELIBERATE: _deliberate,
    Kind.VALIDATE: _validate,
    Kind.APPEALS: _appeals,
}
