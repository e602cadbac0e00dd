"""A jury that compares two by two, from the notice to jurors to the published ranking and its proof."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from factories import make_score, make_submission
from flask import Flask
from flask.testing import FlaskClient
from judged import AFTERWARDS, JURY_TIME, Judged, make_judged
from sqlalchemy import Engine

from datathon.config import Settings
from datathon.jury.close import close
from datathon.jury.compare import answer, take_pair
from datathon.jury.comparison_tables import ComparisonJuror
from datathon.jury.declare import declare
from datathon.jury.open_comparison import Asked, close_comparison, open_comparison
from datathon.publication.verify.compare import verify
from datathon.store.db import transaction


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "challenges"
    shutil.copytree(settings.challenges_dir / "2025", folder / "2025")
    toml = folder / "2025" / "edition.toml"
    text = toml.read_text(encoding="utf-8").replace("[jury]\n", '[jury]\nmode = "pairwise"\n')
    text = text.replace("threshold = 50\n", "").replace('"criterion:quality"', '"metric"')
    toml.write_text(text, encoding="utf-8")
    return replace(settings, challenges_dir=folder)


@pytest.fixture
def judged(engine: Engine) -> Judged:
    """Three teams with a score and one juror, who undertook secrecy."""
    with transaction(engine) as db:
        judged = make_judged(db, teams="ABC")
        declare(db, edition=judged.edition, juror_id=judged.jurors[0].id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, score in (("A", 0.42), ("B", 0.41), ("C", 0.4)):
            make_score(db, make_submission(db, judged.teams[name], state="scored"), public=score, private=score)
        return judged


def compare(engine: Engine, judged: Judged) -> None:
    """The juror prefers the later letter each time; then the session closes."""
    edition, juror = judged.edition, judged.jurors[0]
    later = [judged.teams[name].id for name in "ABC"]
    with transaction(engine) as db:
        asked = Asked("Finale", later, [juror.id], 10)
        who = {"edition": edition, "organiser_id": judged.organiser.id, "now": JURY_TIME}
        key = open_comparison(db, asked=asked, seed=7, **who)  # type: ignore[arg-type]  # as written above
        mine = {"edition": edition, "comparison_id": key, "juror_id": juror.id, "now": JURY_TIME}
        take_pair(db, **mine)  # type: ignore[arg-type]  # as above
        for _ in range(3):
            seat = db.get_one(ComparisonJuror, (key, juror.id))
            assert seat.left_id is not None
            assert seat.right_id is not None
            choice = "left" if later.index(seat.left_id) > later.index(seat.right_id) else "right"
            answer(db, turn=seat.turn, choice=choice, **mine)  # type: ignore[arg-type]  # as above
        close_comparison(db, comparison_id=key, version=1, **who)  # type: ignore[arg-type]  # as above


def read(client: FlaskClient, address: str) -> str:
    answered = client.get(address)
    assert answered.status_code == 200, address
    return answered.get_data(as_text=True)


def test_comparisons_make_the_jurys_score_up_to_the_published_proof(
    judged: Judged, browser: FlaskClient, app: Flask, engine: Engine, at: Callable[[datetime], None]
) -> None:
    juror = app.test_client()
    juror.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    with juror.session_transaction() as session:
        person = judged.jurors[0]
        session["_user_id"], session["_fresh"] = f"{person.id}:{person.session_epoch}", True
    assert "Les fiches sont facultatives" in read(juror, "/jury/")
    assert "font la note du jury" in read(browser, "/organise/2025/jury")
    with transaction(engine) as db:
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    at(AFTERWARDS)
    assert "aucune session de comparaisons n’est encore close" in read(browser, "/organise/2025/ranking")
    compare(engine, judged)
    ranking = read(browser, "/organise/2025/ranking")
    assert ("Le jury compare deux à deux" in ranking, "Sous 0 point" in ranking) == (True, False)
    for page in ("sensitivity", "deliberation", "jury"):
        read(browser, f"/organise/2025/{page}")
    seen = re.search(r'name="seen" value="(\w+)"', ranking)
    assert seen is not None
    assert browser.post("/organise/2025/ranking", data={"sure": "1", "seen": seen[1]}).status_code == 303
    visitor = app.test_client()
    visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "fr"
    found = verify(visitor.get("/e/2025/results.json").data)
    assert found.difference is None
    assert [w.team for w in found.ranking] == ["c", "b", "a"]
    public = read(visitor, "/e/2025/results")
    assert ("préféré à un prototype de force moyenne" in public, "Moyenne des fiches" in public) == (True, False)
    assert "la note tirée des comparaisons du jury" in public
    assert "2 comparaisons gagnées, 0 perdues" in read(visitor, "/e/2025/results/c")
    assert "modèle de Bradley et Terry" in read(visitor, "/e/2025/verify")
