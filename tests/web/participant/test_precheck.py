"""The check before sending, in a real Chromium: it says what the platform would say, and sends nothing."""

import hashlib
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from challenge_folders import write_edition
from factories import accept_rules, make_edition, make_person, make_team
from journeys.browsing import CHROMIUM, FLAGS
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from datathon.config import Settings
from datathon.editions.catalogue import load_challenge
from datathon.editions.contract import contract, file_form
from datathon.people.tables import Person
from datathon.scoring import explain, outcome
from datathon.scoring.problem import Problem
from datathon.store.db import make_engine, transaction
from datathon.store.migrate import upgrade
from datathon.web import app as application
from datathon.web.house import house
from scorers import table

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
    pytest.mark.timeout(300),
]

TOML = """\
[challenge]
title = {{ fr = "Essai" }}

[submission]
id = "code"
columns = [{columns}]
max_bytes = 40_000
{more}
[reference]
file = "reference/reference.csv"
usage = "Usage"

[scoring]
scorer = "scorer.py"
metrics = [{{ name = "m", direction = "higher" }}]
"""
MIXED = """{ name = "p", type = "number", min = 0, max = 1 }, { name = "n", type = "integer", min = 0 },
  { name = "k", type = "category", values = ["oui", "non"] }, { name = "t", type = "string", max_length = 120 },
  { name = "m", type = "string", format = "rle", empty = true, width = 9, height = 10 }"""
SHARES = '{ name = "a", type = "number", min = 0, max = 1 }, { name = "b", type = "number", min = 0, max = 1 }'
IDS = ("01004", "2A004", "75056", "Évreux", 'Saint "Lô"', "x,y")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",') else text


SAMPLE = {
    "mixed": "code,p,n,k,t,m\n" + "".join(f"{_quoted(i)},0.25,3,oui,Été à Caen,1 4 9 2\n" for i in IDS),
    "shares": "code,a,b\n" + "".join(f"{_quoted(i)},0.25,0.75\n" for i in IDS),
}
SAMPLE["programs"] = SAMPLE["shares"]


@dataclass(frozen=True)
class Site:
    """An application that answers on the loopback, its challenges' folders, and a window of a team's member."""

    address: str
    folder: Path
    page: Page

    def form(self, challenge: str) -> tuple[dict[str, Any], bytes]:
        agreed = contract(load_challenge(self.folder / challenge))
        assert agreed is not None
        return file_form(agreed), "\n".join(agreed.ids).encode()

    def open(self, challenge: str, lang: str = "fr") -> None:
        answer = self.page.goto(f"{self.address}/e/essai/c/{challenge}/submit?lang={lang}")
        assert answer is not None
        assert answer.status == 200

    def choose(self, content: bytes) -> list[dict[str, Any]]:
        """Choose a file; return what the page then lists, once it has read it."""
        self.page.set_input_files("#file", [])
        self.page.set_input_files("#file", {"name": "essai.csv", "mimeType": "text/csv", "buffer": content})
        self.page.wait_for_selector("#file-check:is([data-state=fine], [data-state=unfit])")
        rows: list[dict[str, Any]] = self.page.evaluate("""[...document.querySelectorAll("#file-check tbody tr")].map(
            (row) => ({ code: row.dataset.code, cells: [...row.children].map((cell) => cell.innerText.trim()) }))""")
        return rows


