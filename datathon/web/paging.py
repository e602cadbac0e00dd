"""Long lists, a page at a time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Item]):
    """One page of a list: its items, its number from 1, and how many pages there are (one at least)."""

    items: tuple[Item, ...]
    page: int
    pages: int


def leaf(items: Sequence[Item], number: int, *, per_page: int) -> Leaf[Item]:
    """Return page ``number`` of a list, the nearest one there is."""
    pages = max(1, -(-len(items) // per_page))
    page = min(max(number, 1), pages)
    return Leaf(tuple(items[(page - 1) * per_page : page * per_page]), page, pages)
