"""Each code of refusal with its line, column, what was found and what was expected, in French and in English."""

import json
from typing import Any

import pytest

from datathon.scoring import explain, outcome
from datathon.scoring.problem import Problem
from scorers import CODES, table

IDS = ("01004", "01005", "2A004", "75056")
GOOD = "insee,p,q\n01004,0.1,0.9\n01005,0.2,0.8\n2A004,0.3,0.7\n75056,0.4,0.6\n"


def _columns(kind: str = "number", **changes: Any) -> list[dict[str, Any]]:
    return [{"name": n, "type": kind, "min": 0.0, "max": 1.0, "values": [], **changes} for n in "pq"]


def refused(text: str | bytes, **changes: Any) -> tuple[Problem, ...]:
    raw = text if isinstance(text, bytes) else text.encode()
    form = {"id": "insee", "columns": _columns(), "rows": 4, "max_bytes": 100_000, "row_sum": None, **changes}
    columns, found = table.read(raw, form, "\n".join(IDS).encode())
    assert columns is None, "the file was read"
    reply = json.dumps({"problems": found}).encode()
    return outcome.read_parse(reply, rows=4, columns=["insee", "p", "q"])


def fits(text: str | bytes) -> bool:
    raw = text if isinstance(text, bytes) else text.encode()
    form = {"id": "insee", "columns": _columns(), "rows": 4, "max_bytes": 100_000, "row_sum": None}
    return table.read(raw, form, "\n".join(IDS).encode())[0] is not None


