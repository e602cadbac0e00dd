"""The room that a stored picture takes in a page, so that nothing moves when it comes."""

from datathon.kernel.errors import NotFound
from datathon.web.house import house
from datathon.web.picture_size import ENOUGH, fitted, size_of

HIGHEST = 640
"""Pixels that a picture may be high in a page."""


def room_for(digest: str) -> tuple[int, int] | None:
    """Return width and height in pixels for the stored file ``digest``, None where it does not say how large it is."""
    try:
        with house().files.open(digest) as opened:
            size = size_of(opened.read(ENOUGH))
    except NotFound:
        return None
    return None if size is None else fitted(size, height=HIGHEST)
