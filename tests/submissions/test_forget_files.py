import io
import os
from datetime import datetime, timedelta
from pathlib import Path

from factories import make_edition, make_prototype, make_submission, make_team
from sqlmodel import Session
from submissions.scene import Scene

from datathon import jobs
from datathon.scoring.tables import Rescoring, RescoringItem
from datathon.store import audit
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore, Stored
from datathon.submissions.forget_files import Terms, forgettable
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
    terms = Terms(scene.now - timedelta(days=7), scene.now)
    assert forgettable(db, terms) == {"1" * 64: frozenset({"2025"})}
    assert forgettable(db, terms, needed=["1" * 64]) == {}


def test_withdrawn_file_stays_for_its_own_term_counted_from_the_withdrawal(db: Session, scene: Scene) -> None:
    team = db.get_one(Team, scene.team_id)
    old = scene.now - timedelta(days=60)
    days = {"long ago": 31, "lately": 29, "sent twice": 31}
    rows = {
        name: make_submission(db, team, number=n, state="withdrawn", digest=str(n) * 64, received_at=old)
        for n, name in enumerate([*days, "nobody knows when"], start=1)
    }
    for name, ago in days.items():
        at = scene.now - timedelta(days=ago)
        audit.record(db, "withdraw_submission", str(rows[name].id), now=at, actor=None, edition="2025")
    make_submission(db, team, number=10, state="scored", digest=rows["sent twice"].digest, received_at=old)
    db.flush()
    terms = Terms(scene.now - timedelta(days=7), scene.now - timedelta(days=30))
    assert forgettable(db, terms) == {"1" * 64: frozenset({"2025"})}


def test_worker_removes_files_at_the_end_of_their_terms_and_tells_the_journal(engine, settings, now) -> None:
    files = FileStore(settings.files_dir)
    states = {"rejected": 0, "withdrawn": 0, "scored": 0, "failed": 0}
    with transaction(engine) as db:
        edition = make_edition(db)
        team = make_team(db)
        for number, state in enumerate(states, start=1):
            stored = aged(files, state.encode(), now)
            row = make_submission(db, team, number=number, state=state, digest=stored.digest, received_at=now)
            audit.record(db, f"{state}_submission".replace("withdrawn", "withdraw"), str(row.id), now=now, actor=None)
    left = []
    for days in (6, 8, 29, 31, 400):
        jobs.forget_old_files(settings, engine, now=now + timedelta(days=days))
        left.append(sorted(path.read_text() for path in settings.files_dir.rglob("*") if path.is_file()))
    assert left == [
        ["failed", "rejected", "scored", "withdrawn"],
        ["failed", "scored", "withdrawn"],
        ["failed", "scored", "withdrawn"],
        ["failed", "scored"],
        ["failed", "scored"],
    ]
    with reading(engine) as db:
        told = [(e.at, e.details["files"]) for e in audit.latest(db, edition.id) if e.act == "forget_files"]
    assert told == [(now + timedelta(days=31), 1), (now + timedelta(days=8), 1)]


def test_refused_file_that_a_rescoring_reads_is_kept(engine, settings, now) -> None:
    stored = aged(FileStore(settings.files_dir), b"refused", now)
    with transaction(engine) as db:
        make_edition(db)
        row = make_submission(db, make_team(db), state="rejected", digest=stored.digest, received_at=now)
        campaign = Rescoring(
            edition_id="2025", challenge_id=row.challenge_id, reason="r", from_basis="", to_basis="b", started_at=now
        )
        db.add(campaign)
        db.flush()
        db.add(RescoringItem(rescoring_id=campaign.id, submission_id=row.id))
    later = now + timedelta(days=30)
    assert jobs.forget_old_files(settings, engine, now=later) == ()
    with transaction(engine) as db:
        db.get_one(Rescoring, campaign.id).state = "applied"
    assert jobs.forget_old_files(settings, engine, now=later) == (stored.digest,)


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