@contextmanager
def _serving(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _edition(folder: Path) -> Path:
    write_edition(folder)
    for name, columns, more in (
        ("mixed", MIXED, ""),
        ("shares", SHARES, "row_sum = 1\n"),
        ("programs", SHARES, "[program]\n"),
    ):
        sample = SAMPLE[name]
        header, *rows = sample.splitlines()
        usage = [f"{row},{('Public', 'Private')[i % 2]}" for i, row in enumerate(rows)]
        for path, text in {
            "challenge.toml": TOML.format(columns=columns, more=more),
            "description.fr.md": "Un essai.",
            "sample_submission.csv": sample,
            "scorer.py": "def score(y_true, y_pred, ctx):\n    return {'m': 1.0}\n",
            "reference/reference.csv": "\n".join([f"{header},Usage", *usage, ""]),
        }.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
    return folder


def _member(settings: Settings) -> Person:
    engine = make_engine(settings.sqlalchemy_url)
    upgrade(engine)
    with transaction(engine) as db:
        make_edition(db, "essai")
        captain = make_person(db, "Camille")
        accept_rules(db, captain, edition="essai")
        make_team(db, "Marée haute", captain=captain, edition="essai")
    engine.dispose()
    return captain


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("precheck")
    settings = replace(
        Settings(),
        data_dir=folder,
        challenges_dir=folder / "challenges",
        secret_key="a secret of the tests, long enough to sign",
        min_free_bytes=0,
    )
    _edition(folder / "challenges" / "essai")
    captain = _member(settings)
    patch = pytest.MonkeyPatch()
    patch.setattr(application, "utcnow", lambda: datetime(2025, 11, 20, 11, 0, tzinfo=UTC))
    app = application.create_app(settings)
    app.testing = True
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{captain.id}:{captain.session_epoch}"
        session["_fresh"] = True
    cookie = client.get_cookie("session") or next(iter(client._cookies.values()))
    with _serving(app) as address, sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="fr-FR")
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        yield Site(address, folder / "challenges" / "essai", context.new_page())
        browser.close()
    patch.undo()
    with app.app_context():
        house().engine.dispose()


def _told(site: Site, challenge: str, raw: bytes) -> tuple[Problem, ...]:
    form, ids = site.form(challenge)
    columns, found = table.read(raw, form, ids)
    if columns is not None:
        return ()
    names = [form["id"], *(c["name"] for c in form["columns"])]
    return outcome.read_parse(json.dumps({"problems": found}).encode(), rows=form["rows"], columns=names)


def _lines(problems: tuple[Problem, ...], lang: str) -> list[tuple[str, int | None, str | None, str]]:
    return [(p.code, p.line, p.column, explain.expected(p, lang)) for p in problems]


def _listed(rows: list[dict[str, Any]], names: set[str]) -> list[tuple[str, int | None, str | None, str]]:
    found = []
    for row in rows:
        line, column, _found, expected = row["cells"]
        found.append((row["code"], None if line == "–" else int(line), column if column in names else None,
                      "" if expected == "–" else expected))  # fmt: skip
    return found


