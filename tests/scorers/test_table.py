"""Reading prediction files: what is accepted, what is refused and how that is said."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datathon.scoring import explain, outcome
from scorers import CODES, diagnosis, table

IDS = ["a", "b", "c", "é 1"]
RAW_IDS = "\n".join(IDS).encode()
GOOD = "id,p\na,0.1\nb,0.2\nc,0.3\né 1,0.4\n".encode()
VALUES = [0.1, 0.2, 0.3, 0.4]


def form(**changes: Any) -> dict[str, Any]:
    column = {"name": "p", "type": "number", "min": 0.0, "max": 1.0, "values": []}
    return {"id": "id", "columns": [column], "rows": 4, "max_bytes": 100_000, "row_sum": None, **changes}


def problems(raw: bytes, **changes: Any) -> list[dict[str, Any]]:
    columns, found = table.read(raw, form(**changes), RAW_IDS)
    assert (columns is None) == bool(found)
    told = outcome.read_parse(_reply(found), rows=4, columns=["id", "p", "q"]) if found else ()
    for problem in told:
        assert explain.sentence(problem, "fr")
        assert explain.sentence(problem, "en")
        assert explain.expected(problem, "fr") or not problem.expected
    return found


def _reply(found: list[dict[str, Any]]) -> bytes:
    import json

    return json.dumps({"problems": found}).encode()


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\r\n"])
def test_plain_file_is_read_quickly(end: bytes) -> None:
    columns = table.quick(GOOD + end, form(), RAW_IDS)
    assert columns is not None
    assert columns[0].tolist() == VALUES


@pytest.mark.parametrize("raw", [
    GOOD.removesuffix(b"\n"),
    b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"),
    GOOD.replace(b"\n", b"\r"),
    "id,p\né 1,0.4\nc,0.3\nb,.2\na,1e-1\n".encode(),
    "p,id\n0.1,a\n0.2,b\n+0.3,c\n0.4,é 1\n".encode(),
    '"id","p"\n"a","0.1"\n\nb, 0.2 \n\nc,0.3\n"é 1",0.4\n\n'.encode(),
    '"id","p"\r\n"a",0.1\r\n"b",0.2\r\n"c",0.3\r\n"é 1",0.4\r\n'.encode(),  # R on Windows
    "id, p\na, 0.1\nb, 0.2\nc, 0.3\né 1, 0.4\n".encode(),
    GOOD.replace(b"\n", b"\r\r\n"),  # Python on Windows without newline=""
])  # fmt: skip
def test_valid_file_in_other_clothes_gives_the_same_values(raw: bytes) -> None:
    columns, found = table.read(raw, form(), RAW_IDS)
    assert table.quick(raw, form(), RAW_IDS) is not None
    assert found == []
    assert columns is not None
    assert columns[0].tolist() == VALUES


@pytest.mark.parametrize(("raw", "code", "line", "column", "shown"), [
    (b"", "empty", None, None, None),
    (b"\xef\xbb\xbf \r\n", "empty", None, None, None),
    (b"id,p\n", "empty", None, None, None),
    (b'""\n\n""', "empty", None, None, None),
    (b"x" * 100_001, "too_large", None, None, "100001"),
    (GOOD.decode().encode("utf-16"), "encoding", 1, None, "UTF-16"),
    (GOOD.decode().encode("utf-16-le"), "encoding", 1, None, "UTF-16"),
    (b"id,p\na,0.1\nb,\xe90\n", "encoding", 3, None, "0xe9"),
    (b"id,p\na,0.1\nb\0,0.2\n", "not_csv", 3, None, "NUL"),
    (b"\x1f\x8b\x08\0\0\0\0\0", "not_csv", None, None, "gzip"),
    (b"PK\x03\x04rest", "not_csv", None, None, "zip"),
    (b"PAR1rest", "not_csv", None, None, "parquet"),
    (b"id;p\na;0.1\n", "not_csv", 1, None, "id;p"),
    (b"id\tp\na\t0.1\n", "not_csv", 1, None, "id\\tp"),
    (b'id,p\na,"0.1\nb,0.2\n', "not_csv", 2, None, None),
    (b"id,p\na,0.1\nb," + b"1" * 20_000 + b"\n", "not_csv", 3, None, None),
    (b"id\na\n", "header_missing", 1, "p", None),
    (b"id,p,q\na,0.1,1\n", "header_unknown", 1, None, "q"),
    (b"id,p,p\na,0.1,1\n", "header_duplicate", 1, "p", "p"),
    (b"a,0.1\nb,0.2\n", "header_missing", 1, None, "a,0.1"),
    (GOOD + b"a,0.1,7\n", "row_width", 6, None, "3"),
    (GOOD + b"zz,0.1\n", "id_unknown", 6, "id", "zz"),
    (GOOD + b"a,0.1\n", "id_duplicate", 6, "id", "a"),
    (GOOD.replace(b"c,0.3\n", b""), "id_missing", None, "id", None),
    (GOOD.replace(b"0.3", b""), "value_missing", 4, "p", ""),
    (GOOD.replace(b"0.3", b"NA"), "value_missing", 4, "p", "NA"),
    (GOOD.replace(b"0.3", b"high"), "value_type", 4, "p", "high"),
    (GOOD.replace(b"0.3", b"1_0"), "value_type", 4, "p", "1_0"),
    (GOOD.replace(b"0.3", b"0x1"), "value_type", 4, "p", "0x1"),
    (GOOD.replace(b"0.3", b'"0,82"'), "value_type", 4, "p", "0,82"),
    (GOOD.replace(b"0.3", b"0,82"), "value_type", 4, "p", "0,82"),
    (GOOD.replace(b"0.3", b"nan"), "value_not_finite", 4, "p", "nan"),
    (GOOD.replace(b"0.3", b"-Infinity"), "value_not_finite", 4, "p", "-Infinity"),
    (GOOD.replace(b"0.3", b"1e999"), "value_not_finite", 4, "p", "1e999"),
    (GOOD.replace(b"0.3", b"1.5"), "value_range", 4, "p", "1.5"),
    (GOOD.replace(b"0.3", "\u202e\x1b[31m".encode()), "value_type", 4, "p", "\\u202e\\x1b[31m"),
])  # fmt: skip
def test_bad_file_is_refused_with_code_line_column_and_found(
    raw: bytes, code: str, line: int | None, column: str | None, shown: str | None
) -> None:
    first = problems(raw)[0]
    assert (first["code"], first["line"], first["column"], first["found"]) == (code, line, column, shown)


def test_decimal_comma_is_told_to_be_a_point() -> None:
    first = problems(GOOD.replace(b"0.3", b"0,82"))[0]
    assert "0.82" in explain.expected(outcome.read_parse(_reply([first]), rows=4, columns=["p"])[0], "fr")


def test_million_columns_are_refused_from_the_header() -> None:
    raw = b"id," + b",".join(b"c%d" % i for i in range(1_000_000)) + b"\na," + b"0," * 10 + b"\n"
    found = problems(raw, max_bytes=20_000_000)
    assert [(p["code"], p["line"], p["found"]) for p in found] == [("header_unknown", 1, "1000001")]


def test_lines_are_counted_as_an_editor_does() -> None:
    raw = b'id,p\n"a\nb",0.1\nc,x\n'
    assert [(p["code"], p["line"]) for p in problems(raw)][:2] == [("id_unknown", 2), ("value_type", 4)]


def test_reading_stops_at_twenty_problems() -> None:
    assert len(problems(b"id,p\n" + b"zz,1\n" * 50)) == 20


def test_shown_text_is_short() -> None:
    assert len(problems(GOOD + b"z" * 5000 + b",0.1\n")[0]["found"]) == 40


def test_every_kind_of_column_is_read_and_checked() -> None:
    columns = [
        {"name": "n", "type": "integer", "min": 0, "max": 10, "values": []},
        {"name": "k", "type": "category", "min": None, "max": None, "values": ["u", "v"]},
        {"name": "t", "type": "string", "min": None, "max": None, "values": []},
    ]
    raw = "id,n,k,t\na,1,u,x\nb,2.0,v,é\nc,3,u,z\né 1,4,v,w\n".encode()
    read, found = table.read(raw, form(columns=columns), RAW_IDS)
    assert found == []
    assert read is not None
    assert [c.tolist() for c in read] == [[1, 2, 3, 4], [0, 1, 0, 1], [b"x", "é".encode(), b"z", b"w"]]
    for bad, code in ((b"1.5", "value_type"), (b"11", "value_range"), (b"9007199254740993", "value_range")):
        _, found = table.read(raw.replace(b"a,1,", b"a," + bad + b","), form(columns=columns), RAW_IDS)
        assert found[0]["code"] == code
    _, found = table.read(raw.replace(b",u,", b",w,"), form(columns=columns), RAW_IDS)
    assert [p["code"] for p in found] == ["value_range", "value_range"]
    _, found = table.read(raw.replace(b"x", b"y" * 300), form(columns=columns), RAW_IDS)
    assert found[0]["code"] == "value_range"


def test_rows_that_do_not_add_up_are_refused() -> None:
    columns = [{"name": n, "type": "number", "min": 0, "max": 1, "values": []} for n in "pq"]
    raw = "id,p,q\na,0.1,0.9\nb,0.2,0.8\nc,0.3,0.8\né 1,1,0\n".encode()
    _, found = table.read(raw, form(columns=columns, row_sum=1.0), RAW_IDS)
    assert [(p["code"], p["line"]) for p in found] == [("row_sum", 4)]
    read, _ = table.read(raw.replace(b"0.3,0.8", b"0.3,0.7"), form(columns=columns, row_sum=1.0), RAW_IDS)
    assert read is not None


MIXED: dict[str, Any] = form(row_sum=None, columns=[
    {"name": "p", "type": "number", "min": None, "max": None, "values": []},
    {"name": "n", "type": "integer", "min": -10, "max": 3000, "values": []},
    {"name": "k", "type": "category", "values": ["0", "u", "é"]},
    {"name": "t", "type": "string", "values": [], "max_length": 12, "empty": True},
])  # fmt: skip
NUMBERS = ["0", "-0", "0.5", "1e-3", "1E+05", "1e400", "-1e-400", "nan", "NA", "", "٣", "1_0", "1,5", " 2", "2\t", "1 0", "TRUE",
           "1234567890123456789012", "0x1", "+.5", ".", "1.e1", "12%", "1\u202f234", "\u00a01"]  # fmt: skip
WHOLE = [
    "0",
    "-0",
    "7",
    "+7",
    "07",
    "3.0",
    "3.",
    "3.000",
    "3.5",
    "1e2",
    "9007199254740993",
    "-11",
    "3.0.0",
    ".0",
    "3 .0",
]
QUOTES = [lambda t: t, lambda t: f'"{t}"', lambda t: t if t[:1].isdigit() else f'"{t}"', lambda t: f' "{t}"']


@st.composite
def dressed(draw: st.DrawFn) -> bytes:
    """Draw a file that is nearly right, as some program may have written it, with a slip or two."""
    rows = [[name, draw(st.sampled_from(NUMBERS[:5])), draw(st.sampled_from(WHOLE[:8])),
             draw(st.sampled_from(["0", "u", "é"])), draw(st.sampled_from(["", "x", "a b", "été"]))]
            for name in draw(st.permutations(IDS))]  # fmt: skip
    for _ in range(draw(st.integers(0, 2))):
        row, at = draw(st.sampled_from(rows)), draw(st.integers(0, 4))
        row[at] = draw(
            st.sampled_from(
                [[*IDS, " a", "A", "\u0430"], NUMBERS, WHOLE, ["U", " u", "2"], ['x"y', "l\nm", "w" * 13]][at]
            )
        )
    order = draw(st.permutations(range(5)))
    header = ["id", "p", "n", "k", "t"]
    quote, end = draw(st.sampled_from(QUOTES)), draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\r\n"]))
    comma = draw(st.sampled_from([",", ",", ",", ", ", ";"]))
    text = end.join(comma.join(quote(row[at]) for at in order) for row in [header, *rows])
    return (
        draw(st.sampled_from(["", "\ufeff", "\n"])).encode() + text.encode() + draw(st.sampled_from(["", end])).encode()
    )


@st.composite
def mutated(draw: st.DrawFn, base: st.SearchStrategy[bytes]) -> bytes:
    raw = bytearray(draw(base))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(raw)))
        piece = draw(st.sampled_from([b"", b",", b"\n", b"\r\n", b'"', b'""', b"\r", b"\0", b"e", b"-", b"9", b".", b"nan", b"\xff",
                                      "é".encode(), b" ", b";", b"a,0.1\n", b'\n""\n', b"\xef\xbb\xbf"]))  # fmt: skip
        raw[at : at + draw(st.integers(0, 3))] = piece
    return bytes(raw)


def _agree(raw: bytes, shape: dict[str, Any]) -> None:
    """Check that the quick reader says what the book says, or nothing; and that what is refused can be said."""
    quick = table.quick(raw, shape, RAW_IDS)
    slow, found = diagnosis.read(raw, shape, RAW_IDS)
    assert (slow is None) == bool(found)
    assert all(p["code"] in CODES for p in found)
    if found:
        outcome.read_parse(_reply(found), rows=4, columns=["id", *(c["name"] for c in shape["columns"])])
    if quick is not None:
        assert slow is not None
        assert [a.dtype for a in quick] == [b.dtype for b in slow]
        assert all(a.tolist() == b.tolist() for a, b in zip(quick, slow, strict=True))


PLAIN = st.sampled_from([GOOD, GOOD.replace(b"a,", b'"a",').replace(b"id,p", b'"id","p"')])


@given(mutated(PLAIN))
@settings(max_examples=200)
def test_mutated_file_is_read_or_refused_and_never_misread(raw: bytes) -> None:
    _agree(raw, form())


@given(st.one_of(dressed(), mutated(dressed())))
@settings(max_examples=200)
def test_file_of_any_program_is_read_alike_quickly_and_by_the_book(raw: bytes) -> None:
    _agree(raw, MIXED)


@pytest.mark.parametrize("quote", QUOTES[:3])
def test_quoted_file_of_every_type_is_read_quickly(quote: Any) -> None:
    rows = [["id", "p", "n", "k", "t"], ["a", "1e-3", "3.0", "u", ""], ["b", "2", "-7", "é", "x y"],
            ["c", "0", "0", "0", "été"], ["é 1", "-.5", "+2", "u", "z"]]  # fmt: skip
    raw = "".join(",".join(map(quote, row)) + "\r\n" for row in rows).encode()
    columns = table.quick(raw, MIXED, RAW_IDS)
    assert columns is not None
    assert [c.tolist() for c in columns] == [
        [0.001, 2, 0, -0.5], [3, -7, 0, 2], [1, 2, 0, 1], [b"", b"x y", "été".encode(), b"z"],
    ]  # fmt: skip


@given(st.lists(st.text("ab1é", min_size=1, max_size=9), min_size=1, max_size=30, unique=True), st.randoms())
def test_ids_in_any_order_are_aligned(ids: list[str], draw: Any) -> None:
    values = {name: i / len(ids) for i, name in enumerate(ids)}
    rows = list(values.items())
    draw.shuffle(rows)
    raw = ("id,p\n" + "".join(f"{name},{value!r}\n" for name, value in rows)).encode()
    columns = table.quick(raw, form(rows=len(ids)), "\n".join(ids).encode())
    assert columns is not None
    assert columns[0].tolist() == list(values.values())
    other = raw.replace(f"\n{ids[0]},".encode(), b"\nzz,", 1)
    assert table.quick(other, form(rows=len(ids)), "\n".join(ids).encode()) is None
