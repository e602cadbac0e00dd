"""When a file is accepted, what is counted, what may follow what. Pure: no clock, no database, no files."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from datathon.editions.rules import DossierField, PhaseKind, PhaseState, Quota, Window
from datathon.kernel.errors import Conflict, Invalid

MESSAGE_LENGTH = 500
FILE_NAME_LENGTH = 200
TITLE_LENGTH = 120
HEAD_BYTES = 16
FREE_PER_HOUR = 60
"""Refused or withdrawn files of a team in an hour before it has to wait: far beyond any hand, short of any script."""
AN_HOUR = timedelta(hours=1)


class State(StrEnum):
    """Where a submission stands."""

    RECEIVED = "received"
    RUNNING = "running"
    SCORED = "scored"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


MOVES: Mapping[State, frozenset[State]] = {
    # Taken by a worker, or withdrawn by its team before anybody took it.
    State.RECEIVED: frozenset({State.RUNNING, State.WITHDRAWN}),
    # Back to received: the lease ran out or the scorer service went away.
    State.RUNNING: frozenset({State.RECEIVED, State.SCORED, State.REJECTED, State.FAILED}),
    # Rejected: a rescoring with another public contract was applied.
    State.SCORED: frozenset({State.WITHDRAWN, State.REJECTED}),
    # Scored: a rescoring was applied in which it has a score.
    State.REJECTED: frozenset({State.SCORED}),
    # Back to received: an organiser has it scored again, as a new attempt with its own record.
    # Scored: as for a rejected one.
    State.FAILED: frozenset({State.RECEIVED, State.SCORED}),
    State.WITHDRAWN: frozenset(),
}
"""Every move there is. Whoever changes a state asks ``step``, so that a move that is not here does not happen."""

WITHDRAWABLE = frozenset(before for before, reachable in MOVES.items() if State.WITHDRAWN in reachable)
"""What a team may take back: a file that still waits, or one that counts."""

MOVING = frozenset({State.RECEIVED, State.RUNNING})
"""States that change by themselves: a page that shows one looks again."""


def step(before: State, after: State) -> State:
    """Return ``after``; ValueError, a mistake of the caller's, when ``MOVES`` does not lead there from ``before``."""
    if after not in MOVES[before]:
        raise ValueError(f"a submission does not go from {before} to {after}")
    return after


class Charge(StrEnum):
    """What a line of the quota's ledger does: hold a place, spend it, give it back."""

    RESERVE = "reserve"
    COMMIT = "commit"
    REFUND = "refund"


def closing(after: State) -> Charge | None:
    """Return how the place reserved for a submission ends when it gets to the state ``after``; None: not yet.

    Only a score spends it. A submission withdrawn after its score was seen has no open reservation any more, so that
    nothing comes back: else the public part of the answers could be read without limit.
    """
    if after is State.SCORED:
        return Charge.COMMIT
    return Charge.REFUND if after in {State.REJECTED, State.FAILED, State.WITHDRAWN} else None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a team has used of its quota, in submissions: ``today`` in the edition's local day, ``total`` in all."""

    today: int
    total: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a team may still submit. ``today`` and ``total`` are what is left, None without a limit; never negative."""

    today: int | None
    total: int | None

    @property
    def left(self) -> int | None:
        """How many files may be submitted now; None: no limit."""
        bounds = [n for n in (self.today, self.total) if n is not None]
        return min(bounds) if bounds else None


def allowance(quota: Quota, usage: Usage) -> Allowance:
    """Return what ``quota`` leaves after ``usage``."""
    today = None if quota.per_day is None else max(0, quota.per_day - usage.today)
    total = None if quota.total is None else max(0, quota.total - usage.total)
    return Allowance(today, total)


def check_quota(quota: Quota, usage: Usage, *, resets_at: datetime) -> None:
    """Raise Conflict when nothing is left; ``resets_at`` is the instant of the next local midnight."""
    left = allowance(quota, usage)
    if left.total == 0:
        raise Conflict(
            "Your team has used its %(limit)s submissions for this challenge. Choose the ones that count among them.",
            field="file",
            limit=quota.total,
        )
    if left.today == 0:
        raise Conflict(
            "Your team has used its %(limit)s submissions of the day. The quota is renewed on %(resets_at)s.",
            field="file",
            limit=quota.per_day,
            resets_at=resets_at,
        )


def check_pace(given_back: Sequence[datetime]) -> None:
    """Raise Conflict when too many places came back to the team within the hour, saying when to come back.

    ``given_back`` holds the instants of the last hour, the newest first, of refusals and of withdrawals before a score:
    free for a team, but not for the scorers. What failed by the platform's fault is not among them.
    """
    if len(given_back) >= FREE_PER_HOUR:
        raise Conflict(
            "Your team had %(count)s files refused or withdrawn within the hour; they stay free, but others wait. Send "
            "the next one after %(again)s.",
            field="file",
            count=len(given_back),
            again=given_back[FREE_PER_HOUR - 1] + AN_HOUR,
        )


def check_open(windows: Sequence[Window], kind: PhaseKind) -> None:
    """Raise Conflict unless a phase of this kind is open, saying when it opens or when it closed.

    A phase is open from its opening instant (included) to its closing instant (excluded).
    """
    phases = [w for w in windows if w.phase.kind is kind]
    if any(w.state is PhaseState.OPEN for w in phases):
        return
    upcoming = [w.opens for w in phases if w.state is PhaseState.UPCOMING]
    if upcoming:
        raise Conflict("This is not open yet: it opens on %(opens)s.", opens=min(upcoming))
    closed = [w.closes for w in phases if w.closes is not None]
    if closed:
        raise Conflict("This has been closed since %(closes)s. Nothing was recorded.", closes=max(closed))
    raise Conflict("This edition takes nothing of the kind.")


def check_withdrawable(state: str) -> None:
    """Raise Conflict unless a submission in ``state`` may be withdrawn, saying why not."""
    if state == State.RUNNING:
        raise Conflict("This submission is being scored; it can be withdrawn in a moment.")
    if state == State.WITHDRAWN:
        raise Conflict("This submission is withdrawn already.")
    if state not in WITHDRAWABLE:
        raise Conflict("Only a waiting or scored submission can be withdrawn; this one counts for nothing anyway.")


def clean_file_name(raw: str) -> str:
    """Return the last part of an uploaded file's name, without control characters, at most 200 characters; never empty."""
    last = unicodedata.normalize("NFC", raw).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    return plain[-FILE_NAME_LENGTH:] or "submission.csv"


