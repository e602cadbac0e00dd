"""One scorer service for all tests of this room that need one."""

from collections.abc import Iterator

import pytest

from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.private import private_scorer


@pytest.fixture(scope="session")
def scorer() -> Iterator[ScorerClient]:
    """A warm scorer service with both library sets."""
    with private_scorer() as client:
        yield client
