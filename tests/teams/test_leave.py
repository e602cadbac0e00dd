from datetime import datetime, timedelta

import pytest
from factories import accept_rules, make_edition, make_person, make_team
from sqlmodel import Session

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.teams.captain import hand_over, rename
from datathon.teams.create import create
from datathon.teams.leave import leave
from datathon.teams.queries import team, team_of
from datathon.teams.tables import Team

Windows = tuple[Window, ...]


def test_leave_as_captain_hands_over(db: Session, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    member = make_person(db, "B")
    row = make_team(db, members=(member,))
    gone = leave(db, windows=open_windows, team_id=row.id, person_id=row.captain_id, now=now + timedelta(hours=1))
    assert (gone.captain_id, gone.withdrawn) == (member.id, False)
    seen = team(db, row.id)
    assert seen is not None
    assert [(m.person_id, m.captain) for m in seen.members] == [(member.id, True)]


def test_leave_as_last_member_withdraws_the_team(db: Session, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    row = make_team(db)
    assert leave(db, windows=open_windows, team_id=row.id, person_id=row.captain_id, now=now).withdrawn
    assert db.get_one(Team, row.id).status == "withdrawn"
    assert team_of(db, "2025", row.captain_id) is None


def test_leave_then_create_another(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    person = make_person(db)
    accept_rules(db, person)
    row = make_team(db, "Une", captain=person)
    leave(db, windows=open_windows, team_id=row.id, person_id=person.id, now=now)
    assert create(db, edition=edition, windows=open_windows, person_id=person.id, name="Deux", now=now).name == "Deux"


def test_leave_a_team_one_is_not_in(db: Session, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    row = make_team(db)
    with pytest.raises(NotFound):
        leave(db, windows=open_windows, team_id=row.id, person_id=make_person(db).id, now=now)


def test_leave_once_everything_is_settled(db: Session, closed_windows: Windows, now: datetime) -> None:
    make_edition(db)
    row = make_team(db)
    with pytest.raises(Conflict, match="settled"):
        leave(db, windows=closed_windows, team_id=row.id, person_id=row.captain_id, now=now)


def test_hand_over_to_a_member(db: Session, now: datetime) -> None:
    make_edition(db)
    member = make_person(db, "B")
    row = make_team(db, members=(member,))
    hand_over(db, team_id=row.id, person_id=row.captain_id, to=member.id, now=now)
    assert db.get_one(Team, row.id).captain_id == member.id


def test_hand_over_to_a_stranger(db: Session, now: datetime) -> None:
    make_edition(db)
    row = make_team(db)
    with pytest.raises(Invalid):
        hand_over(db, team_id=row.id, person_id=row.captain_id, to=make_person(db).id, now=now)


def test_hand_over_by_a_member(db: Session, now: datetime) -> None:
    make_edition(db)
    member = make_person(db, "B")
    row = make_team(db, members=(member,))
    with pytest.raises(NotAllowed):
        hand_over(db, team_id=row.id, person_id=member.id, to=member.id, now=now)


def test_rename_to_its_own_name_in_other_letters(db: Session, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    row = make_team(db, "Marée haute")
    key = rename(
        db, windows=open_windows, team_id=row.id, person_id=row.captain_id, name="MARÉE HAUTE", town="Dieppe", now=now
    )
    assert (key, db.get_one(Team, row.id).name) == ("maree-haute", "MARÉE HAUTE")


def test_rename_to_a_name_that_is_taken(db: Session, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    make_team(db, "Marée haute")
    row = make_team(db, "Autre")
    with pytest.raises(Conflict) as refusal:
        rename(db, windows=open_windows, team_id=row.id, person_id=row.captain_id, name="marée haute", town="", now=now)
    assert refusal.value.field == "name"
