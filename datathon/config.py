"""Settings, read once from the environment; an unknown or ill-formed value is refused by name."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "DATATHON_"


class SettingError(Exception):
    """A setting is unknown, missing or ill-formed; the message names it and says what fits."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Each field is read from ``DATATHON_<NAME>``, or from the file named by ``DATATHON_<NAME>_FILE``."""

    data_dir: Path = Path("var")
    """Folder of uploaded files, the SQLite database and the sockets' fallback place."""
    challenges_dir: Path = Path("challenges")
    """Folder of editions and challenges."""
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in the data folder."""
    redis_url: str = ""
    """Redis or Valkey URL (redis://, rediss:// or unix://); empty: none, workers take submissions from the database."""
    scorer_socket: Path = Path()
    """Unix socket of the scorer service; empty: ``scorer.sock`` in the data folder."""
    secret_key: str = ""
    """Signs sessions and links; at least 32 characters. No default outside the demonstration."""
    base_url: str = "http://127.0.0.1:8000"
    """Public address, used in links sent by mail."""
    trusted_proxies: int = 0
    """How many reverse proxies stand before the web: so many X-Forwarded-For entries are believed when attempts are counted."""
    smtp_url: str = ""
    """smtp://user:password@host:port; empty: letters stay in the outbox, where organisers read them."""
    mail_from: str = "datathon@localhost"
    """Sender of letters."""
    demo: bool = False
    """Demonstration: shows the outbox to everybody and a banner on every page."""
    lease_s: int = 30
    """Seconds a worker may stay silent before its submission is taken back."""
    sweep_s: int = 5
    """Seconds between two rounds of the reconciler."""
    refused_days: int = 7
    """Days that a refused file is kept for its team to look at; its receipt and what was wrong stay."""
    withdrawn_days: int = 30
    """Days that a withdrawn file is kept; its receipt and its scores stay."""
    min_free_bytes: int = 200_000_000
    """Uploads are refused when the data folder's disk has less than this left."""
    max_upload_bytes: int = 50_000_000
    """Largest request body accepted at all, whatever a challenge allows."""
    default_language: str = "fr"
    """Language shown when the browser asks for none that exists."""
    allow_root: bool = False
    """Lets the scorer service run with uid 0. It refuses by default."""
    strict_network: bool = False
    """The scorer service refuses to start where a network device besides the loopback is up; otherwise ``doctor`` warns."""
    recycle_children: int = 4000
    """Children (two for each job) that one scorer process forks before a fresh one takes over; an hour at most."""

    @property
    def sqlalchemy_url(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'datathon.sqlite3'}"

    @property
    def losses_dir(self) -> Path:
        """Losses by row, as secret as the hidden answers."""
        return self.data_dir / "losses"

    @property
    def files_dir(self) -> Path:
        """Folder of uploaded files, named by digest."""
        return self.data_dir / "files"

    @property
    def scorer_socket_path(self) -> Path:
        """Path of the scorer service's socket."""
        return self.data_dir / "scorer.sock" if self.scorer_socket == Path() else self.scorer_socket


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ`` (default: the process environment).

    Raises SettingError for an unknown ``DATATHON_…`` name, a value of the wrong type or an unreadable ``_FILE``.
    """
    source = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, object] = {}
    for key, raw in source.items():
        if not key.startswith(PREFIX) or key.startswith(PREFIX + "TEST_"):
            continue
        name = key.removeprefix(PREFIX).lower()
        text = raw
        if name not in known and name.endswith("_file") and name.removesuffix("_file") in known:
            name = name.removesuffix("_file")
            text = _read_secret(key, raw)
        if name not in known:
            raise SettingError(f"{key}: unknown setting; known ones: {', '.join(sorted(known))}")
        values[name] = _parse(key, text, known[name].type)
    return Settings(**values)  # type: ignore[arg-type]  # each value was parsed by its field's own type


def _read_secret(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError(f"{key}: cannot read {path}: {error.strerror}") from error


def _parse(key: str, text: str, kind: object) -> object:
    if kind is Path:
        return Path(text)
    if kind is bool:
        if text.lower() in {"1", "true", "yes", "on"}:
            return True
        if text.lower() in {"", "0", "false", "no", "off"}:
            return False
        raise SettingError(f"{key}: expected 1 or 0, found {text!r}")
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise SettingError(f"{key}: expected a whole number, found {text!r}") from None
    return text
