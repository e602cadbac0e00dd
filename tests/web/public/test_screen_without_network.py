"""The board on a room's screen, in a real Chromium, while the server is unreachable and once it is back."""

import threading
from collections.abc import Callable

import pytest
from factories import make_score, make_submission, make_team
from flask import Flask
from journeys.browsing import CHROMIUM, FLAGS
from playwright.sync_api import Route, expect, sync_playwright
from sqlalchemy import Engine
from web.public.conftest import BOARD
from werkzeug.serving import BaseWSGIServer, make_server

from datathon.store.db import transaction

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.timeout(300),
]
REFRESHES = 4  # as many as a minute has, at one every fifteen seconds


def serve(app: Flask, port: int = 0) -> BaseWSGIServer:
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def stop(server: BaseWSGIServer) -> None:
    server.shutdown()
    server.server_close()


def hurried(route: Route) -> None:
    """Pass the page on with a shorter interval; without a server there is no page to pass."""
    try:
        answer = route.fetch()
    except Exception:  # noqa: BLE001 - whatever the driver calls it
        route.abort()
        return
    route.fulfill(response=answer, body=answer.text().replace("every 15s", "every 300ms"))


def test_screen_keeps_the_board_while_the_server_is_away(app: Flask, engine: Engine, draw: Callable[..., None]) -> None:
    draw()
    server = serve(app)
    port, failed = server.server_port, list[str]()
    with sync_playwright() as driver, driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS) as chromium:
        page = chromium.new_page(locale="fr-FR")
        page.on("requestfailed", lambda request: failed.append(request.url))
        page.route("**/screen", hurried)
        page.goto(f"http://127.0.0.1:{port}{BOARD}/screen")
        before = page.inner_text("main")
        assert "Marée haute" in before
        stop(server)
        while len(failed) < REFRESHES:
            page.wait_for_timeout(100)
        assert page.inner_text("main") == before
        with transaction(engine) as db:
            made = make_submission(db, make_team(db, "Le Verger"), state="scored")
            make_score(db, made, public=0.5, private=0.5)
        draw()
        server = serve(app, port)
        expect(page.locator("main")).to_contain_text("Le Verger")
    stop(server)
