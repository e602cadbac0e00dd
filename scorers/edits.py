"""How far apart two sequences are: edits, and the longest common subsequence; all their cells of one row at once.

A row of the table is kept as the bits of one whole number, as Myers (1999) and Hyyrö (2003, 2004) describe: one step
per item of the shorter sequence, whatever the length of the other.
"""

from collections.abc import Hashable, Sequence


def distance(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the least number of items inserted, removed or replaced that turns ``one`` into ``other`` (Levenshtein)."""
    if one == other:
        return 0
    one, other = _apart(one, other)
    if not one or not other:
        return max(len(one), len(other))
    short, long = sorted((one, other), key=len)
    where = _where(long)
    size = len(long)
    every, last = (1 << size) - 1, 1 << (size - 1)
    up, down, found = every, 0, size  # where the table grows or falls by one from each cell to the one below
    for item in short:
        same = where.get(item, 0)
        diagonal = (((same & up) + up) ^ up) | same | down
        right, left = down | (every & ~(diagonal | up)), up & diagonal
        if right & last:
            found += 1
        elif left & last:
            found -= 1
        right = (right << 1) | 1
        up, down = ((left << 1) | ~(diagonal | right)) & every, right & diagonal & every
    return found


def common(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence: items in the same order, gaps allowed."""
    short, long = sorted((one, other), key=len)
    if not short:
        return 0
    where = _where(long)
    every = row = (1 << len(long)) - 1
    for item in short:
        kept = row & where.get(item, 0)
        row = ((row + kept) | (row - kept)) & every
    return len(long) - row.bit_count()


def _apart(one: Sequence[Hashable], other: Sequence[Hashable]) -> tuple[Sequence[Hashable], Sequence[Hashable]]:
    """Return both without what they begin and end with alike: it changes no distance."""
    most = min(len(one), len(other))
    start = next((i for i in range(most) if one[i] != other[i]), most)
    end = next((i for i in range(most - start) if one[-1 - i] != other[-1 - i]), most - start)
    return one[start : len(one) - end], other[start : len(other) - end]


def _where(items: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return for each item the places where it stands, as bits."""
    found: dict[Hashable, int] = {}
    for i, item in enumerate(items):
        found[item] = found.get(item, 0) | 1 << i
    return found