def clean_message(raw: str) -> str:
    """Return the team's note on one line; Invalid(field="message") above 500 characters."""
    message = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(message) > MESSAGE_LENGTH:
        raise Invalid("The note has at most %(limit)s characters.", field="message", limit=MESSAGE_LENGTH)
    return message.replace("\x00", "")


def request_key(key: str | None, *, challenge: str, digest: str) -> str | None:
    """Return what is kept of a request's key: bound to the challenge and to the file's bytes, 64 hexadecimal characters.

    The same form sent twice is one submission; another file sent from the same form (a browser's "back") is another.
    """
    if not key:
        return None
    return hashlib.sha256(f"{challenge}\n{digest}\n{key}".encode()).hexdigest()


def choice_limit(count: int, limit: int) -> None:
    """Raise Invalid when more than ``limit`` submissions are chosen to count."""
    if count > limit:
        raise Invalid(
            "Choose at most %(limit)s submissions; you chose %(count)s.", field="chosen", limit=limit, count=count
        )


def middle_of(durations_s: Sequence[float]) -> float | None:
    """Return the median of some durations in seconds, None without any; of an even number, the mean of the middle two."""
    if not durations_s:
        return None
    ordered, half = sorted(durations_s), len(durations_s) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def check_program(head: bytes) -> None:
    """Raise Invalid unless a file that begins with ``head`` can be a program: a zip archive, or plain text.

    Neither the file's name nor what the browser says of it is believed; what is in it shows when it runs.
    """
    binary = b"\0" in head or head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"\x80"))
    if media_type(head) != "application/zip" and (binary or media_type(head) is not None):
        raise Invalid(
            "A program is one Python file in plain text, or a zip archive with main.py at its root.", field="file"
        )


# Files of a dossier -------------------------------------------------------------------------------------------------

MEDIA_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "zip": "application/zip",
}
"""What a dossier may hold at all, by the name its configuration uses."""


def media_type(head: bytes) -> str | None:
    """Return what a file is by its first 16 bytes, None when it is none of the kinds a dossier may hold.

    Neither the file's name nor what the browser says of it is believed.
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"
    return None


def accepted_types(field: DossierField) -> tuple[str, ...]:
    """Return the media types a file field takes; every kind there is when its configuration names none."""
    wanted = [f.lower().removeprefix(".") for f in field.formats] or list(MEDIA_TYPES)
    return tuple(dict.fromkeys(MEDIA_TYPES[f] for f in wanted if f in MEDIA_TYPES))


def format_names(field: DossierField) -> tuple[str, ...]:
    """Return the formats a file field takes as people call them ("PNG", "JPEG"), each once."""
    return tuple(kind.rsplit("/", 1)[1].upper().replace("WEBP", "WebP") for kind in accepted_types(field))


def check_kind(field: DossierField, head: bytes) -> str:
    """Return the media type of a file for ``field`` or raise Invalid, naming the formats that fit."""
    kind = media_type(head)
    if kind is None or kind not in accepted_types(field):
        raise Invalid(
            "This file is not in an accepted format (%(formats)s).",
            field=field.id,
            formats=", ".join(format_names(field)),
        )
    return kind


# Texts of a dossier -------------------------------------------------------------------------------------------------


def clean_text(field: DossierField, raw: str) -> str:
    """Return what is kept of a typed field: NFC, Unix line ends, no NUL; one line for "line" and "url".

    Raises Invalid(field=field.id) when it is too long, or a link that is not http(s).
    """
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    if field.type in {"line", "url"}:
        text = " ".join(text.split())
    if len(text) > field.max_length:
        raise Invalid(
            "At most %(limit)s characters; this text has %(count)s.",
            field=field.id,
            limit=field.max_length,
            count=len(text),
        )
    if field.type == "url" and text and not is_link(text):
        raise Invalid("Give a full address, starting with https://", field=field.id)
    return text


def is_link(text: str) -> bool:
    """Whether ``text`` is an absolute http or https address with a host."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - read for the ValueError of a port that is none
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in text


def missing_fields(
    fields: Sequence[DossierField], texts: Mapping[str, object], files: Sequence[str]
) -> tuple[str, ...]:
    """Return the required fields that have neither text nor file, in the order of the form."""
    return tuple(f.id for f in fields if f.required and not (f.id in files if f.type == "file" else texts.get(f.id)))
