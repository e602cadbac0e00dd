"""SQLite makes a changed table anew: rows that refer to it must neither stop a migration nor be lost by it."""

from pathlib import Path

from alembic import command
from sqlalchemy import text
from sqlmodel import Session

from datathon.jury.voting import code_sheets
from datathon.store.db import make_engine
from datathon.store.migrate import configuration, upgrade

FILLED = (
    "INSERT INTO edition (id, starts, registered_at) VALUES ('2025', '2025-11-05', '2025-11-01 09:00:00.000000')",
    (
        "INSERT INTO person (id, email, name, password_hash, language, profile, organisation, session_epoch, created_at)"
        " VALUES ('a1', 'a@example.org', 'A', 'x', 'fr', '', '', 0, '2025-11-01 09:00:00.000000')"
    ),
    (
        "INSERT INTO team (id, edition_id, name, slug, town, status, captain_id, invitation, created_at)"
        " VALUES ('b1', '2025', 'B', 'b', '', 'active', 'a1', 'x', '2025-11-01 09:00:00.000000')"
    ),
    (
        "INSERT INTO membership (id, edition_id, team_id, person_id, joined_at)"
        " VALUES ('c1', '2025', 'b1', 'a1', '2025-11-01 09:00:00.000000')"
    ),
)


def test_table_that_others_refer_to_is_changed_with_its_rows(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'filled.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        for line in FILLED:
            connection.execute(text(line))
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT team_id FROM membership")).scalars().all() == ["b1"]
        assert connection.execute(text("SELECT name FROM team")).scalars().all() == ["B"]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_codes_printed_before_sheets_had_numbers_are_one_sheet(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'codes.sqlite3'}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0027")
        connection.execute(text(FILLED[0]))
        for digest in ("d1", "d2"):
            connection.execute(
                text("INSERT INTO vote_code (digest, edition_id, used) VALUES (:digest, '2025', 1)"), {"digest": digest}
            )
    upgrade(engine)
    with Session(engine) as db:
        assert [(s.number, s.codes, s.served, s.told) for s in code_sheets(db, "2025")] == [(1, 2, 2, False)]
    engine.dispose()