BAD = {
    "utf16": SAMPLE["mixed"].encode("utf-16"),
    "utf16 without mark": SAMPLE["mixed"].encode("utf-16-le"),
    "latin-1": SAMPLE["mixed"].encode("latin-1"),
    "latin-1 after a mark": b"\xef\xbb\xbf" + SAMPLE["mixed"].encode("latin-1"),
    "nul": SAMPLE["mixed"].replace("75056", "75\x00056").encode(),
    "gzip": b"\x1f\x8b\x08\x00\x00\x00",
    "workbook": b"PK\x03\x04\x14\x00\x06",
    "empty": b"",
    "white": b"\n \r\n\t\n",
    "empty quotes": b'""\n',
    "header only": b"code,p,n,k,t,m\n",
    "semicolons": SAMPLE["mixed"].replace(",", ";").encode(),
    "tabs": SAMPLE["mixed"].replace(",", "\t").encode(),
    "no header": SAMPLE["mixed"].removeprefix("code,p,n,k,t,m\n").encode(),
    "capitals": SAMPLE["mixed"].replace("code,p", "Code,P").encode(),
    "index column": SAMPLE["mixed"].replace("code,", ",code,").encode(),
    "named index": SAMPLE["mixed"].replace("code,", "Unnamed: 0,code,").encode(),
    "column twice": SAMPLE["mixed"].replace("code,p,n,k,t,m", "code,p,p,n,k,t,m").encode(),
    "column missing": SAMPLE["mixed"].replace("code,p,n,k,t,m", "code,p,k,t,m").encode(),
    "many columns": ("code," + ",".join(f"c{i}" for i in range(90)) + "\n").encode(),
    "short row": SAMPLE["mixed"].replace("2A004,0.25,3", "2A004,0.25").encode(),
    "decimal comma": SAMPLE["mixed"].replace("2A004,0.25", "2A004,0,25").encode(),
    "quoted decimal comma": SAMPLE["mixed"].replace("2A004,0.25", '2A004,"0,25"').encode(),
    "percent": SAMPLE["mixed"].replace("2A004,0.25", "2A004,25 %").encode(),
    "grouped": SAMPLE["mixed"].replace("2A004,0.25", "2A004,1\u202f000.5").encode(),
    "lost zeros": SAMPLE["mixed"].replace("01004", "1004").encode(),
    "float ids": SAMPLE["mixed"].replace("01004", "1004.0").replace("75056", "7.5056E+04").encode(),
    "spaced id": SAMPLE["mixed"].replace("2A004", " 2a004 ").encode(),
    "unknown id": SAMPLE["mixed"].replace("2A004", "99999").encode(),
    "id twice": (SAMPLE["mixed"] + "75056,0.25,3,oui,x,\n").encode(),
    "id missing": SAMPLE["mixed"].replace("75056,0.25,3,oui,Été à Caen,1 4 9 2\n", "").encode(),
    "not a number": SAMPLE["mixed"].replace("2A004,0.25", "2A004,beaucoup").encode(),
    "missing": SAMPLE["mixed"].replace("2A004,0.25", "2A004,NA").encode(),
    "nan": SAMPLE["mixed"].replace("2A004,0.25", "2A004,NaN").encode(),
    "infinite": SAMPLE["mixed"].replace("2A004,0.25", "2A004,1e999").encode(),
    "out of range": SAMPLE["mixed"].replace("2A004,0.25", "2A004,1.25").encode(),
    "below": SAMPLE["mixed"].replace("2A004,0.25,3", "2A004,0.25,-3").encode(),
    "not whole": SAMPLE["mixed"].replace("2A004,0.25,3", "2A004,0.25,3.5").encode(),
    "too large a number": SAMPLE["mixed"].replace("2A004,0.25,3", "2A004,0.25,9007199254740993").encode(),
    "category": SAMPLE["mixed"].replace("3,oui", "3,Oui").encode(),
    "no text": SAMPLE["mixed"].replace("Été à Caen", "").encode(),
    "long text": SAMPLE["mixed"].replace("Été à Caen", "é" * 200).encode(),
    "control text": SAMPLE["mixed"].replace("Été à Caen", "a\x1bb").encode(),
    "mask of words": SAMPLE["mixed"].replace("1 4 9 2", "one four").encode(),
    "mask over itself": SAMPLE["mixed"].replace("1 4 9 2", "9 2 1 9").encode(),
    "mask outside": SAMPLE["mixed"].replace("1 4 9 2", "1 4 9 99").encode(),
    "open quotes": SAMPLE["mixed"].replace("75056", '"75056').encode(),
    "quotes that close early": SAMPLE["mixed"].replace("75056", '"75"056').encode(),
    "long field": SAMPLE["mixed"].replace("Été à Caen", "y" * 10_001, 1).encode(),
    "line break in quotes": SAMPLE["mixed"].replace("Été à Caen", '"Été\r\nà Caen"').encode(),
    "many faults": (SAMPLE["mixed"] + "zz,1,1,oui,x,\n" * 40).encode(),
    "too large": SAMPLE["mixed"].encode() + b"\n" * 40_000,
}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_each_kind_of_bad_file_is_explained_as_the_platform_does(site: Site, lang: str) -> None:
    site.open("mixed", lang)
    form, _ids = site.form("mixed")
    names = {form["id"], *(c["name"] for c in form["columns"])}
    for what, raw in BAD.items():
        assert _listed(site.choose(raw), names) == _lines(_told(site, "mixed", raw), lang), what


