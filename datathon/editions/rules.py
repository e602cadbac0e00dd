"""What an edition and its challenges are, and which phase is open when. Pure: no clock, no database, no files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from datathon.editions.groups import Bracket, Track
from datathon.editions.places import NO_PLACES, Places
from datathon.editions.prize import Prize
from datathon.editions.rubric import Criterion as Criterion  # noqa: PLC0414 - read from here by whoever reads the rules
from datathon.editions.rubric import Example as Example  # noqa: PLC0414 - as above
from datathon.editions.rubric import Level as Level  # noqa: PLC0414 - as above
from datathon.editions.rubric import Rubric as Rubric  # noqa: PLC0414 - as above
from datathon.editions.vote import VoteRules

Text = Mapping[str, str]
"""A text in several languages: ``{"fr": …, "en": …}``; French is always there."""


class PhaseKind(StrEnum):
    """What a phase lets people do."""

    REGISTRATION = "registration"
    SUBMISSIONS = "submissions"
    PROTOTYPES = "prototypes"
    JURY = "jury"
    FREEZE = "freeze"
    ANNOUNCEMENT = "announcement"


class PhaseState(StrEnum):
    """Where a phase stands at an instant."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Moment:
    """A local time of an edition, counted from its first day: day 0 is the day the edition starts."""

    day: int
    at: time


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of the calendar: open from ``opens`` (included) to ``closes`` (excluded; None: never closes).

    ``priority``: what is submitted in it is scored before the files of other editions.
    """

    id: str
    kind: PhaseKind
    title: Text
    opens: Moment
    closes: Moment | None
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated line of the public calendar."""

    when: Moment
    title: Text


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the final ranking.

    ``kind`` is "metric", "jury" or "vote"; ``weight`` a non-negative integer (share = weight / sum of weights); for a
    metric, ``direction`` ("lower" or "higher" is better) and the anchors ``baseline`` (gives 0) and ``target`` (gives
    100). A vote has anchors too: its value is the share of the ballots that name a team, from 0 to 1.
    """

    id: str
    kind: str
    weight: int
    challenge: str
    direction: str | None = None
    baseline: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class RankingPlan:
    """How components merge into one ranking; ``decimals`` quantises totals, ``tie_break`` is tried in order.

    ``scheme`` is fixed, geometric, rank or lexicographic; ``also_shown`` names schemes printed beside, which decide nothing.
    ``appeal_days``: whole days after each publication in which teams may contest it; 0: no appeal.
    ``public_minutes``: minutes without the jurors' names are public from the announcement on.
    """

    scheme: str
    decimals: int
    components: tuple[Component, ...]
    tie_break: tuple[str, ...]
    also_shown: tuple[str, ...] = ()
    prizes: tuple[Prize, ...] = ()
    appeal_days: int = 0
    public_minutes: bool = False


MAX_LENGTH = 256
"""Longest value of a text column that declares no other length, in characters."""


@dataclass(frozen=True, slots=True)
class Column:
    """One submitted column. ``type``: number, integer, string or category (then ``values``); bounds are included.

    Of text: at most ``max_length`` characters; ``empty`` allows none; ``format`` names how it is written ("" free,
    else one of ``scorers.written.TEXT_FORMATS``); ``pixels`` bounds the runs of an image's mask.
    """

    name: str
    type: str = "number"
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    max_length: int = MAX_LENGTH
    empty: bool = False
    format: str = ""
    pixels: int | None = None


@dataclass(frozen=True, slots=True)
class SubmissionFormat:
    """What a prediction file holds: an id column, then the columns, one row per id of the sample submission."""

    id: str
    columns: tuple[Column, ...]
    max_bytes: int = 20_000_000
    row_sum: float | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a challenge; ``direction`` is "lower", "higher" or None when the shipped scorer declares it.

    ``name`` is the key of its value. ``shipped`` names the shipped metric where that differs, so that one metric can
    stand twice with other parameters (``mae`` and ``weighted_mae``); read ``function``, which is never empty.
    """

    name: str
    direction: str | None = None
    decimals: int = 6
    params: Mapping[str, object] = field(default_factory=dict)
    shipped: str = ""

    @property
    def function(self) -> str:
        """Name of the metric that computes the value."""
        return self.shipped or self.name


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sandboxed stage may use."""

    cpu_s: float = 10.0
    wall_s: float = 30.0
    memory_mb: int = 512


@dataclass(frozen=True, slots=True)
class Program:
    """What a challenge that asks for programs gives them: ``inputs`` (files by path in its folder), limits, a size in bytes."""

    inputs: tuple[str, ...] = ()
    limits: Limits = Limits(60.0, 120.0, 1024)
    max_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """A keyed public/private split, used where the reference has no usage column."""

    public: float = 0.3
    stratify: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The hidden file: its path, the truth columns, the usage column (Public/Private) or a split."""

    file: Path
    truth: tuple[str, ...]
    usage: str | None = None
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """Submissions a team may have scored, per local day and in all; None: no limit. Refused files are free."""

    per_day: int | None = 5
    total: int | None = None


