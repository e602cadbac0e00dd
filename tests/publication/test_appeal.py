"""Appeals: one a team and version, within the rules' days, answered once with a reason."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from judged import AFTERWARDS, JURY_TIME, Judged, make_worked_edition
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Letter
from datathon.publication.appeal import answer_appeal, appeals, file_appeal, window
from datathon.publication.publish import publish
from datathon.store.db import transaction
from datathon.store.tables import AuditEntry

LAST = datetime(2025, 12, 16, 22, 59, tzinfo=UTC)
"""A minute before midnight in Paris, seven days after AFTERWARDS."""


def announced(db: Session, days: int = 7) -> Judged:
    judged = make_worked_edition(db)
    assert judged.edition.ranking is not None
    edition = replace(judged.edition, ranking=replace(judged.edition.ranking, appeal_days=days))
    close(db, edition=edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    publish(db, edition=edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    return replace(judged, edition=edition)


def contest(
    db: Session, judged: Judged, team: str = "D", text: str = "Notre dépôt nº 2.", now: datetime = LAST
) -> UUID:
    row = judged.teams[team]
    return file_appeal(
        db, edition=judged.edition, team_id=row.id, person_id=row.captain_id, text=text, base_url="https://d.test", now=now
    )  # fmt: skip


def reply(db: Session, judged: Judged, key: UUID, state: str = "upheld", answer: str = "Erreur de lecture.") -> None:
    named: dict[str, Any] = {"edition": judged.edition, "person_id": judged.organiser.id, "now": LAST}
    answer_appeal(db, appeal_id=key, state=state, answer=answer, base_url="https://d.test", **named)


def test_window_lasts_to_the_end_of_the_last_day_in_the_editions_zone(db: Session) -> None:
    judged = announced(db)
    found = window(db, judged.edition)
    assert found is not None
    assert found.ends == LAST + timedelta(minutes=1)
    contest(db, judged)
    with pytest.raises(Conflict, match="could be filed until"):
        contest(db, judged, "A", now=LAST + timedelta(minutes=1))


def test_team_files_one_appeal_against_each_version_and_is_answered_once(db: Session) -> None:
    judged = announced(db)
    key = contest(db, judged)
    with pytest.raises(Conflict, match="already"):
        contest(db, judged)
    with pytest.raises(Invalid, match="Give the team a reason"):
        reply(db, judged, key, answer=" ")
    with pytest.raises(Invalid, match="upheld or refused"):
        reply(db, judged, key, state="open")
    reply(db, judged, key)
    with pytest.raises(Conflict, match="final"):
        reply(db, judged, key, state="refused")
    (found,) = appeals(db, "2025", team_id=judged.teams["D"].id)
    assert (found.state, found.answer, found.answered_by) == ("upheld", "Erreur de lecture.", "Paul Anquetil")
    acts = [e.act for e in db.exec(select(AuditEntry))]
    assert {"file_appeal", "upheld_appeal"} <= set(acts)
    subjects = [letter.subject for letter in db.exec(select(Letter))]
    assert [s[:15] for s in subjects] == ["Réclamation de ", "Votre réclamati"]
    judged.teams["B"].status = "withdrawn"
    db.add(judged.teams["B"])
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=LAST, reason="Réclamation de D retenue")
    contest(db, judged, now=LAST + timedelta(days=7))
    assert [a.ranking for a in appeals(db, "2025")] == [2, 1]


@pytest.mark.parametrize(("text", "said"), [(" \n", "Say what you contest"), ("x" * 4001, "at most")])
def test_appeal_that_says_nothing_or_too_much_is_refused(db: Session, text: str, said: str) -> None:
    judged = announced(db)
    with pytest.raises(Invalid, match=said):
        contest(db, judged, text=text)
    assert appeals(db, "2025") == ()


def test_rules_without_days_provide_no_appeal(db: Session) -> None:
    judged = announced(db, days=0)
    with pytest.raises(NotFound, match="provide no appeal"):
        contest(db, judged)


def test_of_two_members_who_file_at_once_one_is_told(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = announced(db)

    def one(_n: int) -> str:
        try:
            with transaction(engine) as db:
                contest(db, judged)
        except Conflict:
            return "told"
        return "filed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["filed", "told"]
