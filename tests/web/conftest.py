"""An application on the test's database, a browser without scripts, and the hour it is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from datathon.config import Settings
from datathon.editions import watch
from datathon.editions.catalogue import Catalogue
from datathon.people.tables import Person
from datathon.web import app as application
from datathon.web.house import house


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of this process, checked by their source: half of a test's time."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture(scope="session", autouse=True)
def _addresses_compiled_once() -> Iterator[None]:
    """Compile what writes an address of a rule once for all applications of this process: half of what making one costs."""
    compile_builder, known = Rule._compile_builder, {}

    def remembered(rule: Rule, append_unknown: bool = True):  # noqa: FBT001, FBT002 - as werkzeug calls it
        key = (tuple(rule._trace), tuple(sorted((rule.defaults or {}).items())), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def _folders_read_once() -> Iterator[None]:
    """Read the challenges' folder again only when one of its files changed, as each application does for itself."""
    load, known = watch.load_catalogue, {}

    def remembered(root: Path) -> Catalogue:
        key = (root, watch.signature(root))
        if key not in known:
            known[key] = load(root)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "load_catalogue", remembered)
        yield


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Callable[[datetime], None]:
    """Set the hour that requests read; 20 November 2025, noon in Paris, until a test says otherwise."""

    def set_clock(instant: datetime) -> None:
        monkeypatch.setattr(application, "utcnow", lambda: instant)

    set_clock(now)
    return set_clock


@pytest.fixture
def app(settings: Settings, at: Callable[[datetime], None]) -> Iterator[Flask]:
    """The whole application, with its forms' tokens unchecked; ``test_csrf`` checks them."""
    del at
    made = application.create_app(settings)
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False
    made.jinja_env.bytecode_cache = COMPILED
    yield made
    with made.app_context():
        house().engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser, in French."""
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    return browser


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Person], FlaskClient]:
    """Sign a person in without the form, which has its own tests."""

    def enter(person: Person) -> FlaskClient:
        with client.session_transaction() as session:
            session["_user_id"] = f"{person.id}:{person.session_epoch}"
            session["_fresh"] = True
        return client

    return enter
