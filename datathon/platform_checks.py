"""Is everything around the sandbox in order: database, Redis, storage, clock, mail.

Each check returns a sentence when all is well and raises ``NotInOrder`` with one that says what to do.
"""

import re
import shutil
import smtplib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from datathon.config import Settings
from datathon.kernel.clock import utcnow
from datathon.scoring.queue import answers
from datathon.store.db import make_engine, reading
from datathon.store.migrate import is_current

LARGEST_DRIFT = timedelta(seconds=2)
MAIL_WAIT_S = 5.0


class NotInOrder(Exception):  # noqa: N818 - says what is wrong
    """A part of the platform is missing or broken; the message says which and what to do."""


def checks(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """Return the checks of an installation with these settings, by name."""
    return [
        ("database", lambda: database(settings)),
        ("redis", lambda: redis(settings)),
        ("storage", lambda: storage(settings)),
        ("clock", lambda: clock(settings)),
        ("mail", lambda: mail(settings)),
    ]


def database(settings: Settings) -> str:
    """Check that the database answers with this version's schema."""
    url = make_url(settings.sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return f"none yet at {url.database}; `datathon db upgrade` makes it"
    engine = make_engine(settings.sqlalchemy_url)
    try:
        if not is_current(engine):
            raise NotInOrder("the schema is not this version's; run `datathon db upgrade`")
    except SQLAlchemyError as error:
        raise NotInOrder(f"no answer: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()
    return f"{engine.dialect.name}, schema of this version"


def redis(settings: Settings) -> str:
    """Check that Redis answers where one is configured."""
    if not settings.redis_url:
        return "none configured; workers take submissions from the database"
    shown = re.sub(r"//[^@/]*@", "//…@", settings.redis_url)
    if not answers(settings):
        raise NotInOrder(f"no answer from {shown}; submissions wait or are taken from the database")
    return f"{shown} answers"


def storage(settings: Settings) -> str:
    """Check that files can be kept and that the disk has room."""
    folder = settings.data_dir
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"datathon")
            file.flush()
    except OSError as error:
        raise NotInOrder(f"cannot write in {existing}: {error.strerror}") from error
    free = shutil.disk_usage(existing).free
    if free < settings.min_free_bytes:
        raise NotInOrder(f"{free / 1e9:.1f} GB left in {existing}; uploads are refused below the minimum")
    return f"{existing} can be written, {free / 1e9:.0f} GB left"


def clock(settings: Settings) -> str:
    """Check that zones are known and that the database server, if there is one, tells the same time."""
    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError as error:
        raise NotInOrder("time zones are missing; install the package tzdata") from error
    if settings.sqlalchemy_url.startswith("sqlite"):
        return f"{utcnow():%Y-%m-%d %H:%M:%S} UTC, zones known"
    engine = make_engine(settings.sqlalchemy_url)
    try:
        with reading(engine) as db:
            told: datetime = db.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    except SQLAlchemyError as error:
        raise NotInOrder("the database does not answer") from error
    finally:
        engine.dispose()
    drift = abs(utcnow() - told.astimezone(UTC))
    if drift > LARGEST_DRIFT:
        raise NotInOrder(f"the database's clock is {drift.total_seconds():.0f} s away; set both by NTP")
    return f"{utcnow():%Y-%m-%d %H:%M:%S} UTC, {drift.total_seconds():.2f} s from the database's"


def mail(settings: Settings) -> str:
    """Check that the mail server, if there is one, greets."""
    if not settings.smtp_url:
        return "no server configured; letters stay in the outbox"
    place = urlsplit(settings.smtp_url)
    kind = smtplib.SMTP_SSL if place.scheme == "smtps" else smtplib.SMTP
    try:
        with kind(
            place.hostname or "", place.port or (465 if place.scheme == "smtps" else 25), timeout=MAIL_WAIT_S
        ) as server:
            server.ehlo()
    except (OSError, smtplib.SMTPException) as error:
        raise NotInOrder(f"no greeting from {place.hostname}: {error}") from error
    return f"{place.hostname} greets"
