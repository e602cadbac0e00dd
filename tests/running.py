"""The real services, started for a test on folders of its own and watched over as the demonstration does."""

import os
import re
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

from datathon.config import PREFIX, Settings
from datathon.demo.redis_choice import clear_socket, resolve_redis
from datathon.demo.supervise import Child, Service, Supervisor

PATIENCE_S = 50.0


@dataclass(slots=True)
class Running:
    """Services of one test; ``said`` is what the supervisor told about them."""

    settings: Settings
    supervisor: Supervisor
    said: list[str]
    logs: Path

    def start(self, name: str, *arguments: str) -> None:
        """Start one of our commands: worker, web."""
        command = (sys.executable, "-m", "datathon.cli", name, *arguments)
        self.supervisor.add(Service(name, command, environment(self.settings), self.logs / f"{name}.log"))

    def child(self, name: str) -> Child:
        """Return the child of that name."""
        return next(child for child in self.supervisor.children if child.service.name == name)

    def kill(self, name: str, number: int) -> None:
        """Send a signal to the service that runs now, if one does."""
        process = self.child(name).process
        if process is not None and process.poll() is None:
            process.send_signal(number)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for ``condition``, restarting what ended meanwhile."""
        wait_until(condition, self.supervisor.look)


def open_services(settings: Settings, run: Path, logs: Path) -> Running:
    """Start Valkey and the scorer service; ``run`` must be short, sockets lie there."""
    said: list[str] = []
    supervisor = Supervisor(said.append)
    socket_path = run / "valkey.sock"
    choice = resolve_redis("", data_dir=settings.data_dir / "valkey", socket_path=socket_path)
    valkey = Service("valkey", choice.command, {}, logs / "valkey.log", before=lambda: clear_socket(socket_path))
    supervisor.add(valkey)
    scorer_socket = run / "scorer.sock"
    command = (sys.executable, "-m", "datathon.scoring.sandbox.service", "--socket", str(scorer_socket))
    supervisor.add(Service("scorer", (*command, "--die-with-parent"), {}, logs / "scorer.log"))
    return Running(replace(settings, redis_url=choice.url, scorer_socket=scorer_socket), supervisor, said, logs)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that gives a child the same settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    for name in Settings.__slots__:
        value = getattr(settings, name)
        kept[PREFIX + name.upper()] = str(int(value)) if isinstance(value, bool) else str(value)
    return kept


def wait_until(condition: Callable[[], bool], look: Callable[[], None] = lambda: None) -> None:
    """Wait for ``condition`` to hold; the limit only keeps a broken test from hanging."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"it did not happen within {PATIENCE_S:g} seconds"
        look()
        time.sleep(0.05)


class Visitor:
    """A browser without pages: cookies, forms, uploads. One for each person and thread."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def fields(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the page's forms."""
        with self.opener.open(self.address + path, timeout=30) as answer:
            page = answer.read().decode()
        inputs = (dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input\b[^>]*>", page))
        return {one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden" and "name" in one}

    def sign_in(self, email: str, password: str) -> None:
        """Begin a session."""
        form = {**self.fields("/account/sign-in"), "email": email, "password": password}
        self._post("/account/sign-in", urlencode(form).encode(), "application/x-www-form-urlencoded")

    def upload(self, path: str, name: str, body: bytes, form: dict[str, str]) -> str:
        """Send a file with a form; return the address that the answer leads to."""
        mark = "----datathon-test"
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{form[key]}\r\n' for key in form]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n')
        head = "".join(parts) + "Content-Type: text/csv\r\n\r\n"
        return self._post(
            path, head.encode() + body + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
        )

    def _post(self, path: str, body: bytes, kind: str) -> str:
        request = Request(self.address + path, data=body, headers={"Content-Type": kind})  # noqa: S310 - loopback
        with self.opener.open(request, timeout=30) as answer:
            answer.read()
            return str(answer.url)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    """Whether the web service is ready."""
    try:
        with urlopen(f"{address}/health/ready", timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False
