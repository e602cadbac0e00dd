"""What boards call the reader's team."""

from datathon.leaderboard.veil import line_of
from datathon.web.guards import scope, the_edition
from datathon.web.house import now, read_db


def own_line() -> str | None:
    """Return what addresses and files of boards call the reader's team now, None where it is on none."""
    own = scope().own_team
    if own is None:
        return None
    with read_db() as db:
        return line_of(db, the_edition(), scope().windows, own.id, now=now())
