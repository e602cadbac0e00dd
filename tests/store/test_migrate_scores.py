"""The score record that counts, filled for what was scored before the pointer existed."""

from uuid import uuid4

from alembic import command
from sqlalchemy import Engine, text

from datathon.store.db import make_engine
from datathon.store.migrate import configuration, upgrade

AT = "2025-11-20 11:00:00"
SCORE = (
    "INSERT INTO score (id, submission_id, attempt, public, private, all_rows, scorer, scorer_version, scorer_digest,"
    " reference_digest, submission_digest, environment_digest, sandbox, timings_ms, cpu_s, max_rss_bytes, scored_at)"
    " VALUES (:id, :submission, :attempt, '{}', '{}', '{}', 'mae', '1', '', '', '', '', 'full', '{}', 0, 0, :at)"
)
SUBMISSION = (
    "INSERT INTO submission (id, edition_id, challenge_id, baseline, number, file_name, digest, size_bytes, message,"
    " state, attempt, received_at, worker, code, problems) VALUES (:id, '2025', 'c', 'b', 1, 'f.csv', 'd', 1, '',"
    " :state, :attempt, :at, '', '', '[]')"
)


def _fill(engine: Engine) -> dict[str, str]:
    """A database of the first schema with a twice scored submission and one that waits; returns the keys."""
    # Both databases read and write a key as 32 hexadecimal characters in plain SQL.
    keys = {name: uuid4().hex for name in ("scored", "waiting", "first", "second")}
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        run = connection.execute
        run(text("INSERT INTO edition (id, starts, registered_at) VALUES ('2025', '2025-11-05', :at)"), {"at": AT})
        run(text(SUBMISSION), {"id": keys["scored"], "state": "scored", "attempt": 2, "at": AT})
        run(text(SUBMISSION), {"id": keys["waiting"], "state": "received", "attempt": 1, "at": AT})
        for attempt, name in enumerate(("first", "second"), start=1):
            run(text(SCORE), {"id": keys[name], "submission": keys["scored"], "attempt": attempt, "at": AT})
    return keys


def _filled_pointer(engine: Engine) -> None:
    keys = _fill(engine)
    upgrade(engine)
    with engine.connect() as connection:
        found = {row[0]: row[1] for row in connection.execute(text("SELECT state, score_id FROM submission"))}
        records = connection.execute(text("SELECT count(*) FROM score")).scalar_one()
    assert str(found["scored"]).replace("-", "") == keys["second"]
    assert found["received"] is None
    assert records == 2


def test_upgrade_points_at_the_record_of_the_present_attempt_on_sqlite(tmp_path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    _filled_pointer(engine)
    engine.dispose()


def test_upgrade_points_at_the_record_of_the_present_attempt_on_postgresql(empty_postgresql: Engine) -> None:
    _filled_pointer(empty_postgresql)


def test_downgrade_keeps_every_record(tmp_path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'back.sqlite3'}")
    _fill(engine)
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "0001")
        assert connection.execute(text("SELECT count(*) FROM score")).scalar_one() == 2
    engine.dispose()