@dataclass(frozen=True, slots=True)
class BoardRules:
    """How a challenge's board ranks. ``counts``: best, last or selected, which of a team's submissions stands for it.

    ``tie_break``: metrics that separate equal scores, tried in order; "earliest" at the end: who reached it first.
    ``mode``: plain, or ladder, where the public score moves only when a file is better by more than the noise.
    """

    counts: str = "best"
    tie_break: tuple[str, ...] = ()
    mode: str = "plain"

    @property
    def ladder(self) -> bool:
        """Whether the public score is that of a ladder."""
        return self.mode == "ladder"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One public file of a challenge: name, bytes, SHA-256 in hexadecimal, what it holds, data rows when it is a CSV."""

    name: str
    size: int
    sha256: str
    about: Text
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class DataSheet:
    """Where the data come from, on which terms, and what they do not tell (``limits``)."""

    producer: str
    vintage: str
    licence: str
    licence_url: str
    attribution: Text
    personal_data: Text
    source_url: str = ""
    limits: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DossierField:
    """One field of a prototype's dossier. ``type``: line, text, url or file; ``max_length`` in characters.

    ``embed``: an address whose site jurors may try beside the sheet, in a frame.
    """

    id: str
    type: str
    title: Text
    help: Text
    required: bool = True
    max_length: int = 2000
    max_bytes: int = 10_000_000
    formats: tuple[str, ...] = ()
    embed: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge folder, read and checked. A prediction challenge has ``submission``; a prototype one ``dossier``; both may stand.

    With ``program`` teams submit a program that predicts, instead of the predictions.
    ``filter`` is what its own ``scorer`` may call: "strict", or "files" when it reads library modules late.
    """

    id: str
    edition: str
    folder: Path
    title: Text
    summary: Text
    description: Text
    submission: SubmissionFormat | None = None
    reference: Reference | None = None
    metrics: tuple[Metric, ...] = ()
    scorer: str | None = None
    filter: str = "strict"
    limits: Limits = Limits()
    quota: Quota = Quota()
    final_selections: int = 2
    files: tuple[DataFile, ...] = ()
    sheet: DataSheet | None = None
    dossier: tuple[DossierField, ...] = ()
    baselines: tuple[str, ...] = ()
    sample: str | None = None
    baseline_titles: Mapping[str, Text] = field(default_factory=dict)
    program: Program | None = None
    board: BoardRules = BoardRules()

    @property
    def upload_bytes(self) -> int:
        """How large a submitted file may be: the program's size where one is asked for, else that of predictions."""
        if self.program is not None:
            return self.program.max_bytes
        return 0 if self.submission is None else self.submission.max_bytes

    def taking(self, name: str) -> "Challenge":
        """Return the challenge as it takes an organiser's file ``name``: predictions stay such where a program is asked for."""
        return replace(self, program=None) if name.endswith(".csv") else self

    @property
    def needs_full(self) -> bool:
        """Whether only a sandbox of the level full may score what teams hand in: their programs, or a scorer that reads."""
        return self.program is not None or self.filter == "files"

    @property
    def takes_predictions(self) -> bool:
        """Whether teams submit prediction files here."""
        return self.submission is not None

    @property
    def takes_prototypes(self) -> bool:
        """Whether teams fill a prototype dossier here."""
        return bool(self.dossier)

    def baseline_title(self, name: str) -> Text:
        """Return what a baseline's file name (with or without its suffix) is called for people; itself by default."""
        stem = name.rsplit(".", 1)[0] if name.endswith((".csv", ".py", ".zip")) else name
        found = (self.baseline_titles.get(f"{stem}{suffix}") for suffix in (".csv", ".py", ".zip"))
        return next((title for title in found if title is not None), {"fr": stem})


