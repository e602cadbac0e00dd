"""What the organisers' pages show, in words and in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Edition, Milestone, PhaseKind, PhaseState, Text, Window
from datathon.editions.windows import instant
from datathon.jury.queries import JurorRow, Matrix
from datathon.scoring.explain import sentence as problem_sentence
from datathon.scoring.problem import Problem
from datathon.scoring.queries import QueueState
from datathon.web import show
from datathon.web.organiser import words
from datathon.web.organiser.attention import TeamFacts, matters
from datathon.web.organiser.facts import Day, Ended, JournalLine, LetterLine, QueueLine, TeamLedger
from datathon.web.organiser.lists import FIRST, behind, fits_grid
from datathon.web.organiser.say import Saying, say
from datathon.web.organiser.waits import WaitChart, wait_chart

MILESTONES = 5
MOST_TEAMS = 12


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One state of the queue in words."""

    shape: str
    word: str
    count: int
    age: str


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One team in words."""

    name: str
    slug: str
    status_word: str
    silent: bool
    sign: str
    submissions: int
    dossier_shape: str
    dossier_word: str
    accepted: int
    members: int


@dataclass(frozen=True, slots=True)
class EndedRow:
    """A submission that was refused or failed, in words."""

    id: UUID
    team: str
    challenge: str
    number: int
    file_name: str
    attempt: int
    at: datetime
    why: str
    log: bool


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One act in words."""

    at: datetime
    when: str
    what: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone still to come."""

    when: datetime
    title: Text


@dataclass(frozen=True, slots=True)
class TodayPage:
    """The page of the day. ``behind``: the first members of a jury too large for a grid; ``teams``: those quiet for longest."""

    edition: Edition
    now: datetime
    title: str
    day_of: str
    standfirst: str
    sayings: tuple[Saying, ...]
    journal: tuple[JournalRow, ...]
    queue: tuple[QueueRow, ...]
    workers: str
    waits: WaitChart | None
    failures: tuple[EndedRow, ...]
    jury: Matrix | None
    heads: tuple[str, ...]
    jury_note: str
    behind: tuple[JurorRow, ...]
    teams: tuple[TeamRow, ...]
    all_teams: int
    milestones: tuple[DatedMilestone, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A decision an organiser may take on a phase."""

    state: str
    label: str


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase with the decisions that make sense now."""

    id: str
    title: Text
    shape: str
    word: str
    overridden: bool
    opens: datetime
    closes: datetime | None
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter in words; its body is not shown, since it may hold a link that signs in."""

    subject: str
    to: str
    shape: str
    word: str
    error: str
    written_at: datetime


def work_awaited(windows: Sequence[Window]) -> bool:
    """Whether teams can still submit predictions or hand in dossiers."""
    return any(
        w.state is PhaseState.OPEN and w.phase.kind in (PhaseKind.SUBMISSIONS, PhaseKind.PROTOTYPES) for w in windows
    )


def today_page(edition: Edition, found: Day, windows: Sequence[Window], *, starts: date, now: datetime) -> TodayPage:
    """Return the page of the day of an edition."""
    sayings = tuple(say(matter) for matter in matters(found.facts, now=now))
    return TodayPage(
        edition=edition,
        now=now,
        title=show.weekday(now),
        day_of=_day_of(edition, starts, now),
        standfirst=_standfirst(sayings, found),
        sayings=sayings,
        journal=journal_rows(found.journal, now),
        queue=queue_rows(found.lines, now),
        workers=workers_sentence(found.queue),
        waits=wait_chart(found.waits),
        failures=ended_rows(found.failures, edition),
        jury=found.jury,
        heads=() if found.jury is None else words.abbreviations(tuple(t.name for t in found.jury.teams)),
        jury_note="" if found.jury is None else jury_note(found.jury),
        behind=() if found.jury is None or fits_grid(found.jury) else behind(found.jury)[:FIRST],
        teams=team_rows(found.facts.teams[:MOST_TEAMS], now, awaited=work_awaited(windows)),
        all_teams=len(found.facts.teams),
        milestones=_milestones(edition, starts, now),
    )


