"""The real services, started for a test on folders of its own and watched over as the demonstration does."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

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