# What is in the file, what is refused, and the whole sentence in both languages.
CASES = [
    ("", {}, "Le fichier est vide ; attendu : une ligne d’en-tête et 4 lignes.",
     "The file is empty; expected: a header line and 4 rows."),
    (GOOD, {"max_bytes": 20}, "Le fichier est trop volumineux ; trouvé : « 66 » ; attendu : au plus 20 octets.",
     "The file is too large; found: “66”; expected: at most 20 bytes."),
    (GOOD.encode("utf-16"), {}, "Ligne 1 : le fichier n’est pas du texte en UTF-8 ; trouvé : « UTF-16 » ; attendu : du texte en UTF-8.",
     "Line 1: the file is not text in UTF-8; found: “UTF-16”; expected: text in UTF-8."),
    (GOOD.replace("2A004", "Évreux").encode("latin-1"), {},
     "Ligne 4 : le fichier n’est pas du texte en UTF-8 ; trouvé : « 0xc9 » ; attendu : du texte en UTF-8.",
     "Line 4: the file is not text in UTF-8; found: “0xc9”; expected: text in UTF-8."),
    (b"PK\x03\x04", {}, "Le fichier n’est pas un CSV lisible ; trouvé : « zip » ; attendu : un fichier texte CSV, non compressé.",
     "The file is not a readable CSV; found: “zip”; expected: a CSV text file, not compressed."),
    (GOOD.replace(",", ";"), {}, ("Ligne 1 : le fichier n’est pas un CSV lisible ; trouvé : « insee;p;q » ; "
     "attendu : des colonnes séparées par des virgules et non par « ; »."),
     "Line 1: the file is not a readable CSV; found: “insee;p;q”; expected: columns separated by commas, not by “;”."),
    (GOOD.replace("2A004", '"2A004'), {}, ("Ligne 4 : le fichier n’est pas un CSV lisible ; "
     "attendu : des guillemets fermés et doublés à l’intérieur."),
     "Line 4: the file is not a readable CSV; expected: quotes that are closed, and doubled inside."),
    (GOOD.replace("insee,p,q", "insee,p"), {}, ("Ligne 1, colonne q : une colonne manque dans l’en-tête ; "
     "attendu : une colonne nommée q."),
     "Line 1, column q: a column is missing from the header; expected: a column named q."),
    (GOOD.replace("insee,p,q", "INSEE,p,q"), {}, ("Ligne 1, colonne insee : une colonne manque dans l’en-tête ; "
     "trouvé : « INSEE » ; attendu : une colonne nommée insee, écrite à l’identique."),
     ("Line 1, column insee: a column is missing from the header; found: “INSEE”; "
     "expected: a column named insee, written exactly so.")),
    (GOOD.removeprefix("insee,p,q\n"), {}, ("Ligne 1 : une colonne manque dans l’en-tête ; trouvé : « 01004,0.1,0.9 » ; "
     "attendu : une ligne d’en-tête : insee, p, q."),
     "Line 1: a column is missing from the header; found: “01004,0.1,0.9”; expected: a header line: insee, p, q."),
    (GOOD.replace("insee,p,q", "insee,p,q,r"), {}, ("Ligne 1 : l’en-tête contient une colonne inconnue ; trouvé : « r » ; "
     "attendu : 3 colonnes : insee, p, q."),
     "Line 1: the header has an unknown column; found: “r”; expected: 3 columns: insee, p, q."),
    (GOOD.replace("insee,p,q", ",insee,p,q"), {}, ("Ligne 1 : l’en-tête contient une colonne inconnue ; trouvé : «  » ; "
     "attendu : 3 colonnes : insee, p, q, sans colonne de numéros de lignes (dans pandas : index=False, dans R : row.names=FALSE)."),
     ("Line 1: the header has an unknown column; found: “”; "
     "expected: 3 columns: insee, p, q, without a column of row numbers (in pandas: index=False, in R: row.names=FALSE).")),
    (GOOD.replace("insee,p,q", "insee,p,q,q"), {}, ("Ligne 1, colonne q : une colonne figure deux fois dans l’en-tête ; "
     "trouvé : « q » ; attendu : chaque colonne une seule fois."),
     "Line 1, column q: a column appears twice in the header; found: “q”; expected: each column once."),
    (GOOD.replace(",0.7", ""), {}, ("Ligne 4 : la ligne n’a pas le bon nombre de valeurs ; trouvé : « 2 » ; "
     "attendu : 3 valeurs sur la ligne."),
     "Line 4: the row has the wrong number of values; found: “2”; expected: 3 values on the line."),
    (GOOD.replace(",0.7", ",0,7"), {}, ("Ligne 4 : la ligne n’a pas le bon nombre de valeurs ; trouvé : « 4 » ; "
     "attendu : 3 valeurs sur la ligne, séparées par des virgules, les nombres avec un point décimal."),
     ("Line 4: the row has the wrong number of values; found: “4”; "
     "expected: 3 values on the line, separated by commas, numbers with a decimal point.")),
    (GOOD.replace("75056,0.4,0.6\n", ""), {}, ("Colonne insee : un identifiant manque ; "
     "attendu : une ligne pour l’identifiant 75056."),
     "Column insee: an id is missing; expected: a row for the id 75056."),
    (GOOD + "99999,0,0\n", {}, ("Ligne 6, colonne insee : l’identifiant est inconnu ; trouvé : « 99999 » ; "
     "attendu : un identifiant du fichier sample_submission.csv, écrit à l’identique."),
     ("Line 6, column insee: the id is unknown; found: “99999”; "
     "expected: an id of sample_submission.csv, written exactly as there.")),
    (GOOD.replace("01004", "1004"), {}, ("Ligne 2, colonne insee : l’identifiant est inconnu ; trouvé : « 1004 » ; "
     "attendu : l’identifiant 01004 : ses zéros de tête se sont perdus, lisez cette colonne comme du texte."),
     ("Line 2, column insee: the id is unknown; found: “1004”; "
     "expected: the id 01004: its leading zeros were lost, read this column as text.")),
    (GOOD.replace("75056", "75056.0"), {}, ("Ligne 5, colonne insee : l’identifiant est inconnu ; trouvé : « 75056.0 » ; "
     "attendu : l’identifiant 75056, écrit comme dans sample_submission.csv."),
     ("Line 5, column insee: the id is unknown; found: “75056.0”; "
     "expected: the id 75056, written as in sample_submission.csv.")),
    (GOOD + "2A004,0,0\n", {}, ("Ligne 6, colonne insee : l’identifiant figure plusieurs fois ; trouvé : « 2A004 » ; "
     "attendu : chaque identifiant une seule fois (déjà à la ligne 4)."),
     "Line 6, column insee: the id appears more than once; found: “2A004”; expected: each id once (already on line 4)."),
    (GOOD.replace("0.3", "N/A"), {}, "Ligne 4, colonne p : une valeur manque ; trouvé : « N/A » ; attendu : un nombre.",
     "Line 4, column p: a value is missing; found: “N/A”; expected: a number."),
    (GOOD.replace("0.3", '"0,3"'), {}, ("Ligne 4, colonne p : la valeur n’est pas du bon type ; trouvé : « 0,3 » ; "
     "attendu : un nombre avec un point décimal, par exemple 0.82."),
     ("Line 4, column p: the value has the wrong type; found: “0,3”; "
     "expected: a number with a decimal point, for example 0.82.")),
    (GOOD.replace("0.3", "30 %"), {}, ("Ligne 4, colonne p : la valeur n’est pas du bon type ; trouvé : « 30 % » ; "
     "attendu : un nombre sans signe %, par exemple 0.82."),
     ("Line 4, column p: the value has the wrong type; found: “30 %”; "
     "expected: a number without the % sign, for example 0.82.")),
    (GOOD.replace("0.3", "1\u202f234.5"), {}, ("Ligne 4, colonne p : la valeur n’est pas du bon type ; "
     "trouvé : « 1\\u202f234.5 » ; attendu : un nombre sans séparateur de milliers, par exemple 1234.5."),
     ("Line 4, column p: the value has the wrong type; found: “1\\u202f234.5”; "
     "expected: a number without thousands separators, for example 1234.5.")),
    (GOOD.replace("0.3", "1e999"), {}, ("Ligne 4, colonne p : la valeur n’est pas un nombre fini ; trouvé : « 1e999 » ; "
     "attendu : un nombre fini."),
     "Line 4, column p: the value is not a finite number; found: “1e999”; expected: a finite number."),
    (GOOD.replace("0.3", "1.5"), {}, ("Ligne 4, colonne p : la valeur sort des limites ; trouvé : « 1.5 » ; "
     "attendu : un nombre de 0 à 1."),
     "Line 4, column p: the value is out of range; found: “1.5”; expected: a number from 0 to 1."),
    (GOOD.replace("0.3", "0.4"), {"row_sum": 1.0}, ("Ligne 4 : la somme de la ligne n’est pas la bonne ; "
     "trouvé : « 1.1 » ; attendu : une somme de 1."),
     "Line 4: the row does not add up; found: “1.1”; expected: a sum of 1."),
]  # fmt: skip


