from dataclasses import replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest

from datathon.editions.catalogue import load_edition
from datathon.editions.rules import Edition, TeamRules, Window
from datathon.editions.windows import windows

FOLDER = Path(__file__).parents[2] / "challenges" / "2025"


@cache
def _edition() -> Edition:
    return replace(load_edition(FOLDER), teams=TeamRules(min_size=1, max_size=3))


@pytest.fixture
def edition() -> Edition:
    """Return the edition of 2025, with teams of one to three."""
    return _edition()


@pytest.fixture
def open_windows(edition: Edition, now: datetime) -> tuple[Window, ...]:
    """Return the windows of 20 November 2025: registration, submissions and prototypes are open."""
    return windows(edition, starts=date(2025, 11, 5), overrides={}, now=now)


@pytest.fixture
def closed_windows(edition: Edition) -> tuple[Window, ...]:
    """Return the windows long after the end."""
    after = datetime.fromisoformat("2026-01-10T12:00:00+01:00")
    return windows(edition, starts=date(2025, 11, 5), overrides={}, now=after)
