import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datathon.web.colours import ENOUGH, PAPER, contrast, in_the_dark, readable, style_sheet

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_contrast_of_a_colour_with_itself_is_one() -> None:
    assert contrast("#0b3d4a", "#0b3d4a") == pytest.approx(1)


def test_readable_keeps_what_reads_well() -> None:
    assert readable("#0b3d4a") == "#0b3d4a"


@given(HEX)
def test_readable_is_readable_on_paper(colour: str) -> None:
    assert contrast(readable(colour), PAPER) >= ENOUGH


@given(HEX, HEX)
def test_both_colours_are_readable_in_the_dark_scheme(ink: str, accent: str) -> None:
    sheet = style_sheet(ink, accent)
    paper, *mixed = in_the_dark(readable(ink), readable(accent))
    corrected = re.search(r"--ink: (#\w+); --accent: (#\w+); } }", sheet)
    for colour in corrected.groups() if corrected else mixed:
        assert contrast(colour, paper) >= ENOUGH


@pytest.mark.parametrize("colour", ["red", "#0B3D4A", "#0b3d4", "#0b3d4a;}"])
def test_readable_refuses_what_is_no_colour(colour: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        readable(colour)


def test_style_sheet_sets_both_colours() -> None:
    assert style_sheet("#2f4a1f", "#a3341b") == ":root { --edition-ink: #2f4a1f; --edition-accent: #a3341b; }\n"
