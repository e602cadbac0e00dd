"""Which phase of an edition is open when: its calendar read at an instant, with organisers' decisions. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from datathon.editions.rules import Edition, Moment, Phase, PhaseOverride, PhaseState, Window


def first_day(edition: Edition, *, registered: datetime) -> date:
    """Return day 0 of ``edition``: its date, or the local day of ``registered`` (aware) moved by ``offset_days``."""
    if edition.starts is not None:
        return edition.starts
    return registered.astimezone(edition.zone).date() + timedelta(days=edition.offset_days)


def instant(moment: Moment, *, starts: date, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC of a local ``moment`` of an edition that starts on the local day ``starts``.

    Over a clock change the wall time counts: 02:30 on the day it does not exist is read as 03:30, and where it exists
    twice the first one counts (PEP 495, fold 0).
    """
    local = datetime.combine(starts + timedelta(days=moment.day), moment.at, tzinfo=zone)
    return local.astimezone(ZoneInfo("UTC"))


def window(phase: Phase, *, starts: date, zone: ZoneInfo, override: PhaseOverride | None, now: datetime) -> Window:
    """Return ``phase`` with its instants and its state at ``now``.

    The opening instant belongs to the phase, the closing instant does not (``opens <= now < closes``). A phase closed by
    hand stays closed until it is opened again. A phase opened by hand before its calendar's closing still closes then;
    opened after it, it stays open until closed by hand. The window shows the instant of the decision.
    """
    opens = instant(phase.opens, starts=starts, zone=zone)
    closes = None if phase.closes is None else instant(phase.closes, starts=starts, zone=zone)
    if override is None:
        return Window(phase, opens, closes, _by_calendar(opens, closes, now), overridden=False)
    if override.state is PhaseState.OPEN:
        later = None if closes is not None and closes <= override.decided_at else closes
        state = PhaseState.OPEN if later is None or now < later else PhaseState.CLOSED
        return Window(phase, min(opens, override.decided_at), later, state, overridden=True)
    return Window(phase, opens, override.decided_at, PhaseState.CLOSED, overridden=True)


def _by_calendar(opens: datetime, closes: datetime | None, now: datetime) -> PhaseState:
    if now < opens:
        return PhaseState.UPCOMING
    return PhaseState.OPEN if closes is None or now < closes else PhaseState.CLOSED


def windows(
    edition: Edition, *, starts: date, overrides: Mapping[str, PhaseOverride], now: datetime
) -> tuple[Window, ...]:
    """Return every phase of ``edition`` in the order of its file, with instants and states at ``now``."""
    return tuple(
        window(p, starts=starts, zone=edition.zone, override=overrides.get(p.id), now=now) for p in edition.phases
    )
