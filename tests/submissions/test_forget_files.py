import io
import os
from datetime import datetime, timedelta
from pathlib import Path

from factories import make_prototype, make_submission, make_team
from sqlmodel import Session
from submissions.scene import Scene

from datathon.store.files import FileStore, Stored
from datathon.submissions.forget_files import forgettable
from datathon.submissions.tables import PrototypeFile
from datathon.teams.tables import Team


def aged(files: FileStore, content: bytes, at: datetime) -> Stored:
    """Put a file that was handed in at ``at``."""
    stored = files.put(io.BytesIO(content), limit_bytes=100)
    os.utime(files.path(stored.digest), (at.timestamp(), at.timestamp()))
    return stored


def test_only_old_refused_files_that_nothing_needs_may_go(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    old, lately = scene.now - timedelta(days=8), scene.now - timedelta(days=6)
    states = ["received", "running", "scored", "failed", "withdrawn"]
    for number, state in enumerate(states, start=1):
        make_submission(db, team, number=number, state=state, digest=state[0] * 64, received_at=old)
    make_submission(db, team, number=10, state="rejected", digest="1" * 64, received_at=old)
    make_submission(db, team, number=11, state="rejected", digest="1" * 64, received_at=old)
    make_submission(db, team, number=12, state="rejected", digest="2" * 64, received_at=lately)
    make_submission(db, team, number=13, state="rejected", digest="3" * 64, received_at=old)
    make_submission(db, make_team(db, "Autre"), state="scored", digest="3" * 64, received_at=old)
    make_submission(db, team, number=14, state="rejected", digest="4" * 64, received_at=old)
    dossier = make_prototype(db, team)
    db.add(
        PrototypeFile(
            prototype_id=dossier.id,
            field="f",
            file_name="f",
            digest="4" * 64,
            size_bytes=1,
            media_type="image/png",
            added_at=old,
        )
    )
    make_submission(db, team, number=15, state="rejected", digest="5" * 64, received_at=old)
    make_submission(db, team, number=16, state="rejected", digest="5" * 64, received_at=lately)
    assert forgettable(db, before=scene.now - timedelta(days=7)) == ("1" * 64,)


def test_drop_removes_an_old_file_and_leaves_the_others(tmp_path: Path, now: datetime) -> None:
    files = FileStore(tmp_path)
    old = aged(files, b"old", now - timedelta(days=8))
    new = files.put(io.BytesIO(b"new"), limit_bytes=100)
    assert files.drop(old.digest, unused_since=now)
    assert not files.drop(old.digest, unused_since=now)
    assert not files.drop(new.digest, unused_since=now - timedelta(hours=1))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [new.digest]


def test_drop_leaves_what_was_handed_in_again(tmp_path: Path, now: datetime) -> None:
    files = FileStore(tmp_path)
    old = aged(files, b"old", now - timedelta(days=8))
    assert files.put(io.BytesIO(b"old"), limit_bytes=100) == old
    assert not files.drop(old.digest, unused_since=now)
    assert b"".join(files.chunks(old.digest)) == b"old"


def test_put_back_after_a_crash_between_two_steps(tmp_path: Path, now: datetime) -> None:
    files = FileStore(tmp_path)
    old = aged(files, b"old", now)
    files.path(old.digest).rename(tmp_path / f"dropped-{old.digest}")
    files.put_back()
    assert b"".join(files.chunks(old.digest)) == b"old"
