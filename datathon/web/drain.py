"""Let senders of too large a body hear the answer: what they send is read and thrown away, up to a bound.

Answering at once and closing the connection resets it under many clients, which then show a network error in place of
the sentence that says what the limit is.
"""

from time import monotonic

from flask import Flask, request

CHUNK_BYTES = 1 << 16
MOST_BYTES = 256_000_000
MOST_SECONDS = 20.0


def init(app: Flask) -> None:
    """Read the rest of a body that is over the application's limit before anything refuses it."""

    @app.before_request
    def drain() -> None:
        limit, announced = app.config["MAX_CONTENT_LENGTH"], request.content_length
        if limit is None or announced is None or announced <= limit:
            return
        left, until = min(announced, MOST_BYTES), monotonic() + MOST_SECONDS
        stream = request.environ["wsgi.input"]
        while left > 0 and monotonic() < until:
            piece = stream.read(min(CHUNK_BYTES, left))
            if not piece:
                return
            left -= len(piece)
