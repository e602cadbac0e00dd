"""The contract as a Table Schema: what the standard asks of such a file, and that it says what the platform says."""

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from challenge_folders import MINIMAL, write_challenge
from flask.testing import FlaskClient

from datathon.editions.catalogue import load_challenge
from datathon.editions.contract import contract, file_form, table_schema
from scorers import table

SCHEMA = "/e/2025/c/metiers-secteurs/schema.json"
TYPES = {"string", "number", "integer"}
CONSTRAINTS = {"required", "unique", "minimum", "maximum", "enum", "maxLength"}
KNOWN = {"$schema", "title", "fields", "fieldsMatch", "primaryKey", "missingValues", "encoding", "dialect"}

TOML = MINIMAL.replace(
    'columns = [{ name = "p", type = "number", min = 0, max = 1 }]',
    'columns = [{ name = "p", min = 0, max = 1 }, { name = "n", type = "integer", min = 1 },\n'
    '  { name = "k", type = "category", values = ["oui", "non"] }, { name = "t", type = "string" }]',
)
SAMPLE = "id,p,n,k,t\n" + "".join(f"r{i},0.5,2,oui,mot {i}\n" for i in range(4))


def follows_the_standard(found: dict[str, Any]) -> None:
    """Check a descriptor against the rules of the Table Schema standard that it uses."""
    assert set(found) <= KNOWN | {name for name in found if name.startswith("datathon:")}
    assert found["$schema"].startswith("https://datapackage.org/profiles/")
    names = [field["name"] for field in found["fields"]]
    assert names
    assert len(set(names)) == len(names)
    assert found["fieldsMatch"] in {"exact", "equal", "subset", "superset", "partial"}
    assert set(found["primaryKey"]) <= set(names)
    assert all(isinstance(value, str) for value in found["missingValues"])
    for field in found["fields"]:
        assert field["type"] in TYPES
        rules = field["constraints"]
        assert set(rules) <= CONSTRAINTS
        assert ("minimum" not in rules and "maximum" not in rules) or field["type"] in {"number", "integer"}
        assert "maxLength" not in rules or field["type"] == "string"
        assert "enum" not in rules or (rules["enum"] and len(set(rules["enum"])) == len(rules["enum"]))


def fits(found: dict[str, Any], raw: bytes, ids: set[str]) -> bool:
    """Judge a file by the descriptor alone, as any program may that knows the standard and the keys of our own."""
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return False
    names = [field["name"] for field in found["fields"]]
    if len(raw) > found["datathon:maxBytes"] or not rows or sorted(rows[0]) != sorted(names):
        return False
    body = [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if len(row) == len(names)]
    key = found["primaryKey"][0]
    return (
        len(body) == len(rows) - 1 == found["datathon:rows"]
        and {row[key] for row in body} == ids
        and all(_cell(field, found, row[field["name"]]) for row in body for field in found["fields"])
    )


