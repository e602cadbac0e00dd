"""A demonstration for each journey: the one that was filled for all, copied and started."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from demonstration import Seeded
from demonstration import demonstration as started_on


@pytest.fixture
def demonstration(seeded: Seeded, tmp_path: Path) -> Iterator[list[str]]:
    """What the start of a demonstration of the test's own prints, ``ready`` last; it runs until the test ends."""
    with started_on(seeded.copy(tmp_path / "demo")) as started:
        yield started.printed