def _day_of(edition: Edition, starts: date, now: datetime) -> str:
    day = (now.astimezone(edition.zone).date() - starts).days + 1
    if day < 1:
        return ngettext("%(num)s day before the start", "%(num)s days before the start", 1 - day)
    if day > edition.days:
        return _("Edition over")
    return _("Day %(day)s of %(days)s", day=day, days=edition.days)


def _standfirst(sayings: Sequence[Saying], found: Day) -> str:
    said = [
        ngettext(
            "One thing to deal with.", "%(count)s things to deal with.", len(sayings), count=show.spelled(len(sayings))
        )
        if sayings
        else _("Nothing needs you at the moment.")
    ]
    if found.facts.troubles:
        said.append(_("The queue is disturbed; nothing is lost."))
    elif found.facts.waiting:
        said.append(
            ngettext("One submission is in the queue.", "%(num)s submissions are in the queue.", found.facts.waiting)
        )
    else:
        said.append(_("The queue is empty."))
    if found.jury is not None and found.jury.owed:
        said.append(
            _("The jury has submitted %(done)s sheets of %(all)s.", done=found.jury.submitted, all=found.jury.owed)
        )
    return " ".join(said)


def jury_note(matrix: Matrix) -> str:
    """Return where the jury stands in one sentence."""
    if matrix.closed_at is not None:
        return _("The jury closed on %(when)s.", when=show.instant(matrix.closed_at))
    return _("%(done)s sheets submitted of %(all)s.", done=matrix.submitted, all=matrix.owed)


def workers_sentence(queue: QueueState) -> str:
    """Return how many workers are alive."""
    if not queue.workers:
        return _("No worker gives a sign of life.")
    return ngettext("One worker is alive.", "%(num)s workers are alive.", queue.workers)


def queue_rows(lines: Sequence[QueueLine], now: datetime) -> tuple[QueueRow, ...]:
    """Return the queue's table in words."""
    rows = []
    for line in lines:
        shape, word = words.queue_state(line.state)
        age = "" if line.since is None else show.duration(now - line.since)
        rows.append(QueueRow("off" if shape == "fail" and not line.count else shape, word, line.count, age))
    return tuple(rows)


def ended_rows(found: Sequence[Ended], edition: Edition) -> tuple[EndedRow, ...]:
    """Return refused and failed submissions in words."""
    return tuple(
        EndedRow(
            one.id,
            one.team,
            challenge_title(edition, one.challenge_id),
            one.number,
            one.file_name,
            one.attempt,
            one.at,
            _why(one),
            one.log,
        )
        for one in found
    )


def challenge_title(edition: Edition, challenge_id: str) -> str:
    """Return a challenge's title, its id when the folder is gone."""
    challenge = edition.challenge(challenge_id)
    return challenge_id if challenge is None else show.text(challenge.title)


def _why(one: Ended) -> str:
    if one.state == "failed" or not one.problems:
        return words.failure(one.code)
    return problem_sentence(Problem.from_json(one.problems[0]), show.language())


def team_rows(teams: Sequence[TeamFacts], now: datetime, *, awaited: bool) -> tuple[TeamRow, ...]:
    """Return the teams in words, the most silent first; silence means nothing when no work is ``awaited`` any more."""
    rows = []
    for team in teams:
        shape, word = words.dossier(team.dossier)
        silent = awaited and team.silent(now)
        sign = f"{_ago(team.last_at, now)}, {words.sign(team.last_what)}"
        rows.append(
            TeamRow(
                team.name,
                team.slug,
                words.team_status(team.status),
                silent,
                _("silent, %(days)s days", days=(now - team.last_at).days) if silent else sign,
                team.submissions,
                shape,
                word,
                team.accepted,
                team.members,
            )
        )
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of a quota in words; ``units`` is what it adds to what is used."""

    at: datetime
    challenge: str
    number: int
    what: str
    units: str
    day: date


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A team's quota in words; ``used`` is the sum by challenge."""

    team: str
    rows: tuple[LedgerRow, ...]
    used: tuple[tuple[str, int], ...]


