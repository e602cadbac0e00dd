"""Participant, juror, organiser and visitor walk through a running demonstration in a real Chromium."""

import pytest
from browsing import CHROMIUM, REPOSITORY, journey, walk


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)")
@pytest.mark.timeout(600)
def test_everybody_walks_their_journey(demonstration: list[str]) -> None:
    address = demonstration[-1].removeprefix("ready ")
    with journey(address, demonstration, REPOSITORY / "test-output" / "screenshots") as here:
        walk(here)
