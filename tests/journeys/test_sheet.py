"""A juror's page in a real Chromium: every mark is kept by itself, through a dead network, a killed server, two pages."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from browsing import CHROMIUM, FLAGS, PHONE
from factories import PASSWORD, grant, make_edition, make_person, make_prototype, make_team
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from running import Running, answers, free_port, wait_until
from sqlalchemy import Engine
from sqlmodel import select

from datathon.config import Settings
from datathon.demo.supervise import Supervisor
from datathon.editions.calendar import windows_of
from datathon.editions.catalogue import load_edition
from datathon.editions.windows import first_day
from datathon.jury.calibrate import calibrate
from datathon.jury.declare import declare
from datathon.jury.tables import Sheet
from datathon.kernel.clock import utcnow
from datathon.store.db import reading, transaction
from datathon.store.migrate import configuration

EDITION = "atelier"


@dataclass
class Room:
    """A web service that runs, with one juror who declared no conflict and one prototype."""

    engine: Engine
    address: str
    email: str
    running: Running

    def kept(self) -> dict[str, object]:
        """Return the marks and comments as the database has them."""
        with reading(self.engine) as db:
            row = db.exec(select(Sheet)).one_or_none()
        return {} if row is None else {**row.marks, "team": row.comment_team, "private": row.comment_private}

    def until(self, **wanted: object) -> None:
        """Wait until the database has these values."""
        self.running.until(lambda: wanted.items() <= self.kept().items())


@pytest.fixture
def room(engine: Engine, settings: Settings, tmp_path: Path) -> Iterator[Room]:
    with engine.begin() as connection:
        command.stamp(configuration(connection), "head")
    edition = load_edition(settings.challenges_dir / EDITION)
    now = utcnow()
    with transaction(engine) as db:
        make_edition(db, EDITION, starts=first_day(edition, registered=now), now=now)
        juror = make_person(db, "Membre du jury")
        grant(db, juror, "juror", edition=EDITION)
        assert edition.rubric is not None
        team = make_team(db, "Cap", edition=EDITION)
        make_prototype(db, team, challenge=edition.rubric.challenge, title="Greffe")
        declare(db, edition=edition, juror_id=juror.id, conflicts={}, secrecy=True, now=now)
        marks = {c.id: c.maximum / 2 for c in edition.rubric.criteria}
        calibrate(
            db,
            edition=edition,
            windows=windows_of(db, edition, now=now),
            juror_id=juror.id,
            marks=marks,
            now=now,
        )
        email = juror.email
    said: list[str] = []
    running = Running(settings, Supervisor(said.append), said, tmp_path)
    port = free_port()
    running.start("web", "--port", str(port), "--threads", "4")
    address = f"http://127.0.0.1:{port}"
    running.until(lambda: answers(address))
    yield Room(engine, address, email, running)
    running.supervisor.stop()


@pytest.fixture
def phone(room: Room) -> Iterator[BrowserContext]:
    """A phone signed in as the juror."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        context = browser.new_context(viewport=PHONE, locale="fr-FR")
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(f"{room.address}/account/sign-in")
        page.fill("input[name=email]", room.email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        expect(page.locator("h1")).to_be_visible()
        page.close()
        yield context
        browser.close()


def opened(phone: BrowserContext, room: Room) -> Page:
    page = phone.new_page()
    page.goto(f"{room.address}/jury/{EDITION}/cap")
    return page


def state(field: str) -> str:
    return f"[data-name]:has([data-field={field}]) [data-state]"


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_mark_is_lost_to_network_server_or_second_page(room: Room, phone: BrowserContext) -> None:
    page = opened(phone, room)
    needs, said = page.locator("[data-field=needs]"), page.locator(state("needs"))
    page.locator("fieldset", has=needs).locator("input[type=radio]").nth(2).check()
    expect(said).to_contain_text("enregistré à")
    room.until(needs=12.5)

    phone.set_offline(True)
    needs.fill("14")
    expect(said).to_contain_text("pas enregistré")
    page.fill("textarea[name=comment_private]", "Écrit sans réseau")
    expect(page.locator("[data-shown-trouble]")).to_contain_text("Pas de réseau")
    assert room.kept()["needs"] == 12.5
    page.close()  # the phone dies; what was typed lies in its storage
    phone.set_offline(False)
    page = opened(phone, room)
    expect(page.locator("[data-field=needs]")).to_have_value("14")
    room.until(needs=14, private="Écrit sans réseau")
    expect(page.locator(state("needs"))).to_contain_text("enregistré à")
    assert page.evaluate("localStorage.length") == 0

    room.running.kill("web", signal.SIGKILL)
    wait_until(lambda: not answers(room.address))
    page.fill("[data-field=quality]", "21,5")
    expect(page.locator(state("quality"))).to_contain_text("nouvel essai")
    room.until(quality=21.5)

    other = opened(phone, room)
    phone.set_offline(True)
    other.fill("[data-field=needs]", "16")
    expect(other.locator(state("needs"))).to_contain_text("pas enregistré")
    phone.set_offline(False)
    room.until(needs=16)
    page.fill("[data-field=needs]", "10")
    clash = page.locator(".clash")
    expect(clash.locator("[data-mine]")).to_have_text("10")
    expect(clash.locator("[data-theirs]")).to_have_text("16")
    assert room.kept()["needs"] == 16
    clash.locator("[data-choose=mine]").click()
    room.until(needs=10)
    other.fill("textarea[name=comment_team]", "De l’autre page")
    room.until(team="De l’autre page")
    page.fill("textarea[name=comment_team]", "De celle-ci")
    page.locator(".clash [data-choose=both]").click()
    room.until(team="De l’autre page\n\nDe celle-ci")
