"""The page that asks whether the podium would change: who reads it, when, and with which numbers."""

from collections.abc import Callable
from datetime import datetime

import pytest
from factories import grant, make_person
from flask.testing import FlaskClient
from judged import AFTERWARDS, JURY_TIME, Judged
from leaderboard.test_merge import worked
from publication.test_correction import panel
from sqlalchemy import Engine
from sqlmodel import select

from datathon.jury.close import close
from datathon.leaderboard.merge import merge
from datathon.people.tables import Person, Role
from datathon.publication.trials import try_out
from datathon.store.db import transaction

PAGE = "/organise/2025/sensitivity"


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Five jurors, six teams, the fourth recused for A."""
    with transaction(engine) as db:
        return panel(db)


@pytest.fixture
def closed(judged: Judged, engine: Engine, at: Callable[[datetime], None]) -> None:
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    at(AFTERWARDS)


def test_nothing_is_tried_while_marks_can_change(browser: FlaskClient) -> None:
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Le jury n’est pas encore clos" in page
    assert "Membre 1" not in page


@pytest.mark.usefixtures("closed")
def test_trials_and_agreement_after_the_closing(browser: FlaskClient, at: Callable[[datetime], None]) -> None:
    at(AFTERWARDS)
    page = browser.get(PAGE).get_data(as_text=True)
    for said in (
        "Sans un membre du jury",
        "Membre 5",
        "ICC(A,1)",
    ):
        assert said in page, said


@pytest.mark.usefixtures("closed")
def test_president_reads_it_and_another_juror_does_not(
    judged: Judged, engine: Engine, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction(engine) as db:
        role = db.exec(select(Role).where(Role.person_id == judged.jurors[0].id)).one()
        role.president = True
        db.add(role)
        # Presiding elsewhere opens nothing here.
        stranger = make_person(db, "Ailleurs")
        grant(db, stranger, "juror")
    assert sign_in(judged.jurors[0]).get(PAGE).status_code == 200
    assert sign_in(judged.jurors[1]).get(PAGE).status_code == 403
    assert sign_in(stranger).get(PAGE).status_code == 403


def test_trials_of_the_worked_edition_are_those_of_the_specification() -> None:
    inputs = worked()
    found = try_out(inputs, merge(inputs), seed=7)
    assert [w.order for w in found.weights] == [("C", "A", "D", "B")] * 4
    assert not any(w.changed for w in found.criteria)
    assert {round(s.share, 4) for s in found.swaps if s.component == "metric"} == {0.4444, 0.3529, 0.6296}
    # One juror: nothing to leave out, no noise to estimate.
    assert (found.without_juror, found.first, found.jury_se) == ((), {}, None)
