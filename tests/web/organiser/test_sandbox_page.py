"""Organisers see what level of sandbox scores, and what is wrong with it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from judged import JURY_TIME
from sqlalchemy import Engine

from datathon.scoring import pulse
from datathon.scoring.tables import DoctorReport
from datathon.store.db import transaction
from datathon.web.organiser.sandbox_page import SandboxPage

CHECKS = [
    {"name": "fork (parse)", "group": "sandbox", "ok": True, "detail": "stopped", "warning": False},
    {"name": "network (core)", "group": "sandbox", "ok": True, "detail": "up: eth0", "warning": True},
]


@pytest.fixture
def page(browser: FlaskClient) -> Callable[[], str]:
    return lambda: browser.get("/organise/2025/queue").get_data(as_text=True)


def examined(engine: Engine, level: str, *, alive: bool = True) -> None:
    with transaction(engine) as db:
        db.add(DoctorReport(at=JURY_TIME, worker="w", level=level, report={"boot": "b", "checks": CHECKS}))
        if alive:
            pulse.beat(db, "w scorer", pulse.SCORER, now=JURY_TIME)


def test_level_is_shown_with_its_remarks(engine: Engine, page: Callable[[], str]) -> None:
    examined(engine, "full")
    shown = page()
    assert "Landlock et seccomp tiennent tous les deux." in shown
    assert "network (core): up: eth0" in shown
    assert "par 2 sondes" in shown
    assert "fork (parse)" not in shown


def test_level_without_landlock_is_said(engine: Engine, page: Callable[[], str]) -> None:
    examined(engine, "container")
    assert "ce noyau n’a pas Landlock" in page()


def test_refusal_is_said(engine: Engine, page: Callable[[], str]) -> None:
    examined(engine, "refuse", alive=False)
    assert "Le dernier examen a trouvé une faille" in page()


def test_service_that_does_not_answer_has_no_level(engine: Engine, page: Callable[[], str]) -> None:
    assert "Aucun service de calcul examiné ne répond" in page()
    examined(engine, "full", alive=False)
    assert "Aucun service de calcul examiné ne répond" in page()


def test_report_that_only_tells_its_trouble_is_shown(app: Flask) -> None:
    from datathon.web.organiser.sandbox_page import sandbox_page

    report = DoctorReport(at=JURY_TIME, worker="w", level="refuse", report={"trouble": "it did not end"})
    with app.test_request_context():
        told = sandbox_page(report, answers=False)
    assert isinstance(told, SandboxPage)
    assert (told.remarks, told.probes) == (("it did not end",), 0)
