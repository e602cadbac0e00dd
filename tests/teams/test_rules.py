from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from datathon.kernel.errors import Invalid
from datathon.teams.rules import clean_line, clean_name, name_key, successor

AT = datetime(2025, 11, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Marée   haute ", "Marée haute"),
        ("Mare\u0301e", "Marée"),
        ("a\x00b\u202ec", "a b c"),
        ("R2", "R2"),
    ],
)
def test_clean_name_keeps_what_is_readable(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", " ", "x", "--", "\u200b\u200b", "n" * 81])
def test_clean_name_refuses_what_cannot_be_called(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_name(typed)
    assert refusal.value.field == "name"


def test_clean_line_keeps_an_empty_line_empty() -> None:
    assert clean_line(" \n ") == ""


def test_name_key_is_shared_by_names_that_look_alike() -> None:
    assert name_key("Marée haute") == name_key("maree-HAUTE !") == "maree-haute"


def test_name_key_of_names_without_latin_letters_differ() -> None:
    assert name_key("満潮") != name_key("干潮")
    assert name_key("満潮").startswith("x-")


def test_successor_is_who_came_first() -> None:
    first, second = UUID(int=9), UUID(int=1)
    assert successor([(AT + timedelta(seconds=1), second), (AT, first)]) == first
    assert successor([(AT, first), (AT, second)]) == second
    assert successor([]) is None
