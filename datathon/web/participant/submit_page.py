"""The page where a team submits prediction files and follows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from datathon.editions.catalogue import Catalogue
from datathon.editions.contract import contract
from datathon.editions.rules import Challenge, Edition, PhaseKind, PhaseState, Quota, Window, local_day
from datathon.kernel.errors import Refusal
from datathon.submissions.ledger import account
from datathon.submissions.rules import Allowance, Usage, allowance
from datathon.teams.queries import TeamView, has_accepted
from datathon.web.participant.logbook import PER_PAGE, Entry, Logbook, logbook
from datathon.web.participant.program_help import ProgramHelp, program_help
from datathon.web.participant.sample_shape import shape


@dataclass(frozen=True, slots=True)
class PhaseView:
    """Where the phase of a kind stands: the open one, else the next, else the last; all None without any."""

    state: PhaseState | None
    opens: datetime | None
    closes: datetime | None

    @property
    def open(self) -> bool:
        """Whether the phase is open."""
        return self.state is PhaseState.OPEN

    @property
    def upcoming(self) -> bool:
        """Whether the phase is still to come."""
        return self.state is PhaseState.UPCOMING


@dataclass(frozen=True, slots=True)
class Draft:
    """What came with a form that was refused, and why."""

    message: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class SubmitPage:
    """Everything the page shows. ``returned`` counts the places of the day that came back, by the state that ended them.

    ``lacking`` counts the members the team still needs before it takes part.

    ``rows`` counts the rows of a file whose contract the browser can check; None where it cannot. ``program`` tells how
    to write one where the challenge asks for it.
    """

    edition: Edition
    challenge: Challenge
    team: TeamView
    phase: PhaseView
    quota: Quota
    used: Usage
    returned: Mapping[str, int]
    left: Allowance
    resets_at: datetime
    accepted: bool
    lacking: int
    shape: tuple[int, int] | None
    book: Logbook
    lines: tuple[Entry, ...]
    page: int
    pages: int
    draft: Draft
    key: str
    rows: int | None = None
    program: ProgramHelp | None = None

    @property
    def may_submit(self) -> bool:
        """Whether the form is shown."""
        return self.phase.open and self.accepted and not self.lacking and self.team.active

    @property
    def exhausted(self) -> bool:
        """Whether the quota leaves nothing now."""
        return self.left.left == 0


def submit_page(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team: TeamView,
    person_id: UUID,
    known: Catalogue,
    lang: str,
    page: int,
    draft: Draft,
    key: str,
    now: datetime,
) -> SubmitPage:
    """Return the page of ``team`` as ``person_id`` sees it at ``now``; ``page`` counts from 1 in the table of earlier files."""
    book = logbook(db, edition=edition, challenge=challenge, team=team, known=known, lang=lang, now=now)
    # A program is no table: what it predicts is checked when it has run.
    agreed = None if challenge.program is not None else contract(challenge)
    ledger = account(db, team_id=team.id, edition=edition, challenge_id=challenge.id, now=now)
    used = ledger.usage
    pages = max(1, -(-len(book.earlier) // PER_PAGE))
    shown = min(max(page, 1), pages)
    return SubmitPage(
        edition=edition,
        challenge=challenge,
        team=team,
        phase=phase_view(windows, PhaseKind.SUBMISSIONS),
        quota=challenge.quota,
        used=used,
        returned=ledger.returned,
        left=allowance(challenge.quota, used),
        resets_at=local_day(now, edition.zone)[1],
        accepted=has_accepted(db, edition, person_id),
        lacking=max(0, edition.teams.min_size - len(team.members)),
        shape=shape(challenge),
        book=book,
        lines=book.earlier[(shown - 1) * PER_PAGE : shown * PER_PAGE],
        page=shown,
        pages=pages,
        draft=draft,
        key=key,
        rows=None if agreed is None or challenge.program is not None else agreed.rows,
        program=program_help(db, challenge, now=now),
    )


def phase_view(windows: tuple[Window, ...], kind: PhaseKind) -> PhaseView:
    """Return where the phases of a kind stand together."""
    phases = [w for w in windows if w.phase.kind is kind]
    for state in (PhaseState.OPEN, PhaseState.UPCOMING, PhaseState.CLOSED):
        found = [w for w in phases if w.state is state]
        if found:
            chosen = found[-1] if state is PhaseState.CLOSED else found[0]
            return PhaseView(state, chosen.opens, chosen.closes)
    return PhaseView(None, None, None)
