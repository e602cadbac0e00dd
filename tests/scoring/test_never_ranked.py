"""What is no finite number for every metric and part is no score: no rank, no place in the quota, no line on the board."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from factories import make_edition, make_submission, make_team
from sandboxed import REPOSITORY
from sqlalchemy import Engine
from sqlmodel import col, select

from datathon import jobs
from datathon.config import Settings
from datathon.editions.catalogue import load_catalogue
from datathon.kernel.clock import utcnow
from datathon.leaderboard.queries import board
from datathon.scoring.examine import boot_of
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.private import private_scorer
from datathon.scoring.tables import DoctorReport, Score
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import QuotaEntry, Submission

EDITION, CHALLENGE = "atelier", "marnage"
SCORER = """
from scorers import Undefined

def score(y_true, y_pred, ctx):
    asked, private = int(y_pred["range_m"][0]), ctx.part == "private"
    if asked == 1 and private:
        raise Undefined("one class only")
    if asked == 2:
        return {"mine": float("inf"), "other": 1.0}
    if asked == 3:
        return {"mine": float("-inf") if private else 0.0, "other": 1.0}
    if asked == 4:
        return {"mine": float("nan"), "other": 1.0}
    if asked == 5:
        return {"other": 1.0}
    if asked == 6:
        return {"mine": 0.0}
    if asked == 7:
        return {"mine": 0.0, "other": float("inf")}
    if asked == 8:
        return {"mine": 10 ** 400, "other": 1.0}
    if asked == 9:
        return {"mine": None, "other": 1.0}
    return {"mine": 5.0, "other": 1.0}
"""
FAILS = {1: "no_score", 2: "no_score", 3: "no_score", 4: "no_score", 5: "scorer_error", 6: "scorer_error",
         7: "no_score", 8: "scorer_error", 9: "scorer_error"}  # fmt: skip


@pytest.fixture(scope="module")
def scorer() -> Iterator[ScorerClient]:
    with private_scorer() as client:
        yield client


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """An edition whose scorer gives what the first prediction asks for; less is better."""
    folder = tmp_path / "challenges"
    shutil.copytree(REPOSITORY / "challenges" / EDITION, folder / EDITION)
    file = folder / EDITION / CHALLENGE / "challenge.toml"
    old = 'metrics = [{ name = "mae", decimals = 4 }]'
    mine = "[" + ", ".join(f'{{ name = "{name}", direction = "lower" }}' for name in ("mine", "other")) + "]"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, f'scorer = "scorer.py"\nmetrics = {mine}'))
    (file.parent / "scorer.py").write_text(SCORER)
    return replace(settings, challenges_dir=folder)


def test_only_finite_scores_of_every_metric_and_part_are_ranked(
    engine: Engine, settings: Settings, scorer: ScorerClient
) -> None:
    known = load_catalogue(settings.challenges_dir)
    edition, challenge = known.edition(EDITION), known.challenge(EDITION, CHALLENGE)
    assert edition is not None
    assert challenge is not None
    header, *lines = (challenge.folder / "sample_submission.csv").read_text().splitlines()
    files = FileStore(settings.files_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with transaction(engine) as db:
        make_edition(db, EDITION)
        db.add(DoctorReport(at=utcnow(), worker="w", level="container", report={"boot": boot_of(scorer)}))
        for number in (*FAILS, 10):
            path = settings.data_dir / "upload"
            path.write_text("\n".join([header, *(f"{line.split(',')[0]},{number}" for line in lines), ""]))
            with path.open("rb") as file:
                digest = files.put(file, limit_bytes=10**6).digest
            team = make_team(db, f"Équipe {number}", edition=EDITION)
            make_submission(db, team, edition=EDITION, challenge=CHALLENGE, number=number, digest=digest)
    house = jobs.House(settings, engine, known, scorer, "w")
    with reading(engine) as db:
        rows = db.exec(select(Submission).order_by(col(Submission.number))).all()
    ends = {row.number: jobs.score_attempt(house, row.id, 1) for row in rows}
    assert ends == {**dict.fromkeys(FAILS, "failed"), 10: "scored"}
    with reading(engine) as db:
        rows = db.exec(select(Submission).order_by(col(Submission.number))).all()
        assert {row.number: row.code for row in rows[:-1]} == FAILS
        assert [score.submission_id for score in db.exec(select(Score)).all()] == [rows[-1].id]
        shown = board(db, edition, challenge)
        assert shown is not None
        assert [(row["rank"], row["team"], row["score"]) for row in shown.payload["rows"]] == [(1, "Équipe 10", 5.0)]
        spent = {line.submission_id for line in db.exec(select(QuotaEntry)).all() if line.kind == "commit"}
        back = {line.submission_id for line in db.exec(select(QuotaEntry)).all() if line.kind == "refund"}
        assert (spent, back) == ({rows[-1].id}, {row.id for row in rows[:-1]})
