"""The pages of a team: creating one, being in one, being invited to one."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition, PhaseKind, Window
from datathon.kernel.errors import Refusal
from datathon.leaderboard.pseudonyms import is_masked, pseudonyms
from datathon.leaderboard.queries import primary
from datathon.scoring.logbook import public_scores
from datathon.submissions.queries import dossier_of, submissions_of
from datathon.submissions.rules import State
from datathon.teams.queries import TeamView, has_accepted, team_of
from datathon.teams.rules import may_change
from datathon.teams.set_status import Decided, last_decision
from datathon.web.participant.logbook import best_of, values_of
from datathon.web.participant.submit_page import PhaseView, phase_view
from datathon.web.spoken import spoken


@dataclass(frozen=True, slots=True)
class TeamTyped:
    """What was typed into a form that was refused, and why."""

    name: str = ""
    town: str = ""
    refusal: Refusal | None = None
    brackets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTeamPage:
    """The form that creates a team."""

    edition: Edition
    registration: PhaseView
    accepted: bool
    name: str
    town: str
    refusal: Refusal | None
    brackets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkLine:
    """Where a team stands in one challenge. ``kind`` is "predictions" or "prototype"; ``state`` is the dossier's, "" before it."""

    challenge: Challenge
    kind: str
    phase: PhaseView
    count: int = 0
    best: float | None = None
    decimals: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team as one of its members sees it. ``lacking`` counts missing members, ``room`` free places.

    ``decided`` is the organisers' decision that its status comes from, None without one. ``masked`` tells that boards
    do not name teams now; ``pseudonym`` is what they call this one, "" before it is drawn.
    """

    edition: Edition
    team: TeamView
    person_id: UUID
    registration: PhaseView
    accepted: bool
    may_leave: bool
    work: tuple[WorkLine, ...]
    invitation: str
    name: str
    town: str
    refusal: Refusal | None
    decided: Decided | None
    masked: bool
    pseudonym: str

    @property
    def captain(self) -> bool:
        """Whether the reader is the captain."""
        return self.team.captain_id == self.person_id

    @property
    def lacking(self) -> int:
        """How many members are missing before the team takes part."""
        return max(0, self.edition.teams.min_size - len(self.team.members))

    @property
    def room(self) -> int:
        """How many people can still join."""
        return max(0, self.edition.teams.max_size - len(self.team.members))


@dataclass(frozen=True, slots=True)
class JoinPage:
    """An invitation. ``current`` names the team the reader is in already, "" without one."""

    edition: Edition
    team: TeamView
    token: str
    registration: PhaseView
    accepted: bool
    current: str
    refusal: Refusal | None = field(default=None)

    @property
    def captain_name(self) -> str:
        """Who leads the team."""
        return next((m.name for m in self.team.members if m.captain), self.team.name)


def new_team_page(
    db: Session, *, edition: Edition, windows: tuple[Window, ...], person_id: UUID, typed: TeamTyped
) -> NewTeamPage:
    """Return the form as this person sees it."""
    return NewTeamPage(
        edition=edition,
        registration=phase_view(windows, PhaseKind.REGISTRATION),
        accepted=has_accepted(db, edition, person_id),
        name=typed.name,
        town=typed.town,
        refusal=typed.refusal,
        brackets=typed.brackets,
    )


def team_page(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    team: TeamView,
    person_id: UUID,
    invitation: str,
    typed: TeamTyped | None = None,
) -> TeamPage:
    """Return the page of ``team`` as one of its members sees it; ``invitation`` is the whole address of its link."""
    registration = phase_view(windows, PhaseKind.REGISTRATION)
    decided = last_decision(db, edition.id, team.id)
    masked = is_masked(db, edition)
    return TeamPage(
        edition=edition,
        team=team,
        person_id=person_id,
        registration=registration,
        accepted=has_accepted(db, edition, person_id),
        may_leave=may_change(windows),
        work=tuple(line for c in edition.challenges for line in _work(db, c, team, windows)),
        invitation=invitation if registration.open else "",
        name=team.name if typed is None else typed.name,
        town=team.town if typed is None else typed.town,
        refusal=None if typed is None else typed.refusal,
        decided=decided if decided is not None and decided.after == team.status else None,
        masked=masked,
        pseudonym=spoken(pseudonyms(db, edition.id).get(team.id, "")) if masked else "",
    )


def join_page(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    team: TeamView,
    token: str,
    person_id: UUID,
    refusal: Refusal | None = None,
) -> JoinPage:
    """Return the invitation to ``team`` as this person sees it."""
    current = team_of(db, edition.id, person_id)
    return JoinPage(
        edition=edition,
        team=team,
        token=token,
        registration=phase_view(windows, PhaseKind.REGISTRATION),
        accepted=has_accepted(db, edition, person_id),
        current="" if current is None or current.id == team.id else current.name,
        refusal=refusal,
    )


def _work(db: Session, challenge: Challenge, team: TeamView, windows: tuple[Window, ...]) -> tuple[WorkLine, ...]:
    lines: list[WorkLine] = []
    if challenge.takes_predictions:
        metric = primary(challenge)
        submissions = submissions_of(db, team_id=team.id, challenge_id=challenge.id)
        ladder = metric.name if challenge.board.ladder else ""
        scores = public_scores(db, [s.id for s in submissions if s.state == State.SCORED], ladder=ladder)
        values = values_of(submissions, scores, metric)
        best = best_of(values, metric)
        lines.append(
            WorkLine(
                challenge=challenge,
                kind="predictions",
                phase=phase_view(windows, PhaseKind.SUBMISSIONS),
                count=len(submissions),
                best=None if best is None else values[best],
                decimals=metric.decimals,
            )
        )
    if challenge.takes_prototypes:
        dossier = dossier_of(db, team_id=team.id, challenge_id=challenge.id)
        lines.append(
            WorkLine(
                challenge=challenge,
                kind="prototype",
                phase=phase_view(windows, PhaseKind.PROTOTYPES),
                state="" if dossier is None else dossier.state,
            )
        )
    return tuple(lines)
