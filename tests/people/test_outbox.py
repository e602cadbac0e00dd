from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from post_office import PostOffice, post_office
from sqlalchemy import Engine

from datathon.config import SettingError, Settings
from datathon.people.outbox import PAUSES, is_flooded, send_waiting, write
from datathon.people.tables import Letter
from datathon.store.db import reading, transaction


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


@pytest.fixture
def posted(settings: Settings, office: PostOffice) -> Settings:
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{office.port}", mail_from="Datathon <datathon@example.org>")


def put(engine: Engine, now: datetime, to: str = "camille@example.org", body: str = "Bonjour\n") -> UUID:
    with transaction(engine) as db:
        return write(db, to=to, subject="Une lettre accentuée", body=body, now=now)


def letter(engine: Engine, key: UUID) -> Letter:
    with reading(engine) as db:
        return db.get_one(Letter, key)


def test_a_letter_arrives_with_its_words(engine: Engine, posted: Settings, office: PostOffice, now: datetime) -> None:
    key = put(engine, now, body="Le lien :\n\n.https://example.org/é\n")

    assert send_waiting(engine, posted, now=now) == 1

    (message,) = office.taken
    assert message["To"] == "camille@example.org"
    assert message["Subject"] == "Une lettre accentuée"
    assert message["From"] == "Datathon <datathon@example.org>"
    assert message["Message-ID"] == f"<{key.hex}@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == "Le lien :\n\n.https://example.org/é\n"
    assert (letter(engine, key).state, letter(engine, key).sent_at) == ("sent", now)


def test_a_sent_letter_is_not_sent_again(engine: Engine, posted: Settings, office: PostOffice, now: datetime) -> None:
    put(engine, now)
    send_waiting(engine, posted, now=now)
    assert send_waiting(engine, posted, now=now + timedelta(days=1)) == 0
    assert len(office.taken) == 1


def test_letters_wait_without_a_mail_server(engine: Engine, settings: Settings, now: datetime) -> None:
    key = put(engine, now)
    assert send_waiting(engine, settings, now=now) == 0
    assert (letter(engine, key).state, letter(engine, key).attempts) == ("waiting", 0)


@pytest.mark.parametrize("fault", ["refuses", "hangs_up_on"])
def test_a_refused_letter_does_not_keep_the_others(
    engine: Engine, posted: Settings, office: PostOffice, now: datetime, fault: str
) -> None:
    getattr(office, fault).add("nobody@example.org")
    refused = put(engine, now, to="nobody@example.org")
    other = put(engine, now + timedelta(seconds=1))

    assert send_waiting(engine, posted, now=now + timedelta(seconds=2)) == 1

    assert (letter(engine, refused).state, letter(engine, refused).attempts) == ("waiting", 1)
    assert letter(engine, refused).error
    assert letter(engine, other).state == "sent"


def test_a_refused_letter_rests_between_attempts_and_fails_after_five(
    engine: Engine, posted: Settings, office: PostOffice, now: datetime
) -> None:
    office.refuses.add("nobody@example.org")
    key = put(engine, now, to="nobody@example.org")
    for attempts, pause in enumerate(PAUSES, start=1):
        send_waiting(engine, posted, now=now)
        send_waiting(engine, posted, now=now + pause - timedelta(seconds=1))
        assert (letter(engine, key).state, letter(engine, key).attempts) == ("waiting", attempts)
        now += pause
    send_waiting(engine, posted, now=now)
    assert (letter(engine, key).state, letter(engine, key).attempts) == ("failed", 5)
    assert "550" in letter(engine, key).error


def test_no_attempt_counts_while_the_server_cannot_be_reached(engine: Engine, posted: Settings, now: datetime) -> None:
    with post_office() as closed:
        port = closed.port
    key = put(engine, now)
    assert send_waiting(engine, replace(posted, smtp_url=f"smtp://127.0.0.1:{port}"), now=now) == 0
    assert (letter(engine, key).state, letter(engine, key).attempts) == ("waiting", 0)


def test_an_unusable_server_address_is_named(engine: Engine, posted: Settings, now: datetime) -> None:
    put(engine, now)
    with pytest.raises(SettingError, match="DATATHON_SMTP_URL"):
        send_waiting(engine, replace(posted, smtp_url="mail.example.org:25"), now=now)


def test_an_address_is_flooded_by_the_fifth_letter_of_an_hour(engine: Engine, now: datetime) -> None:
    for minute in range(5):
        with transaction(engine) as db:
            assert not is_flooded(db, "camille@example.org", now=now)
        put(engine, now + timedelta(minutes=minute))
    with reading(engine) as db:
        assert is_flooded(db, "camille@example.org", now=now + timedelta(minutes=5))
        assert not is_flooded(db, "dominique@example.org", now=now + timedelta(minutes=5))
        assert not is_flooded(db, "camille@example.org", now=now + timedelta(hours=2))
