from hashlib import sha256

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

DATA = "/e/2025/c/metiers-secteurs/data/"


SPELLINGS = (
    "reference.csv",
    "reference/reference.csv",
    "../reference/reference.csv",
    "..%2freference%2freference.csv",
    "%2e%2e/reference/reference.csv",
    "..%5creference%5creference.csv",
    "..\\reference\\reference.csv",
    "....//reference/reference.csv",
    "./train.csv",
    "public/train.csv",
    "train.csv/",
    "train.csv%00",
    "train.csv/../../reference/reference.csv",
    "/reference/reference.csv",
    "/etc/passwd",
    "TRAIN.CSV",
    "challenge.toml",
    "../challenge.toml",
    "description.fr.md",
    "baselines/frequency.csv",
    "../baselines/frequency.csv",
    "frequency.csv",
    "*",
)
"""Ways to ask for what nobody may have."""


def fetch(client: FlaskClient, path: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Ask for a file and read it to its end, so that it is closed."""
    return client.get(path, headers=headers, buffered=True)


def test_download_listed_file(client: FlaskClient) -> None:
    answer = fetch(client, DATA + "train.csv")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=train.csv"
    assert answer.get_etag() == (sha256(answer.data).hexdigest(), False)


def test_download_sample(client: FlaskClient) -> None:
    answer = fetch(client, DATA + "sample_submission.csv")
    assert answer.status_code == 200
    assert answer.data.startswith(b"job,naf_1")


def test_download_known_file(client: FlaskClient) -> None:
    etag = fetch(client, DATA + "test.csv").headers["ETag"]
    again = fetch(client, DATA + "test.csv", headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_download_part_of_a_file(client: FlaskClient) -> None:
    whole = fetch(client, DATA + "labels.csv").data
    part = fetch(client, DATA + "labels.csv", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole[10:20])


def test_download_anything_else(client: FlaskClient) -> None:
    for name in SPELLINGS:
        answer = client.get(DATA + name, follow_redirects=True, buffered=True)
        assert answer.status_code == 404, name
        assert b"Usage" not in answer.data
        assert b"Private" not in answer.data


def test_download_file_of_another_challenge(client: FlaskClient) -> None:
    assert fetch(client, "/e/2025/c/competences/data/train.csv").status_code == 404
    assert fetch(client, "/e/2025/c/competences/data/lycees_normandie.csv").status_code == 200