def test_row_sums_are_checked(site: Site) -> None:
    site.open("shares")
    raw = SAMPLE["shares"].replace("75056,0.25", "75056,0.35").encode()
    assert [row["code"] for row in site.choose(raw)] == ["row_sum"]
    assert site.choose(SAMPLE["shares"].replace("0.25,0.75", "0.1,0.9").encode()) == []


def test_good_file_is_said_to_read_fine_and_nothing_is_sent(site: Site) -> None:
    site.open("mixed", "en")
    site.page.wait_for_load_state("networkidle")
    sent: list[str] = []
    site.page.on("request", lambda request: sent.append(f"{request.method} {request.url.split('?')[0]}"))
    raw = b"\xef\xbb\xbf" + SAMPLE["mixed"].replace("\n", "\r\n").encode()
    assert site.choose(raw) == []
    status = site.page.locator("#file-check [role=status]")
    expect(status).to_contain_text("reads fine: 6 rows")
    expect(status.locator("code")).to_have_text(hashlib.sha256(raw).hexdigest()[:16])
    assert sent == [f"GET {site.address}/e/essai/c/mixed/precheck.json"]


def test_faults_do_not_keep_the_file_from_being_sent(site: Site) -> None:
    site.open("mixed")
    site.page.focus("#file")
    assert site.choose(BAD["lost zeros"])
    assert site.page.evaluate("document.activeElement.id") == "file"
    site.page.click("main form button.main")
    expect(site.page.locator("article.entry").first).to_contain_text("en attente")


def test_file_of_hundreds_of_megabytes_is_refused_at_once(site: Site) -> None:
    site.open("mixed")
    # A file of 300 MB made in the page: only its size is looked at.
    site.page.evaluate("""() => {
        const chunk = new Uint8Array(10_000_000), file = new File(Array(30).fill(chunk), "grand.csv");
        const given = new DataTransfer(); given.items.add(file);
        const input = document.getElementById("file"); input.files = given.files;
        const read = Blob.prototype.slice; window.sliced = 0;
        Blob.prototype.slice = function (...a) { window.sliced++; return read.apply(this, a); };
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    expect(site.page.locator("#file-check tbody tr")).to_contain_text("au plus 40000 octets")
    assert site.page.evaluate("window.sliced") == 0


def _mutated(raw: bytes, draw: random.Random) -> bytes:
    made = bytearray(raw)
    pieces = (b"", b",", b"\n", b"\r\n", b"\r", b'"', b'""', b"e", b"-", b"9", b".", b" ", b";", b"nan", b"\xc3\xa9",
              b"\xff", b"01004,0.25,3,oui,x,\n", b"\n\n", b"%", b"0")  # fmt: skip
    for _ in range(draw.randint(1, 3)):
        at = draw.randint(0, len(made))
        made[at : at + draw.randint(0, 3)] = draw.choice(pieces)
    return bytes(made)


def test_mutated_files_get_the_platforms_verdict(site: Site) -> None:
    draw = random.Random(20251105)  # noqa: S311 - the same files every time
    for challenge in ("mixed", "shares"):
        site.open(challenge)
        for _ in range(60):
            raw = _mutated(SAMPLE[challenge].encode(), draw)
            here = [(row["code"], row["cells"][0]) for row in site.choose(raw)]
            there = [(p.code, "–" if p.line is None else str(p.line)) for p in _told(site, challenge, raw)]
            assert here == there, raw


def test_program_is_not_read_as_a_table(site: Site) -> None:
    site.open("programs")
    expect(site.page.locator("#file")).to_have_count(1)
    expect(site.page.locator("#file-check, [data-precheck]")).to_have_count(0)


def test_page_is_light(site: Site) -> None:
    asked: list[str] = []
    weight = 0
    context = site.page.context.browser.new_context(storage_state=site.page.context.storage_state())  # type: ignore[union-attr]  # launched above
    page = context.new_page()
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/e/essai/c/mixed/submit")
    page.wait_for_load_state("networkidle")
    weight = page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((n, e) => n + e.transferSize, 0)"
    )
    context.close()
    assert len(asked) <= 6, asked
    assert weight <= 80_000
