"""How many strangers a second can look at the board, beside a Flask route that says one word, in the same server."""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from datathon.bench.pages import fill
from datathon.config import Settings
from datathon.demo.places import challenges_dir
from datathon.store.db import make_engine
from datathon.store.migrate import upgrade

NAMES = ("board-crowd", "board-crowd-304", "board-p99")
CONNECTIONS = 4
ROUND_S, ROUNDS = 2.0, 5
PACE, PACED_S = 200, 10.0
START_S = 60.0

_PROGRAM = """\
import sys
from pathlib import Path
from flask import Flask
from datathon.config import Settings
from datathon.web.app import create_app
from datathon.web.serve import Server, options

folder, challenges, port = sys.argv[1], sys.argv[2], int(sys.argv[3])

def make():
    bare = Flask("floor")
    bare.add_url_rule("/floor", view_func=lambda: "constant")
    whole = create_app(Settings(data_dir=Path(folder), challenges_dir=Path(challenges), secret_key="x" * 40))
    board = whole.wsgi_app
    whole.wsgi_app = lambda environ, start: (bare if environ["PATH_INFO"] == "/floor" else board)(environ, start)
    return whole

told = options(host="127.0.0.1", port=port, workers=1, threads=4) | {"max_requests": 0, "loglevel": "warning"}
Server(told, make).run()
"""


def run(round_s: float = ROUND_S, rounds: int = ROUNDS, paced_s: float = PACED_S) -> dict[str, Any]:
    """Return the time per request of the board beside that of a constant Flask route, in one gunicorn on loopback.

    ``board-crowd``: strangers on kept connections ask for the page of 25 teams, compressed, as fast as they are
    answered; ``board-crowd-304``: they have it already. Rounds in turns with the floor, the best counts; ``per_s`` are
    requests a second, so that a ratio of 2 is half the floor's. ``board-p99``: the 99th percentile of the wait when 200
    requests a second come at an even pace, beside the floor's at the same pace.
    """
    with _server() as (port, path):
        etag = _etag(port, path)
        asked = {
            "floor": _request("/floor"),
            "board-crowd": _request(path),
            "board-crowd-304": _request(path, f'If-None-Match: "{etag}"\r\n'),
        }
        best = dict.fromkeys(asked, 0.0)
        for _ in range(rounds):
            for name, request in asked.items():
                best[name] = max(best[name], _rate(port, request, round_s))
        waits = {name: _p99(port, asked[name], paced_s) for name in ("floor", "board-crowd")}
    floor = best.pop("floor")
    rows: dict[str, Any] = {
        name: {"ratio": round(floor / rate, 2), "aim": 2.0, "best_ms": round(1000 / rate, 3),
               "floor_ms": round(1000 / floor, 3), "rounds": rounds, "per_s": round(rate), "floor_per_s": round(floor)}
        for name, rate in best.items()
    }  # fmt: skip
    rows["board-p99"] = {
        "ratio": round(waits["board-crowd"] / waits["floor"], 2), "aim": None,
        "best_ms": round(waits["board-crowd"] * 1000, 2), "floor_ms": round(waits["floor"] * 1000, 2),
        "rounds": int(PACE * paced_s),
    }  # fmt: skip
    return rows


@contextmanager
def _server() -> Iterator[tuple[int, str]]:
    """Serve a board of 25 teams on a free port; yield the port and the board's path."""
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        challenges = challenges_dir(Path("challenges"))
        settings = replace(Settings(), data_dir=Path(folder), challenges_dir=challenges, secret_key="x" * 40)
        engine = make_engine(settings.sqlalchemy_url)
        upgrade(engine)
        path = fill(settings)
        engine.dispose()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        command = [sys.executable, "-c", _PROGRAM, folder, str(challenges), str(port)]
        process = subprocess.Popen(command)  # noqa: S603 - our own program
        try:
            _wait(port)
            yield port, path
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            with _Caller(port) as caller:
                caller.ask(_request("/floor"))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _request(path: str, further: str = "") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nAccept-Language: fr\r\n{further}\r\n"
    ).encode()


def _etag(port: int, path: str) -> str:
    with _Caller(port) as caller:
        status, head = caller.ask(_request(path))
        if status != 200 or b"content-encoding: gzip" not in head.lower():
            raise RuntimeError(f"{path} answered {status}")
        etag = head.lower().partition(b"\r\netag: ")[2].partition(b"\r\n")[0].decode()
        found = etag.removeprefix("w/").strip('"')
        if caller.ask(_request(path, f'If-None-Match: "{found}"\r\n'))[0] != 304:
            raise RuntimeError(f"{path} does not know its own ETag")
        return found


class _Caller:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read the whole answer; return its status and head."""
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0]
        left = int(length or b"0") - len(body)
        while status != 304 and left > 0:
            left -= len(self._more())
        return status, head

    def _more(self) -> bytes:
        piece = self._socket.recv(1 << 16)
        if not piece:
            raise ConnectionError("the server closed a kept connection")
        return piece


def _rate(port: int, request: bytes, seconds: float) -> float:
    """Return how many answers a second all connections got together."""
    counts = [0] * CONNECTIONS
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        with _Caller(port) as caller:
            while time.perf_counter() < until:
                caller.ask(request)
                counts[number] += 1

    started = time.perf_counter()
    _together(work)
    return sum(counts) / (time.perf_counter() - started)


def _p99(port: int, request: bytes, seconds: float) -> float:
    """Return the wait in seconds that 99 of 100 requests do not exceed; each is counted from when it was due."""
    waits: list[float] = []
    started = time.perf_counter() + 0.1

    def work(number: int) -> None:
        with _Caller(port) as caller:
            for turn in range(number, int(PACE * seconds), CONNECTIONS):
                due = started + turn / PACE
                time.sleep(max(0.0, due - time.perf_counter()))
                caller.ask(request)
                waits.append(time.perf_counter() - due)

    _together(work)
    return sorted(waits)[int(0.99 * len(waits))]


def _together(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