def _cell(field: dict[str, Any], found: dict[str, Any], text: str) -> bool:
    rules = field["constraints"]
    if text in field.get("missingValues", found["missingValues"]):
        return not rules["required"]
    if field["type"] == "string":
        return text in rules.get("enum", [text]) and len(text) <= rules.get("maxLength", math.inf)
    if not re.fullmatch(r"[+-]?\d+" if field["type"] == "integer" else r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return False
    value = float(text)
    return math.isfinite(value) and rules.get("minimum", -math.inf) <= value <= rules.get("maximum", math.inf)


def test_schema_of_a_real_challenge_follows_the_standard(client: FlaskClient) -> None:
    answer = client.get(SCHEMA)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found = json.loads(answer.data)
    follows_the_standard(found)
    assert (len(found["fields"]), found["datathon:rows"]) == (73, 629)
    sample = client.get(found["datathon:ids"]["url"], buffered=True)
    assert fits(found, sample.data, {row.split(",")[0] for row in sample.text.splitlines()[1:]})


def test_unchanged_schema_is_not_sent_again(client: FlaskClient) -> None:
    for address in (SCHEMA, SCHEMA.replace("schema", "precheck")):
        tag = client.get(address).headers["ETag"]
        again = client.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")


def test_challenge_page_links_the_schema(client: FlaskClient) -> None:
    assert f'href="{SCHEMA}"' in client.get("/e/2025/c/metiers-secteurs").text


def test_challenge_without_predictions_has_no_schema(client: FlaskClient) -> None:
    assert client.get("/e/2025/c/competences/schema.json").status_code == 404
    assert client.get("/e/2025/c/competences/precheck.json").status_code == 404


def test_sentences_come_in_the_readers_language(client: FlaskClient) -> None:
    address = "/e/2025/c/metiers-secteurs/precheck.json"
    french, english = (client.get(f"{address}?lang={lang}").get_json() for lang in ("fr", "en"))
    assert (french["what"]["empty"], english["what"]["empty"]) == ("le fichier est vide", "the file is empty")
    assert french["form"] == english["form"]
    assert french["ids"].count("\n") == 628


@pytest.mark.parametrize(("text", "agreed"), [
    (SAMPLE, True),
    (SAMPLE.replace("r2,0.5", "r2,1e-3"), True),
    (SAMPLE.replace("r2,0.5", "r2,1.5"), False),
    (SAMPLE.replace("r2,0.5", "r2,nan"), False),
    (SAMPLE.replace("r2,0.5", "r2,1e999"), False),
    (SAMPLE.replace("r2,0.5", "r2,NA"), False),
    (SAMPLE.replace("r2,0.5", "r2,"), False),
    (SAMPLE.replace("r2,0.5", 'r2,"0,5"'), False),
    (SAMPLE.replace("r2,0.5,2", "r2,0.5,0"), False),
    (SAMPLE.replace("r2,0.5,2", "r2,0.5,2.5"), False),
    (SAMPLE.replace("oui,mot 2", "peut-être,mot 2"), False),
    (SAMPLE.replace("mot 2", "x" * 300), False),
    (SAMPLE.replace("mot 2", ""), False),
    (SAMPLE.replace("r2,", "r9,"), False),
    (SAMPLE.replace("r2,", "r1,"), False),
    (SAMPLE.replace("r2,0.5,2,oui,mot 2\n", ""), False),
    (SAMPLE.replace("id,p,n,k,t", "id,p,n,k"), False),
    (SAMPLE.replace("id,p,n,k,t", "id,p,n,k,z"), False),
    (SAMPLE.replace(",", ";"), False),
    ("", False),
])  # fmt: skip
def test_schema_and_platform_agree_on_a_file(tmp_path: Path, text: str, *, agreed: bool) -> None:
    made = contract(
        load_challenge(write_challenge(tmp_path / "essai", toml=TOML, files={"sample_submission.csv": SAMPLE}))
    )
    assert made is not None
    descriptor = json.loads(json.dumps(table_schema(made, title="Essai", sample_url="https://example.org/s.csv")))
    follows_the_standard(descriptor)
    read, _problems = table.read(text.encode(), file_form(made), "\n".join(made.ids).encode())
    assert fits(descriptor, text.encode(), set(made.ids)) == (read is not None) == agreed


def test_own_reading_of_files_has_no_contract(tmp_path: Path) -> None:
    own = MINIMAL.replace(
        'metrics = ["roc_auc"]', 'scorer = "scorer.py"\nmetrics = [{ name = "m", direction = "lower" }]'
    )
    source = "def score(y_true, y_pred, ctx):\n    return {'m': 0.0}\n"
    folder = write_challenge(tmp_path / "essai", toml=own, files={"scorer.py": source})
    assert contract(load_challenge(folder)) is not None
    (folder / "scorer.py").write_text(source + "\ndef parse(file, ctx):\n    return {}\n", encoding="utf-8")
    assert contract(load_challenge(folder)) is None
