"""Participant, juror and organiser do their work by the keyboard alone, without scripts and with them."""

import pytest
from browsing import CHROMIUM, REPOSITORY, journey
from keyboard import walk_by_keyboard


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)")
@pytest.mark.timeout(600)
def test_everybody_gets_there_by_keyboard(demonstration: list[str]) -> None:
    address = demonstration[-1].removeprefix("ready ")
    with journey(address, demonstration, REPOSITORY / "test-output" / "screenshots") as here:
        walk_by_keyboard(here)