def ledger_page(ledger: TeamLedger, edition: Edition) -> LedgerPage:
    """Return the lines of a team's quota in words."""
    used: dict[str, int] = {}
    for line in reversed(ledger.lines):
        used[line.challenge_id] = used.get(line.challenge_id, 0) + line.units
    rows = tuple(
        LedgerRow(
            line.at,
            challenge_title(edition, line.challenge_id),
            line.number,
            words.charge(line.kind, line.reason),
            f"{line.units:+d}".replace("-", "\u2212") if line.units else "0",
            line.day,
        )
        for line in ledger.lines
    )
    return LedgerPage(ledger.team, rows, tuple((challenge_title(edition, c), n) for c, n in used.items()))


def _ago(at: datetime, now: datetime) -> str:
    elapsed = now - at
    if elapsed < timedelta(minutes=1):
        return _("just now")
    if elapsed < timedelta(days=1):
        # Nobody needs the seconds of a sign of life.
        return _("%(duration)s ago", duration=show.duration(elapsed - elapsed % timedelta(minutes=1)))
    days = (now.astimezone(show.zone()).date() - at.astimezone(show.zone()).date()).days
    if days < 2:
        return _("yesterday")
    return _("two days ago") if days == 2 else show.day(at)


def _same_day(at: datetime, now: datetime) -> bool:
    return at.astimezone(show.zone()).date() == now.astimezone(show.zone()).date()


def journal_rows(lines: Sequence[JournalLine], now: datetime) -> tuple[JournalRow, ...]:
    """Return acts in words; an instant of today by its hour, an older one by its day."""
    rows = []
    for line in lines:
        reason = line.details.get("reason")
        when = show.hour(line.at) if _same_day(line.at, now) else show.day_short(line.at)
        what = words.act(line.act, line.details, line.subject)
        rows.append(JournalRow(line.at, when, what, line.actor or _("the platform"), str(reason or "")))
    return tuple(rows)


def _milestones(edition: Edition, starts: date, now: datetime) -> tuple[DatedMilestone, ...]:
    def dated(milestone: Milestone) -> DatedMilestone:
        return DatedMilestone(instant(milestone.when, starts=starts, zone=edition.zone), milestone.title)

    coming = [m for m in map(dated, edition.milestones) if m.when >= now]
    return tuple(sorted(coming, key=lambda m: m.when)[:MILESTONES])


def phase_rows(windows: Sequence[Window]) -> tuple[PhaseRow, ...]:
    """Return the phases with the decisions that make sense for each."""
    rows = []
    for window in windows:
        shape, word = words.phase(window.state)
        if window.state is PhaseState.OPEN:
            moves = [Move("closed", _("Close now"))]
        elif window.state is PhaseState.UPCOMING:
            moves = [Move("open", _("Open now"))]
        else:
            moves = [Move("open", _("Open again"))]
        if window.overridden:
            moves.append(Move("calendar", _("Follow the calendar")))
        rows.append(
            PhaseRow(
                window.phase.id,
                window.phase.title,
                shape,
                word,
                window.overridden,
                window.opens,
                window.closes,
                tuple(moves),
            )
        )
    return tuple(rows)


def letter_rows(lines: Sequence[LetterLine]) -> tuple[LetterRow, ...]:
    """Return letters in words."""
    return tuple(
        LetterRow(line.subject, line.to, *words.letter(line.state), line.error, line.written_at) for line in lines
    )


def said(message: str, params: Mapping[str, object]) -> str:
    """Return a remark of the preview in the language of the request."""
    return str(_(message, **params)) if params else str(_(message))
