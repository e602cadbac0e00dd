"""What a team may be called and how many it may be. Pure."""

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from datathon.editions.rules import PhaseKind, PhaseState, TeamRules, Window
from datathon.kernel.errors import Conflict, Invalid
from datathon.kernel.ids import slug

NAME_LENGTH = 80
RESERVED = frozenset({"declare"})
"""Keys that stand in addresses where a team's key could: a team of this name gets another one."""
CLOSED_REGISTRATION = "Registration is not open: teams can no longer be formed or changed."


def clean_name(raw: str) -> str:
    """Return a team's name as it is kept: composed characters, single spaces, 2 to 80 characters, at least one letter or digit.

    Raises Invalid(field="name").
    """
    name = clean_line(raw)
    if len(name) < 2 or not any(c.isalnum() for c in name):
        raise Invalid("Give the team a name of at least two characters.", field="name")
    if len(name) > NAME_LENGTH:
        raise Invalid("A team's name has at most %(limit)s characters.", field="name", limit=NAME_LENGTH)
    return name


def name_key(name: str) -> str:
    """Return the key two names share when they differ by case, accents or punctuation only.

    A name without any Latin letter or digit keeps a key of its own: a digest of its case-folded text. A reserved one
    gets a suffix.
    """
    plain = slug(name)
    if plain in RESERVED:
        return f"{plain}-team"
    if plain != "x" or name.casefold() == "x":
        return plain
    return f"x-{hashlib.sha256(name.casefold().encode()).hexdigest()[:10]}"


def clean_line(raw: str) -> str:
    """Return ``raw`` on one line: composed characters (NFC), no control character, single spaces, none at the ends."""
    composed = unicodedata.normalize("NFC", raw)
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in composed).split())


def check_registration(windows: Sequence[Window]) -> None:
    """Raise Conflict unless a registration phase is open."""
    if not any(w.phase.kind is PhaseKind.REGISTRATION and w.state is PhaseState.OPEN for w in windows):
        raise Conflict(CLOSED_REGISTRATION)


def check_room(size: int, rules: TeamRules) -> None:
    """Raise Conflict when a team of ``size`` members cannot take one more."""
    if size >= rules.max_size:
        raise Conflict("This team is full: %(limit)s members at most.", limit=rules.max_size)


def may_change(windows: Sequence[Window]) -> bool:
    """Whether people may still leave a team: until every phase in which teams work has closed."""
    working = {PhaseKind.REGISTRATION, PhaseKind.SUBMISSIONS, PhaseKind.PROTOTYPES}
    return any(w.phase.kind in working and w.state is not PhaseState.CLOSED for w in windows)


def successor(joined: Sequence[tuple[datetime, UUID]]) -> UUID | None:
    """Return who becomes captain among the members that stay, given as (joined_at, person): the longest there, or nobody.

    Two who joined at the same instant are told apart by their identifier, so that the answer never depends on the order.
    """
    return min(joined)[1] if joined else None
