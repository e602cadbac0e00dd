"""Letters: written in the transaction of what they tell, sent afterwards by the worker's watch.

A letter is sent at least once: a sender that dies between the mail server's yes and its own note leaves it to the next.
"""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from datathon.config import SettingError, Settings
from datathon.people.tables import Letter
from datathon.store.db import locked, reading, transaction

logger = logging.getLogger(__name__)

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 25, 125))
"""How long a letter rests after its first, second, third and fourth failed attempt; after the fifth it has failed."""
IN_ONE_ROUND = 20
PATIENCE_S = 5.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
AS_MANY_AS_WISE, WHILE = 5, timedelta(hours=1)
ERASED = "@erased.invalid"
"""End of the address of an erased account; no mail reaches it."""


def write(
    db: Session,
    *,
    to: str,
    subject: str,
    body: str,
    now: datetime,
    person_id: UUID | None = None,
    edition_id: str | None = None,
) -> UUID:
    """Put a letter into the outbox; return its key. ``subject`` is one line, ``body`` is plain text.

    To an erased account nothing is written.
    """
    letter = Letter(person_id=person_id, edition_id=edition_id, to=to, subject=subject, body=body, written_at=now)
    if to.endswith(ERASED):
        return letter.id
    db.add(letter)
    db.flush()
    return letter.id


def is_flooded(db: Session, to: str, *, now: datetime) -> bool:
    """Whether an address got so many letters lately that forms must not make us write another one."""
    query = select(func.count()).select_from(Letter).where(Letter.to == to, col(Letter.written_at) > now - WHILE)
    return db.exec(query).one() >= AS_MANY_AS_WISE


def send_waiting(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Send the letters that wait, the oldest first, at most twenty; return how many the mail server took.

    Without a mail server in the settings they stay waiting. So they do, with no attempt counted, while the server
    cannot be reached. A letter that it refuses does not keep the others. Raises SettingError for an unusable address
    of the server.
    """
    if not settings.smtp_url:
        return 0
    server = _server(settings.smtp_url)
    sent = 0
    with reading(engine) as db:
        due = _due(db, now)
    for key in due:
        try:
            with _connected(server) as post:
                sent += _send_one(engine, post, key, sender=settings.mail_from, now=now)
        except (OSError, smtplib.SMTPException) as error:
            logger.warning("letters wait, the mail server cannot be used: %s", _first_line(error))
            break
    return sent


def _due(db: Session, now: datetime) -> tuple[UUID, ...]:
    rows = db.exec(
        select(Letter.id, Letter.attempts, Letter.tried_at)
        .where(Letter.state == "waiting")
        .order_by(col(Letter.written_at), col(Letter.id))
    )
    rested = (key for key, attempts, tried_at in rows if _has_rested(attempts, tried_at, now))
    return tuple(key for key, _ in zip(rested, range(IN_ONE_ROUND), strict=False))


def _has_rested(attempts: int, tried_at: datetime | None, now: datetime) -> bool:
    return tried_at is None or now >= tried_at + PAUSES[min(attempts, len(PAUSES)) - 1]


def _send_one(engine: Engine, post: smtplib.SMTP, key: UUID, *, sender: str, now: datetime) -> bool:
    """Send one letter; note the attempt before, so that another sender leaves it alone, and its end afterwards."""
    with transaction(engine) as db:
        letter = locked(db, Letter, key)
        if letter is None or letter.state != "waiting" or not _has_rested(letter.attempts, letter.tried_at, now):
            return False
        letter.attempts += 1
        letter.tried_at = now
    try:
        post.send_message(_message(letter, sender))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # ValueError: an address or subject that cannot stand in a header.
        logger.warning("letter %s was not taken by the mail server: %s", letter.id, type(error).__name__)
        _note_failure(engine, letter, _first_line(error))
        return False
    with transaction(engine) as db:
        row = db.get_one(Letter, key)
        row.state, row.sent_at, row.error = "sent", now, ""
    return True


def _note_failure(engine: Engine, letter: Letter, reason: str) -> None:
    with transaction(engine) as db:
        row = db.get_one(Letter, letter.id)
        row.error = reason
        if row.attempts > len(PAUSES):
            row.state = "failed"


def _message(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{letter.id.hex}@{parseaddr(sender)[1].rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _server(url: str) -> SplitResult:
    found = urlsplit(url)
    if found.scheme not in {"smtp", "smtps"} or not found.hostname:
        raise SettingError("DATATHON_SMTP_URL: expected smtp://user:password@host:port or smtps://…")
    return found


@contextmanager
def _connected(server: SplitResult) -> Iterator[smtplib.SMTP]:
    """Open the mail server, over TLS when it can; no password goes to another machine without TLS."""
    host, tls = server.hostname or "", ssl.create_default_context()
    if server.scheme == "smtps":
        post: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 465, timeout=PATIENCE_S, context=tls)
    else:
        post = smtplib.SMTP(host, server.port or (587 if server.username else 25), timeout=PATIENCE_S)
    try:
        if server.scheme == "smtp":
            post.ehlo()
            if post.has_extn("starttls"):
                post.starttls(context=tls)
            elif server.username and host not in LOOPBACK:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS, so the password is not sent to it")
        if server.username:
            post.login(unquote(server.username), unquote(server.password or ""))
        yield post
    finally:
        _leave(post)


def _leave(post: smtplib.SMTP) -> None:
    try:
        post.quit()
    except (OSError, smtplib.SMTPException):
        post.close()


def _first_line(error: Exception) -> str:
    text = next(iter(str(error).splitlines()), "") or type(error).__name__
    return text[:300]
