"""What an organiser should look at, most urgent first. Pure: facts in, matters out, sentences elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from datathon.editions.rules import Text

SILENT_AFTER = timedelta(days=5)
"""A team that submitted, saved and wrote nothing for longer than this is silent."""

MOST_SILENT = 3
"""Silent teams that are listed one by one; more of them are one matter."""

SOON = timedelta(hours=48)
"""A phase that closes within this is about to close."""

WAIT_LIMIT_S = 120
"""A submission that waits longer than this raises the alarm."""


class Kind(StrEnum):
    """What a matter is about."""

    BROKEN_FOLDER = "broken_folder"
    UNSCORABLE = "unscorable"
    RESCORE = "rescore"
    TROUBLE = "trouble"
    WAITING_LONG = "waiting_long"
    FAILED = "failed"
    LETTERS = "letters"
    NO_DOSSIER = "no_dossier"
    SILENT = "silent"
    SILENT_TEAMS = "silent_teams"
    NO_CHOICE = "no_choice"
    UNDECLARED = "undeclared"
    SHEETS = "sheets"
    CLOSE_JURY = "close_jury"
    PUBLISH = "publish"
    CLOSING = "closing"
    RESCORED = "rescored"
    COMPARISONS = "comparisons"
    VOTE = "vote"
    COMMENTS = "comments"
    DELIBERATE = "deliberate"
    VALIDATE = "validate"
    APPEALS = "appeals"


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """One team as the page of the day sees it. ``dossier`` is none, draft or submitted; ``last_at`` its last sign."""

    name: str
    slug: str
    status: str
    members: int
    accepted: int
    submissions: int
    scored: int
    chosen: int
    dossier: str
    last_at: datetime
    last_what: str

    def silent(self, now: datetime) -> bool:
        """Whether the team gave no sign for more than five days."""
        return self.status == "active" and now - self.last_at > SILENT_AFTER


@dataclass(frozen=True, slots=True)
class PhaseFacts:
    """An open phase that ends: its kind, title and closing instant."""

    kind: str
    title: Text
    closes: datetime


@dataclass(frozen=True, slots=True)
class JuryFacts:
    """Where the jury stands; ``closed`` by an organiser, ``published`` tells that a ranking was announced."""

    submitted: int
    owed: int
    undeclared: tuple[str, ...]
    open: bool
    closed: bool
    published: bool
    over: bool


@dataclass(frozen=True, slots=True)
class WaitingFacts:
    """What waits for an organiser around and after the jury.

    ``appeals`` and ``comments`` (of jurors, for teams) count those nobody answered or decided about. ``deliberation``
    is "", deliberated or validated, and ``quorum`` how many have to deliberate, 0 where none need to; ``comparisons`` has the titles of open sessions, ``campaigns`` the state (running or
    ready) of the open rescoring of a challenge. ``vote`` is upcoming, open or over where the public vote keeps the ranking
    from being published, "" elsewhere.
    """

    appeals: int = 0
    appeal_since: datetime | None = None
    comments: int = 0
    published: bool = False
    deliberation: str = ""
    quorum: int = 0
    embargo: datetime | None = None
    comparisons: tuple[str, ...] = ()
    campaigns: Mapping[str, str] = field(default_factory=dict)
    vote: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the list depends on."""

    troubles: tuple[str, ...] = ()
    oldest_wait_s: float | None = None
    waiting: int = 0
    failed: int = 0
    letters_failed: int = 0
    teams: tuple[TeamFacts, ...] = ()
    open_phases: tuple[PhaseFacts, ...] = ()
    jury: JuryFacts | None = None
    broken: tuple[str, ...] = ()
    broken_lines: tuple[str, ...] = ()
    unscorable: tuple[tuple[Text, str], ...] = ()
    to_rescore: tuple[tuple[Text, tuple[str, ...], int], ...] = ()
    rescored: tuple[Text, ...] = ()
    waiting_for: WaitingFacts = WaitingFacts()
    takes_predictions: bool = True
    takes_prototypes: bool = True


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to look at: ``urgent`` cannot wait until tomorrow; ``facts`` are what its sentence needs."""

    kind: Kind
    urgent: bool
    facts: Mapping[str, object] = field(default_factory=dict)


def matters(facts: Facts, *, now: datetime) -> tuple[Matter, ...]:
    """Return what needs attention, the urgent first: the platform, teams, the jury, what follows it, what is about to end."""
    found = [*_platform(facts), *_teams(facts, now), *_jury(facts, now), *_after(facts, now), *_closing(facts, now)]
    return tuple(sorted(found, key=lambda matter: not matter.urgent))


def _platform(facts: Facts) -> list[Matter]:
    found = []
    if facts.broken:
        found.append(
            Matter(Kind.BROKEN_FOLDER, urgent=True, facts={"names": facts.broken, "lines": facts.broken_lines})
        )
    found += [
        Matter(Kind.UNSCORABLE, urgent=True, facts={"challenge": title, "trouble": trouble})
        for title, trouble in facts.unscorable
    ]
    found += [
        Matter(Kind.RESCORE, urgent=True, facts={"challenge": title, "parts": parts, "behind": behind})
        for title, parts, behind in facts.to_rescore
    ]
    found += [Matter(Kind.RESCORED, urgent=True, facts={"challenge": title}) for title in facts.rescored]
    found.extend(
        Matter(Kind.TROUBLE, urgent=True, facts={"sentence": sentence, "waiting": facts.waiting})
        for sentence in facts.troubles
    )
    if facts.oldest_wait_s is not None and facts.oldest_wait_s > WAIT_LIMIT_S:
        found.append(
            Matter(Kind.WAITING_LONG, urgent=True, facts={"seconds": facts.oldest_wait_s, "waiting": facts.waiting})
        )
    if facts.failed:
        found.append(Matter(Kind.FAILED, urgent=True, facts={"count": facts.failed}))
    if facts.letters_failed:
        found.append(Matter(Kind.LETTERS, urgent=False, facts={"count": facts.letters_failed}))
    return found


def _closes(facts: Facts, kind: str) -> datetime | None:
    return max((phase.closes for phase in facts.open_phases if phase.kind == kind), default=None)


def _teams(facts: Facts, now: datetime) -> list[Matter]:
    found = []
    active = [team for team in facts.teams if team.status == "active"]
    dossiers, predictions = _closes(facts, "prototypes"), _closes(facts, "submissions")
    if dossiers is not None and facts.takes_prototypes and dossiers - now <= SILENT_AFTER:
        late = tuple(team.name for team in active if team.dossier != "submitted")
        if late:
            found.append(
                Matter(Kind.NO_DOSSIER, urgent=dossiers - now <= SOON, facts={"names": late, "closes": dossiers})
            )
    if dossiers is not None or predictions is not None:
        found += _silent(active, now, urgent=predictions is not None and predictions - now <= SOON)
    if predictions is not None and facts.takes_predictions and predictions - now <= SILENT_AFTER:
        names = tuple(team.name for team in active if team.scored and not team.chosen)
        if names:
            found.append(Matter(Kind.NO_CHOICE, urgent=False, facts={"names": names, "closes": predictions}))
    return found


def _silent(active: list[TeamFacts], now: datetime, *, urgent: bool) -> list[Matter]:
    """Return a matter for each silent team, or one for all of them when they would bury everything else."""
    silent = [team for team in active if team.silent(now)]
    if len(silent) > MOST_SILENT:
        return [Matter(Kind.SILENT_TEAMS, urgent=urgent, facts={"names": tuple(team.name for team in silent)})]
    return [
        Matter(
            Kind.SILENT,
            urgent=urgent,
            facts={"team": team.name, "days": (now - team.last_at).days, "submissions": team.submissions},
        )
        for team in silent
    ]


def _jury(facts: Facts, now: datetime) -> list[Matter]:
    jury = facts.jury
    if jury is None:
        return []
    closes = _closes(facts, "jury")
    soon = closes is not None and closes - now <= SOON
    found = []
    if jury.open and not jury.closed and jury.undeclared:
        found.append(Matter(Kind.UNDECLARED, urgent=soon, facts={"names": jury.undeclared}))
    if jury.open and not jury.closed and jury.submitted < jury.owed:
        found.append(
            Matter(
                Kind.SHEETS,
                urgent=soon,
                facts={"missing": jury.owed - jury.submitted, "owed": jury.owed, "closes": closes},
            )
        )
    if not jury.closed and jury.owed and (jury.over or jury.submitted == jury.owed):
        found.append(Matter(Kind.CLOSE_JURY, urgent=False, facts={"submitted": jury.submitted, "owed": jury.owed}))
    return found


def _after(facts: Facts, now: datetime) -> list[Matter]:
    """Return what ends, follows or answers the work of the jury, in the order in which it is done."""
    jury, waits = facts.jury, facts.waiting_for
    closes = _closes(facts, "jury")
    soon = closes is not None and closes - now <= SOON
    closed = jury is not None and jury.closed
    done = jury is not None and (jury.over or jury.closed or (jury.owed > 0 and jury.submitted == jury.owed))
    found = []
    if waits.comparisons and (soon or done) and not waits.published:
        facts_of = {"titles": waits.comparisons, "closes": None if closed else closes}
        found.append(Matter(Kind.COMPARISONS, urgent=soon, facts=facts_of))
    if _vote_waits(waits, soon=soon, done=done):
        found.append(Matter(Kind.VOTE, urgent=soon, facts={"state": waits.vote}))
    if waits.appeals and waits.appeal_since is not None:
        since = waits.appeal_since
        found.append(Matter(Kind.APPEALS, urgent=now - since > SOON, facts={"count": waits.appeals, "since": since}))
    if closed and waits.comments:
        found.append(
            Matter(
                Kind.COMMENTS,
                urgent=waits.published,
                facts={"count": waits.comments, "published": waits.published},
            )
        )
    if closed and waits.deliberation == "deliberated":
        found.append(Matter(Kind.VALIDATE, urgent=False, facts={"published": waits.published}))
    elif closed and waits.quorum and not waits.deliberation and not waits.published:
        found.append(Matter(Kind.DELIBERATE, urgent=False, facts={"quorum": waits.quorum}))
    elif jury is not None and closed and not jury.published and not waits.vote and not _embargoed(waits, now):
        found.append(Matter(Kind.PUBLISH, urgent=False, facts={"validated": waits.deliberation == "validated"}))
    return found


def _vote_waits(waits: WaitingFacts, *, soon: bool, done: bool) -> bool:
    """Whether the public vote is to be closed: its time is over, or the jury’s is while it goes on."""
    return not waits.published and (
        waits.vote == "over" or (waits.vote == "open" and soon) or (waits.vote != "" and done)
    )


def _embargoed(waits: WaitingFacts, now: datetime) -> bool:
    return waits.deliberation == "validated" and waits.embargo is not None and now < waits.embargo


def _closing(facts: Facts, now: datetime) -> list[Matter]:
    return [
        Matter(Kind.CLOSING, urgent=False, facts={"phase": phase.title, "closes": phase.closes})
        for phase in sorted(facts.open_phases, key=lambda p: p.closes)
        if now <= phase.closes <= now + SOON
    ]
