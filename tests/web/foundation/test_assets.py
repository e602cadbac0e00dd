import base64
import gzip
import hashlib
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from datathon.web.assets import asset, static


def test_static_file_with_its_digest_is_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        url = static("css/house.css")
    headers = client.get(url).headers
    assert "immutable" in headers["Cache-Control"]
    assert "Cookie" not in headers.get("Vary", "")


def test_static_file_with_an_old_digest_is_not_kept(client: FlaskClient) -> None:
    assert "immutable" not in client.get("/static/css/house.css?v=old").headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "css/../../app.py", "css", "nothing.css", "css/house-red-blue.css"]
)
def test_static_gives_nothing_but_its_folder(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_static_file_is_compressed_for_who_takes_it(client: FlaskClient) -> None:
    plain = client.get("/static/css/house.css", headers={"Accept-Encoding": "identity"})
    small = client.get("/static/css/house.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3


def test_page_is_compressed_for_who_takes_it(client: FlaskClient) -> None:
    small = client.get("/", headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(small.data)
    assert "Accept-Encoding" in small.headers["Vary"]


def test_vendored_file_is_the_one_written_down() -> None:
    import hashlib
    import tomllib

    from datathon.web.assets import FOLDER

    kept = tomllib.loads((FOLDER / "vendor/vendor.toml").read_text(encoding="utf-8"))
    for entry in kept.values():
        content = (FOLDER / "vendor" / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_edition_colours_are_a_file() -> None:
    found, plain = asset("css/house-2f4a1f-a3341b.css"), asset("css/house.css")
    assert found is not None
    assert plain is not None
    assert found.media_type == "text/css"
    assert found.content.startswith(plain.content)
    assert b"#2f4a1f" in found.content


def test_stranger_gets_the_first_style_in_the_page_and_nothing_else_inline(client: FlaskClient) -> None:
    answer = client.get("/")
    carried = re.findall(r"<style>(.*?)</style>", answer.get_data(as_text=True), re.DOTALL)
    house = asset("css/house.css")
    assert house is not None
    assert carried == [house.content.decode()]
    allowed = base64.b64encode(hashlib.sha256(house.content).digest()).decode()
    assert f"style-src 'self' 'sha256-{allowed}'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Link"] == f"<{static_address(client, 'css/rest.css')}>; rel=preload; as=style"
    assert b"url(" not in house.content, "what the page carries has no folder of its own"


def test_whoever_has_a_session_gets_a_file_to_keep(client: FlaskClient) -> None:
    client.get("/?lang=en")
    answer = client.get("/")
    assert b"<style" not in answer.data
    assert "style-src" not in answer.headers["Content-Security-Policy"]
    assert "Link" not in answer.headers


def static_address(client: FlaskClient, name: str) -> str:
    with client.application.test_request_context():
        return static(name)


def test_first_text_needs_little_style_and_the_rest_follows_it(client: FlaskClient) -> None:
    first_page, next_page = (client.get("/account/sign-in").get_data(as_text=True) for _ in range(2))
    for page, sheet in ((first_page, "<style>"), (next_page, "css/house")):
        assert page.count(sheet) == page.count("css/rest") == 1
        assert page.index(sheet) < page.index("<h1>") < page.index("css/rest")
    first, rest = asset("css/house.css"), asset("css/rest.css")
    assert first is not None
    assert rest is not None
    assert len(first.compressed) < 5_000
    assert b"/*" not in first.content + rest.content
    assert b"prefers-color-scheme" not in rest.content