@dataclass(frozen=True, slots=True)
class TeamRules:
    """Sizes a team may have, both included."""

    min_size: int = 1
    max_size: int = 6


@dataclass(frozen=True, slots=True)
class Document:
    """A legal text of the edition with the version people accept; ``digest`` is SHA-256 of all its languages."""

    id: str
    version: str
    digest: str
    text: Text


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition folder, read and checked.

    ``anonymous``: until results are published boards call teams by names that tell nobody who they are.
    ``starts`` is None when day 0 is the local day of the installation plus ``offset_days`` (see ``windows.first_day``).
    """

    id: str
    folder: Path
    title: Text
    theme: Text
    pitch: Text
    zone: ZoneInfo
    starts: date | None
    days: int
    fictitious: bool
    organiser: Mapping[str, str]
    teams: TeamRules
    phases: tuple[Phase, ...]
    milestones: tuple[Milestone, ...]
    documents: tuple[Document, ...]
    rubric: Rubric | None
    ranking: RankingPlan | None
    challenges: tuple[Challenge, ...]
    ink: str | None = None
    accent: str | None = None
    offset_days: int = 0
    places: Places = NO_PLACES
    tracks: tuple[Track, ...] = ()
    brackets: tuple[Bracket, ...] = ()
    anonymous: bool = False
    vote: VoteRules | None = None

    def track(self, track_id: str) -> Track | None:
        """Return the track with this id, or None."""
        return next((t for t in self.tracks if t.id == track_id), None)

    def challenge(self, challenge_id: str) -> Challenge | None:
        """Return the challenge with this id, or None."""
        return next((c for c in self.challenges if c.id == challenge_id), None)

    def document(self, document_id: str) -> Document | None:
        """Return the legal text with this id ("rules", "privacy", …), or None."""
        return next((d for d in self.documents if d.id == document_id), None)


@dataclass(frozen=True, slots=True)
class PhaseOverride:
    """An organiser's decision that stands against the calendar since ``decided_at``."""

    phase: str
    state: PhaseState
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """A phase with its instants in UTC and its state at the instant asked about.

    ``overridden`` tells that the state comes from an organiser's decision.
    """

    phase: Phase
    opens: datetime
    closes: datetime | None
    state: PhaseState
    overridden: bool


def is_open(all_windows: tuple[Window, ...], kind: PhaseKind) -> bool:
    """Whether any phase of this kind is open."""
    return any(w.state is PhaseState.OPEN and w.phase.kind is kind for w in all_windows)


def local_day(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants in UTC where the local day of ``now`` starts (included) and ends (excluded).

    Local midnight to local midnight: 23 h or 25 h long on the days of a clock change.
    """
    today = now.astimezone(zone).date()
    start = datetime.combine(today, time(), tzinfo=zone)
    end = datetime.combine(today + timedelta(days=1), time(), tzinfo=zone)
    return start.astimezone(ZoneInfo("UTC")), end.astimezone(ZoneInfo("UTC"))
