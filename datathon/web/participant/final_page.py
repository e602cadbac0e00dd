"""The page where a team chooses the submissions that count."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge, Edition, PhaseKind, Window
from datathon.kernel.errors import Refusal
from datathon.teams.queries import TeamView
from datathon.web.participant.logbook import Entry, Logbook, logbook
from datathon.web.participant.submit_page import PhaseView, phase_view


@dataclass(frozen=True, slots=True)
class FinalPage:
    """The scored submissions of a team, newest first, and which of them are chosen."""

    edition: Edition
    challenge: Challenge
    team: TeamView
    phase: PhaseView
    book: Logbook
    lines: tuple[Entry, ...]
    chosen: Collection[UUID]
    refusal: Refusal | None


def final_page(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team: TeamView,
    known: Catalogue,
    lang: str,
    chosen: Collection[UUID] | None,
    refusal: Refusal | None,
    now: datetime,
) -> FinalPage:
    """Return the page; ``chosen`` is what was ticked in a form that was refused, None to show what stands."""
    book = logbook(db, edition=edition, challenge=challenge, team=team, known=known, lang=lang, now=now)
    lines = tuple(e for e in book.entries if e.choosable)
    return FinalPage(
        edition=edition,
        challenge=challenge,
        team=team,
        phase=phase_view(windows, PhaseKind.SUBMISSIONS),
        book=book,
        lines=lines,
        chosen=chosen if chosen is not None else frozenset(e.submission.id for e in lines if e.submission.chosen),
        refusal=refusal,
    )
