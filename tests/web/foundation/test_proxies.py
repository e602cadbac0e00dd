from dataclasses import replace

import pytest
from flask import Flask, request
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.web.app import create_app
from datathon.web.guards import anyone, guarded
from datathon.web.house import house


def _address_seen(app: Flask, forwarded: str) -> str:
    @guarded(anyone)
    def view() -> str:
        return str(request.remote_addr)

    app.view_functions["public.home"] = view
    answer = app.test_client().get("/", headers={"X-Forwarded-For": forwarded})
    with app.app_context():
        house().engine.dispose()
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_as_many_proxies_are_believed_as_stand_there(
    settings: Settings, engine: Engine, proxies: int, seen: str
) -> None:
    del engine
    app = create_app(replace(settings, trusted_proxies=proxies))
    assert _address_seen(app, "192.0.2.1, 198.51.100.7, 203.0.113.9") == seen
