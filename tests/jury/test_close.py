from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from judged import JURY_TIME, judged_edition, make_judged, submit_sheet
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import Closed, close
from datathon.jury.declare import declare
from datathon.jury.queries import matrix
from datathon.kernel.errors import NotFound
from datathon.store.db import transaction
from datathon.store.tables import AuditEntry


def test_close_twice_keeps_the_first_closing(db: Session) -> None:
    judged = make_judged(db)
    first = close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    second = close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME + timedelta(minutes=1))
    assert (first.already, second.already, second.closed_at) == (False, True, JURY_TIME)
    assert [e.act for e in db.exec(select(AuditEntry))] == ["close_jury"]


def test_close_by_two_organisers_at_once_closes_once(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = make_judged(db)

    def act(minute: int) -> Closed:
        with transaction(engine) as session:
            return close(
                session,
                edition=judged.edition,
                organiser_id=judged.organiser.id,
                now=JURY_TIME + timedelta(minutes=minute),
            )

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(act, range(4)))
    assert sorted(c.already for c in done) == [False, True, True, True]
    assert len({c.closed_at for c in done}) == 1
    with transaction(engine) as db:
        assert [e.act for e in db.exec(select(AuditEntry))] == ["close_jury"]


def test_close_of_an_edition_that_is_not_here_finds_nothing(db: Session) -> None:
    judged = make_judged(db)
    with pytest.raises(NotFound):
        close(db, edition=judged_edition("1999"), organiser_id=judged.organiser.id, now=JURY_TIME)


def test_matrix_shows_states_and_never_marks(db: Session) -> None:
    judged = make_judged(db, teams="ABC", jurors=2)
    one, two = judged.jurors
    declare(
        db, edition=judged.edition, juror_id=one.id, conflicts={judged.teams["B"].id: ""}, secrecy=True, now=JURY_TIME
    )
    submit_sheet(db, judged, one, judged.teams["A"], 16, 24, 15, 8, 7, 6)
    shown = matrix(db, judged.edition)
    assert [(row.name, row.declared, row.cells) for row in shown.jurors] == [
        (one.name, True, ("submitted", "conflict", "todo")),
        (two.name, False, ("todo", "todo", "todo")),
    ]
    assert (shown.submitted, shown.owed, shown.closed_at) == (1, 5, None)
