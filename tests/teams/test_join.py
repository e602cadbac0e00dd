from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from factories import accept_rules, make_edition, make_person, make_team
from sqlalchemy import Engine
from sqlmodel import Session

from datathon.editions.rules import Edition, Window
from datathon.kernel.errors import Conflict, NotAllowed, NotFound, Refusal
from datathon.store.db import transaction
from datathon.teams.captain import renew_invitation
from datathon.teams.join import join
from datathon.teams.queries import memberships

Windows = tuple[Window, ...]


def _newcomer(db: Session) -> UUID:
    person = make_person(db, "Dominique")
    accept_rules(db, person)
    return person.id


def test_join_by_the_link(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db)
    person = _newcomer(db)
    joined = join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=person, now=now)
    assert [m.person_id for m in joined.members] == [team.captain_id, person]


def test_join_twice_changes_nothing(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db)
    person = _newcomer(db)
    first = join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=person, now=now)
    assert join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=person, now=now) == first


def test_join_with_a_renewed_link(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db)
    old = team.invitation
    new = renew_invitation(db, team_id=team.id, person_id=team.captain_id)
    with pytest.raises(NotFound):
        join(db, edition=edition, windows=open_windows, token=old, person_id=_newcomer(db), now=now)
    assert (
        len(join(db, edition=edition, windows=open_windows, token=new, person_id=_newcomer(db), now=now).members) == 2
    )


def test_join_a_full_team(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db, members=(make_person(db, "B"), make_person(db, "C")))
    with pytest.raises(Conflict, match="full"):
        join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=_newcomer(db), now=now)


def test_join_a_second_team(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    person = make_person(db, "B")
    accept_rules(db, person)
    make_team(db, "Une", members=(person,))
    other = make_team(db, "Autre")
    with pytest.raises(Conflict) as refusal:
        join(db, edition=edition, windows=open_windows, token=other.invitation, person_id=person.id, now=now)
    assert refusal.value.params == {"team": "Une"}


def test_join_a_team_that_left(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db, status="withdrawn")
    with pytest.raises(Conflict, match="no longer takes part"):
        join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=_newcomer(db), now=now)


def test_join_without_accepting_the_rules(db: Session, edition: Edition, open_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db)
    with pytest.raises(NotAllowed):
        join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=make_person(db).id, now=now)


def test_join_after_registration(db: Session, edition: Edition, closed_windows: Windows, now: datetime) -> None:
    make_edition(db)
    team = make_team(db)
    with pytest.raises(Conflict, match="Registration"):
        join(db, edition=edition, windows=closed_windows, token=team.invitation, person_id=_newcomer(db), now=now)


def test_join_side_by_side_never_overfills(
    engine: Engine, edition: Edition, open_windows: Windows, now: datetime
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        people = [_newcomer(db) for _ in range(6)]

    def attempt(person: UUID) -> bool:
        try:
            with transaction(engine) as db:
                join(db, edition=edition, windows=open_windows, token=team.invitation, person_id=person, now=now)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, people)) == 2
    with transaction(engine) as db:
        assert len(memberships(db, team.id)) == 3
