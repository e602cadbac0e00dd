"""Choose the submissions that count in the final ranking."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.editions.rules import Challenge, Edition, PhaseKind, Window
from datathon.kernel.errors import Invalid
from datathon.submissions.admission import acting_team
from datathon.submissions.rules import State, check_open, choice_limit
from datathon.submissions.tables import FinalChoice, Submission


def choose_final(
    db: Session,
    *,
    edition: Edition,
    windows: tuple[Window, ...],
    challenge: Challenge,
    team_id: UUID,
    person_id: UUID,
    submission_ids: Collection[UUID],
    now: datetime,
) -> None:
    """Make these submissions, and no others, the team's choice for ``challenge``; none gives the choice back to the rules.

    Possible until submissions close. Raises Invalid (more than the challenge's limit, another team's, not scored),
    Conflict (closed), NotAllowed (not a member).
    """
    wanted = set(submission_ids)
    acting_team(db, edition=edition, team_id=team_id, person_id=person_id)
    check_open(windows, PhaseKind.SUBMISSIONS)
    choice_limit(len(wanted), challenge.final_selections)
    rows = db.exec(
        select(Submission).where(
            col(Submission.id).in_(wanted),
            Submission.team_id == team_id,
            Submission.edition_id == edition.id,
            Submission.challenge_id == challenge.id,
            Submission.state == State.SCORED.value,
        )
    ).all()
    if len(rows) != len(wanted):
        raise Invalid("Only scored submissions of your own team can be chosen.", field="chosen")
    present = _choices(db, team_id=team_id, challenge_id=challenge.id)
    for choice in present:
        if choice.submission_id not in wanted:
            db.delete(choice)
    for submission_id in sorted(wanted - {c.submission_id for c in present}):
        db.add(
            FinalChoice(
                team_id=team_id,
                challenge_id=challenge.id,
                submission_id=submission_id,
                chosen_at=now,
                chosen_by=person_id,
            )
        )
    db.flush()  # a submission chosen twice must show here


def chosen(db: Session, *, team_id: UUID, challenge_id: str) -> frozenset[UUID]:
    """Return the keys of the submissions this team chose."""
    return frozenset(c.submission_id for c in _choices(db, team_id=team_id, challenge_id=challenge_id))


def _choices(db: Session, *, team_id: UUID, challenge_id: str) -> list[FinalChoice]:
    query = select(FinalChoice).where(FinalChoice.team_id == team_id, FinalChoice.challenge_id == challenge_id)
    return list(db.exec(query))
