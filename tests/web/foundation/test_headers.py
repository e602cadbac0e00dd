import base64
import hashlib
import re
from dataclasses import replace

import pytest
from factories import make_edition
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from datathon.config import SettingError, Settings
from datathon.store.db import transaction
from datathon.web.app import create_app
from datathon.web.house import house

ANYWHERE = ["/", "/health/live", "/static/css/house.css", "/nowhere", "/account/sign-in"]


@pytest.mark.parametrize("url", ANYWHERE)
def test_every_answer_says_what_it_may_do(client: FlaskClient, url: str) -> None:
    headers = client.get(url).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_pages_are_nobody_elses(client: FlaskClient) -> None:
    headers = client.get("/").headers
    assert "private" in headers["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in headers["Vary"].split(",")}


def test_transport_is_strict_where_the_address_is_https(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://datathon.example"))
    assert "max-age" in app.test_client().get("/health/live").headers["Strict-Transport-Security"]
    assert app.config["SESSION_COOKIE_SECURE"] is True
    with app.app_context():
        house().engine.dispose()


def test_session_cookie_is_out_of_reach_of_scripts(client: FlaskClient) -> None:
    cookie = client.get("/?lang=en").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_short_secret_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingError, match="DATATHON_SECRET_KEY"):
        create_app(replace(settings, secret_key="short"))


def test_pages_hold_no_inline_script_or_style(client: FlaskClient, engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)
    for url in ("/", "/e/2025", "/e/2025/c/metiers-secteurs", "/account/sign-in", "/account/register", "/nowhere"):
        answer = client.get(url)
        page = answer.get_data(as_text=True)
        assert " style=" not in page
        carried = re.findall("<style[^>]*>(.*?)</style>", page, re.DOTALL)
        allowed = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in carried]
        assert all(one in answer.headers["Content-Security-Policy"] for one in allowed)
        assert len(allowed) <= 1, "the style sheet of the house, nothing else"
        assert " onclick=" not in page
        assert "<script>" not in page


def test_form_without_its_token_changes_nothing(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/account/sign-out")
    assert answer.status_code == 400
    assert "Le formulaire est resté ouvert trop longtemps" in answer.get_data(as_text=True)
