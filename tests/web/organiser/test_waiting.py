"""The page of the day names what waits around and after the jury, with what to do and where."""

from collections.abc import Callable
from datetime import datetime

import pytest
from factories import NOW
from flask.testing import FlaskClient
from judged import AFTERWARDS, Judged
from sqlalchemy import Engine

from datathon.jury.comparison_tables import Comparison
from datathon.jury.tables import JuryClosing
from datathon.publication.tables import Appeal, Deliberation
from datathon.scoring.tables import Rescoring
from datathon.store.db import transaction


@pytest.fixture
def waiting(engine: Engine, judged: Judged) -> None:
    """A closed jury with an open session, a deliberation, an appeal and a rescoring."""
    who, edition = judged.organiser.id, judged.edition.id
    with transaction(engine) as db:
        db.add(JuryClosing(edition_id=edition, closed_at=NOW, closed_by=who))
        db.add(Comparison(edition_id=edition, title="Forum <b>", minutes=5, seed=1, opened_at=NOW, opened_by=who))
        db.add(Deliberation(edition_id=edition, digest="d" * 64, decided_at=NOW, decided_by=who))
        db.add(
            Appeal(edition_id=edition, team_id=judged.teams["A"].id, ranking=1, text="Non.", filed_at=NOW, filed_by=who)
        )
        db.add(
            Rescoring(
                edition_id=edition, challenge_id="metiers-secteurs", state="ready", reason="Réf.",
                from_basis="a", to_basis="b", started_at=NOW,
            )
        )  # fmt: skip


@pytest.mark.usefixtures("waiting")
def test_page_of_the_day_links_what_waits(browser: FlaskClient, at: Callable[[datetime], None]) -> None:
    at(AFTERWARDS)
    page = browser.get("/organise/2025").get_data(as_text=True)
    todo = page.partition('<ol class="todo">')[2].partition("</ol>")[0]
    places = ("rescoring", "appeals", "jury/comparisons", "deliberation")
    found = [todo.find(f'href="/organise/2025/{place}"') for place in places]
    assert -1 not in found
    assert found[:2] == sorted(found)[:2], "a ready rescoring and an appeal of days ago come first"
    assert "Forum &lt;b&gt;" in todo
    assert 'href="/organise/2025/ranking"' not in todo, "nothing is published before the validation"
