"""The platform's side of the scorer service's socket."""

import contextlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datathon.editions.rules import Limits
from datathon.kernel.errors import Unavailable
from datathon.scoring.sandbox.service import full_socket

_PACKET_BYTES = 131_072
_ENDS = frozenset({"done", "wall", "cpu", "memory", "output", "error", "filter", "crash"})


class ScorerUnavailable(Unavailable):
    """The scorer service cannot be reached, went away in the middle, or refuses: nothing was scored, try again later."""

    def __init__(self, detail: str, *, refused: bool = False) -> None:
        """``detail`` is for organisers; ``refused``: the service is there and says that scoring would not be safe."""
        super().__init__("The scorer is not available for now: %(detail)s. Submissions stay received.", detail=detail)
        self.refused = refused


class ChildLost(ScorerUnavailable):
    """A child was killed from outside (the machine short of memory, an operator) or fell before it was sealed.

    The fault of neither file nor scorer. Unlike an absent service it may happen again, so that an attempt is counted.
    """


@dataclass(frozen=True, slots=True)
class StageEnd:
    """How one stage ended, as the service saw it; ``reply`` is the child's own and is not to be trusted."""

    end: str
    reply: bytes
    log: str
    wall_ms: float
    cpu_s: float
    max_rss_bytes: int
    level: str
    environment: Mapping[str, str]
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ScorerClient:
    """Where the scorer service listens.

    ``patience_s`` is how long to wait for a service that is just starting.
    """

    socket_path: Path
    patience_s: float = field(default=0.0, kw_only=True)

    def ready(self) -> bool:
        """Whether a service listens; a job may still find that it refuses."""
        try:
            self._connect(self.socket_path).close()
        except ScorerUnavailable:
            return False
        return True

    def run(self, stage: str, *, limits: Limits, descriptors: Mapping[str, int], full: bool,
            filter_level: str = "strict", weigh: bool = False) -> StageEnd:  # fmt: skip
        """Run one stage ("predict", "parse", "score") in a fresh sealed child; raises ScorerUnavailable, ChildLost.

        ``descriptors`` by role stay open on this side. ``full``: the process with pandas and scikit-learn.
        ``filter_level``: "strict", or "files" for a child that may read the folders of the libraries. ``weigh``: the
        child tells in its log what memory it has for itself (see ``weigh``).
        """
        request = {
            "stage": stage,
            "roles": list(descriptors),
            "weigh": weigh,
            "filter": filter_level,
            "limits": {"cpu_s": limits.cpu_s, "wall_s": limits.wall_s, "memory_bytes": limits.memory_mb << 20},
        }
        path = full_socket(self.socket_path) if full else self.socket_path
        with self._connect(path) as connection:
            # Jobs of other teams may come first; beyond this the service is taken for dead.
            connection.settimeout(60 + 10 * limits.wall_s)
            try:
                socket.send_fds(connection, [json.dumps(request).encode()], list(descriptors.values()))
                packets = [connection.recv(_PACKET_BYTES) for _ in range(3)]
            except OSError as error:
                raise ScorerUnavailable(str(error) or "no answer") from error
        return _stage_end(packets)

    def status(self, *, full: bool = False) -> dict[str, Any]:
        """Return what the serving process says of itself (see ``place.facts``); raises ScorerUnavailable."""
        with self._connect(full_socket(self.socket_path) if full else self.socket_path) as connection:
            connection.settimeout(60)
            try:
                connection.send(b'{"stage": "status"}')
                told = json.loads(connection.recv(_PACKET_BYTES))
            except (OSError, ValueError) as error:
                raise ScorerUnavailable(str(error) or "no answer") from error
        return dict(told.get("facts", {}))

    def _connect(self, path: Path) -> socket.socket:
        until = time.monotonic() + self.patience_s
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                connection.connect(str(path))
            except OSError as error:
                connection.close()
                if time.monotonic() >= until:
                    raise ScorerUnavailable(f"{path}: {error.strerror or error}") from error
                time.sleep(0.02)
            else:
                return connection


def _stage_end(packets: list[bytes]) -> StageEnd:
    told: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        told = json.loads(packets[0]) if all(packets) else {}
    end = told.get("end", "the connection closed in the middle of a job")
    log = packets[2][1:].decode("utf-8", "replace")
    if end == "lost":
        raise ChildLost(f"a child was killed from outside, perhaps for want of memory on the machine {log}".strip())
    if end not in _ENDS:
        raise ScorerUnavailable(f"{end} {log}".strip(), refused=end == "refused")
    return StageEnd(
        end=end,
        reply=packets[1][1:],
        log=log,
        wall_ms=float(told["wall_ms"]),
        cpu_s=float(told["cpu_s"]),
        max_rss_bytes=int(told["max_rss_bytes"]),
        level=str(told["level"]),
        environment=dict(told["environment"]),
        digests=dict(told["digests"]),
    )
