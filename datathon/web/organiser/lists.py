"""Lists that grow with an edition: what of them a page shows, and in which order. Pure."""

from datathon.jury.queries import JurorRow, Matrix
from datathon.kernel.alphabet import folded

GRID_TEAMS = 12
GRID_MEMBERS = 20
"""A jury no larger than this is drawn as a grid of members by teams; a larger one as a line a member."""

FIRST = 8
"""Lines of a list that the page of the day shows before it sends to the whole of it."""


def fits_grid(found: Matrix) -> bool:
    """Whether a jury can be read as a grid, one column a team."""
    return len(found.teams) <= GRID_TEAMS and len(found.jurors) <= GRID_MEMBERS


def behind(found: Matrix) -> tuple[JurorRow, ...]:
    """Return the members, the furthest behind first: the smallest part submitted, then the most left; those owing nothing last."""

    def key(row: JurorRow) -> tuple[bool, float, int, str]:
        return not row.owed, row.submitted / (row.owed or 1), row.submitted - row.owed, folded(row.name)

    return tuple(sorted(found.jurors, key=key))


def says(asked: str, *texts: str) -> bool:
    """Whether every word of ``asked`` stands in one of ``texts``, accents and capitals aside; nothing asked is in all."""
    whole = " ".join(folded(text) for text in texts)
    return all(word in whole for word in folded(asked).split())
