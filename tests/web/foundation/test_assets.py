import gzip

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
    "name", ["../app.py", "..%2fapp.py", "css/../../app.py", "css", "nothing.css", "colours/red.css"]
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
    found = asset("colours/2f4a1f-a3341b.css")
    assert found is not None
    assert found.media_type == "text/css"
    assert b"#2f4a1f" in found.content
