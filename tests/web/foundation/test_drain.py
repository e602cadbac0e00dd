from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient


class Counting(BytesIO):
    """A body that tells how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.taken += len(piece)
        return piece


def test_drain_reads_a_body_that_is_too_large_before_refusing_it(app: Flask, client: FlaskClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    body = Counting(b"x" * 200_000)
    answer = client.post(
        "/account/sign-in", input_stream=body, content_length=200_000, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert body.taken == 200_000
