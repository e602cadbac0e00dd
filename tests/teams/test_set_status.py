"""Organisers say how a team takes part, with a reason; members are told, and nothing changes after the announcement."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from factories import accept_rules, make_edition, make_person, make_team
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.people.tables import Letter, Person
from datathon.store.db import reading, transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.admission import acting_team
from datathon.teams.leave import leave
from datathon.teams.set_status import MOVES, Decision, last_decision, set_status
from datathon.teams.tables import Team


def decide(
    db: Session, edition: Edition, organiser: Person, now: datetime, *decision: str, announced: bool = False
) -> None:
    set_status(
        db,
        edition=edition,
        slug="maree-haute",
        organiser_id=organiser.id,
        decision=Decision(*decision),
        announced=lambda: announced,
        base_url="https://datathon.example.org",
        now=now,
    )


def crew(db: Session, status: str = "active") -> tuple[Person, Team]:
    make_edition(db)
    second = make_person(db, "Nora Second")
    second.language = "en"
    return make_person(db), make_team(db, members=(second,), status=status)


def test_status_changes_with_reason_journal_and_letters(db: Session, edition: Edition, now: datetime) -> None:
    organiser, team = crew(db)
    decide(db, edition, organiser, now, "active", "ineligible", "  Two of its\nmembers judge. ")
    assert team.status == "ineligible"
    line = db.exec(select(AuditEntry).where(AuditEntry.act == "set_team_status")).one()
    said = (line.subject, line.actor_id, line.details["before"], line.details["after"], line.details["reason"])
    assert said == ("maree-haute", organiser.id, "active", "ineligible", "Two of its members judge.")
    french, english = sorted(db.exec(select(Letter)).all(), key=lambda letter: letter.body)
    assert (french.subject.startswith("Marée haute, non éligible"), "Hello Nora Second" in english.body) == (True, True)
    assert all("Two of its members judge." in one.body and "/e/2025/team" in one.body for one in (french, english))
    found = last_decision(db, "2025", team.id)
    assert found is not None
    assert (found.after, found.reason, found.at) == ("ineligible", "Two of its members judge.", now)


@pytest.mark.parametrize("before", MOVES)
def test_every_move_of_the_table_and_no_other(db: Session, edition: Edition, now: datetime, before: str) -> None:
    organiser, team = crew(db, before)
    for after in (*MOVES, "", "champion"):
        team.status = before
        db.flush()
        if after in MOVES[before]:
            decide(db, edition, organiser, now, before, after, "Because.")
            assert team.status == after
        else:
            with pytest.raises(Refusal):
                decide(db, edition, organiser, now, before, after, "Because.")
            assert team.status == before


@pytest.mark.parametrize("status", MOVES)
def test_who_may_hand_in_follows_the_status(db: Session, edition: Edition, status: str) -> None:
    _, team = crew(db, status)
    accept_rules(db, db.get_one(Person, team.captain_id))
    if status in {"active", "out_of_competition"}:
        assert acting_team(db, edition=edition, team_id=team.id, person_id=team.captain_id).id == team.id
    else:
        with pytest.raises(Conflict, match="no longer takes part"):
            acting_team(db, edition=edition, team_id=team.id, person_id=team.captain_id)


@pytest.mark.parametrize("reason", ["", "  \n\u200b", "…", "x" * 501])
def test_no_status_without_a_reason_of_some_length(db: Session, edition: Edition, now: datetime, reason: str) -> None:
    organiser, team = crew(db)
    with pytest.raises(Invalid) as refused:
        decide(db, edition, organiser, now, "active", "ineligible", reason)
    assert (refused.value.field, team.status) == ("reason", "active")
    assert db.exec(select(Letter)).all() == []


def test_nothing_changes_after_the_announcement_nor_for_a_team_of_another_edition(
    db: Session, edition: Edition, now: datetime
) -> None:
    organiser, team = crew(db)
    with pytest.raises(Conflict, match="announced"):
        decide(db, edition, organiser, now, "active", "withdrawn", "Late.", announced=True)
    make_edition(db, "atelier")
    team.edition_id = "atelier"
    db.flush()
    with pytest.raises(NotFound):
        decide(db, edition, organiser, now, "active", "withdrawn", "Elsewhere.")


def test_empty_team_stays_withdrawn(
    db: Session, edition: Edition, open_windows: tuple[Window, ...], now: datetime
) -> None:
    make_edition(db)
    organiser, team = make_person(db), make_team(db)
    leave(db, windows=open_windows, team_id=team.id, person_id=team.captain_id, now=now)
    with pytest.raises(Conflict, match="Nobody is in this team"):
        decide(db, edition, organiser, now, "withdrawn", "active", "They want to come back.")


def test_second_of_two_organisers_is_told(engine: Engine, edition: Edition, now: datetime) -> None:
    with transaction(engine) as db:
        organiser, team = crew(db)
        key = team.id

    def act(after: str) -> str:
        try:
            with transaction(engine) as db:
                decide(db, edition, organiser, now, "active", after, f"Because {after}.")
        except Conflict as refusal:
            return refusal.message
        return after

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(act, ["ineligible", "out_of_competition"]))
    with reading(engine) as db:
        lines = db.exec(select(AuditEntry).where(col(AuditEntry.act) == "set_team_status")).all()
        status = db.get_one(Team, key).status
    assert [one for one in said if one.startswith("Somebody else changed")] != []
    assert [line.details["after"] for line in lines] == [status]
