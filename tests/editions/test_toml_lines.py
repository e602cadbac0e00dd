"""Lines of keys in TOML texts that are not simple."""

from datathon.editions.toml_lines import key_lines

TEXT = '''\
# a comment with [brackets] and = signs
title = "a # b"
[edition]
note = """
[not.a.table]
key = 1
"""
literal = \'\'\'
x = "
\'\'\'
a.b = 1
"quoted key" = [
  { name = "x, ]", min = 0 },   # comment, with comma
  { name = 'y' },
]
[[phases]]
id = "one"
opens = { day = 0, at = "09:00" }
[[phases]]
id = "two"
[phases.more]
deep = true
'''


def test_key_lines_of_tables_strings_and_arrays() -> None:
    lines = key_lines(TEXT)

    assert {path: lines[path] for path in lines if path[-1] in {"title", "literal", "b", "min", "day", "deep"}} == {
        ("title",): 2,
        ("edition", "literal"): 8,
        ("edition", "a", "b"): 11,
        ("edition", "quoted key", 0, "min"): 13,
        ("phases", 0, "opens", "day"): 18,
        ("phases", 1, "more", "deep"): 22,
    }


def test_key_lines_of_array_items() -> None:
    lines = key_lines(TEXT)

    assert [lines["edition", "quoted key", 1], lines["phases", 0], lines["phases", 1, "id"]] == [14, 16, 20]


def test_key_lines_ignore_what_stands_in_a_string() -> None:
    assert not [path for path in key_lines(TEXT) if "not" in path or "x" in path]