def _french(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(("text", "changes", "french", "english"), CASES)
def test_refusal_says_place_found_and_expected(
    text: str | bytes, changes: dict[str, Any], french: str, english: str
) -> None:
    first = refused(text, **changes)[0]
    assert _french(explain.sentence(first, "fr")) == _french(french)
    assert explain.sentence(first, "en") == english


def test_every_code_of_the_table_reading_has_a_case() -> None:
    told = {refused(text, **changes)[0].code for text, changes, _french, _english in CASES}
    # Archives are refused as not_csv here, "format" is what a custom parse says, the others are of programs.
    assert told == set(CODES) - {"archive_unsafe", "format", "program_error", "program_limit"}


@pytest.mark.parametrize("text", [
    GOOD.removesuffix("\n"),
    GOOD + "\r\n\r\n\n",
    "\ufeff" + GOOD.replace("\n", "\r\n"),
    "q,insee,p\n0.9,01004,0.1\n0.8,01005,0.2\n0.7,2A004,0.3\n0.6,75056,0.4\n",
    GOOD.replace("0.1", '"0.1"').replace("75056", '"75056"'),
    GOOD.replace("0.1", " 1E-1 "),
])  # fmt: skip
def test_harmless_differences_are_read(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize(("given", "key", "meant"), [
    ("1004", "id_zeros", "01004"), ("1004.0", "id_zeros", "01004"), ("1.004e3", "id_zeros", "01004"),
    ("001004", "id_written", "01004"), (" 01004", "id_written", "01004"), ("2a004", "id_written", "2A004"),
    ("7.5056E+04", "id_written", "75056"), ("75057", "known_id", None), ("", "known_id", None),
])  # fmt: skip
def test_id_that_a_spreadsheet_rewrote_is_recognised(given: str, key: str, meant: str | None) -> None:
    problem = refused(GOOD.replace("01004", given) if meant != "75056" else GOOD.replace("75056", given))[0]
    assert (problem.code, problem.expected, problem.params.get("id")) == ("id_unknown", key, meant)


def test_line_of_a_quoted_value_with_a_line_break_is_where_it_starts() -> None:
    found = refused('insee,p,q\n01004,"0.1\n",0.9\n01005,x,0.8\n"2A\n004",0.3,0.7\n75056,0.4,nan\n')
    assert [(p.code, p.line, p.column) for p in found] == [
        ("value_type", 4, "p"), ("id_unknown", 5, "insee"), ("value_not_finite", 7, "q"),
        ("id_missing", None, "insee"),
    ]  # fmt: skip


def test_problems_beyond_the_list_are_counted_by_kind() -> None:
    found = refused(GOOD + "zz,2,2\n" * 15 + "01004,0.1,0.9\n" * 8 + "yy,0,0\n" * 7)
    assert len(found) == 20
    more = {p.code: p.params["more"] for p in found if "more" in p.params}
    assert more == {"id_unknown": 7, "id_duplicate": 3}
    last = found[-1]
    assert explain.further(last, "fr") == "et 3 de plus de cette sorte"
    assert explain.sentence(last, "en").endswith("and 3 more of this kind.")


def test_counting_stops_before_a_hopeless_file_costs_much() -> None:
    found = refused(GOOD + "zz,0,0\n" * 14_000)
    assert found[-1].params["more"] == 10_000
    assert "at least 10000" in explain.further(found[-1], "en")


@pytest.mark.parametrize(("given", "key"), [
    ("\u22120.3", "plain_digits"), ("\uff10.\uff13", "plain_digits"), ("\u0660.\u0663", "plain_digits"), ("\u0663", "plain_digits"), ("0.3\u200b", "plain_digits"),
    ("\u202e0.3", "plain_digits"), ("TRUE", "no_boolean"), ("vrai", "no_boolean"), ("\u221e", "number"), ("\U0001f600", "number"),
    ("1.#INF", "number"), ("0x1p-2", "number"), ("\u00bd", "number"), ("\u00b2", "plain_digits"),
])  # fmt: skip
def test_number_that_only_looks_like_one_says_what_to_write(given: str, key: str) -> None:
    problem = refused(GOOD.replace("0.3", given))[0]
    assert (problem.code, problem.line, problem.column, problem.expected) == ("value_type", 4, "p", key)
    assert explain.sentence(problem, "fr") != explain.sentence(problem, "en")
