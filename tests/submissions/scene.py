"""A team and the edition it works in, as the acts of this room need them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from datathon.editions.catalogue import load_edition
from datathon.editions.rules import Challenge, Edition, Quota, TeamRules, Window
from datathon.editions.windows import windows
from datathon.store.files import Stored

FOLDER = Path(__file__).parents[2] / "challenges" / "2025"


@cache
def edition_2025() -> Edition:
    loaded = load_edition(FOLDER)
    changed = tuple(
        replace(c, quota=Quota(per_day=5, total=60), final_selections=2) if c.takes_predictions else c
        for c in loaded.challenges
    )
    return replace(loaded, teams=TeamRules(min_size=1, max_size=3), challenges=changed)


@dataclass(frozen=True, slots=True)
class Scene:
    """A team of one person who accepted the rules, and what the acts need around them."""

    edition: Edition
    challenge: Challenge
    prototype: Challenge
    team_id: UUID
    person_id: UUID
    now: datetime

    def windows(self, at: datetime | None = None) -> tuple[Window, ...]:
        """Return the edition's phases at ``at`` (default: now)."""
        return windows(self.edition, starts=date(2025, 11, 5), overrides={}, now=at or self.now)

    def stored(self, content: str = "a", size: int = 100) -> Stored:
        """Return what the store would say of a file; its digest is made of ``content``."""
        return Stored(digest=content[0] * 64, size=size)
