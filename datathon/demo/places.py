"""Where the demonstration keeps its things, and the secrets it makes for itself."""

import fcntl
import hashlib
import os
import secrets
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import datathon


class CannotStart(Exception):  # noqa: N818 - says what is in the way
    """The demonstration cannot start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files of one demonstration. ``run`` is short, for sockets: their paths may not pass 107 bytes."""

    data: Path
    run: Path

    @property
    def logs(self) -> Path:
        """Folder of the services' logs."""
        return self.data / "logs"

    @property
    def valkey(self) -> Path:
        """Folder of Valkey's append-only file."""
        return self.data / "valkey"

    @property
    def redis_socket(self) -> Path:
        """Socket of the bundled Valkey."""
        return self.run / "valkey.sock"

    @property
    def scorer_socket(self) -> Path:
        """Socket of the scorer service."""
        return self.run / "scorer.sock"


def default_data_dir() -> Path:
    """Return the user's data folder for the demonstration."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "datathon" / "demo"
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "share") / "datathon" / "demo"


def prepare(data_dir: Path) -> Places:
    """Make the folders, readable by this user alone. Raises CannotStart when that is impossible."""
    data = data_dir.expanduser().resolve()
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or gettempdir())
    run = (base if os.access(base, os.W_OK) else Path(gettempdir())) / f"datathon-{os.getuid()}-{mark}"
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        run.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CannotStart(f"cannot make {error.filename}: {error.strerror}") from error
    found = run.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CannotStart(f"{run} belongs to somebody else; remove it or set XDG_RUNTIME_DIR")
    run.chmod(0o700)
    return Places(data, run)


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the data folder for this process; CannotStart when another demonstration has it."""
    path = places.data / "demo.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CannotStart(
                f"a demonstration already runs on {places.data} (process {file.read().strip() or '?'}); stop it first"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def kept_secret(path: Path) -> str:
    """Return the secret kept in ``path``, made on first use and readable by this user alone."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
    return path.read_text(encoding="ascii").strip()


def check_port(host: str, port: int) -> None:
    """Raise CannotStart when ``host:port`` cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such port"
        raise CannotStart(f"cannot listen on {host}:{port}: {why}; choose another with --port") from error


def challenges_dir(named: Path) -> Path:
    """Return the folder of editions: the one of the settings, or the one beside the program."""
    if named.is_dir():
        return named.resolve()
    beside = Path(datathon.__file__).resolve().parent.parent / "challenges"
    if beside.is_dir():
        return beside
    raise CannotStart(f"no folder {named} here: start in the project's folder or set DATATHON_CHALLENGES_DIR")
