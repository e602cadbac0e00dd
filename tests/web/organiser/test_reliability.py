"""The organisers' pages on chance and on probing: before anybody submits, while they do, and after the announcement."""

from datetime import timedelta

import pytest
from factories import NOW, make_score, make_submission
from flask.testing import FlaskClient
from judged import JURY_TIME, Judged
from sqlalchemy import Engine

from datathon.editions.noise import rows_needed
from datathon.leaderboard.tables import BoardInterval
from datathon.publication.tables import PublishedRanking
from datathon.scoring.basis import Basis
from datathon.scoring.notice import note_trouble, notice, settled
from datathon.store.db import reading, transaction

NOISE, PROBING = "/organise/2025/noise", "/organise/2025/probing"
PRIVATE = "0.7318294"
KEY = {"edition_id": "2025", "challenge_id": "metiers-secteurs"}


def counted(engine: Engine, public: int, private: int) -> None:
    with transaction(engine) as db:
        notice(db, **KEY, basis=Basis("sha256:a", {"reference": "a"}, (public, private)), now=NOW)


def text(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_noise_before_a_worker_looked_says_what_is_missing(browser: FlaskClient, engine: Engine) -> None:
    page = text(browser, NOISE)
    assert "Aucun processus d’évaluation n’a encore lu" in page
    assert "<table" not in page
    with transaction(engine) as db:
        note_trouble(db, **KEY, text="reference.csv: no column sector", now=NOW)
    assert "reference.csv: no column sector" in text(browser, NOISE)


def test_noise_of_the_worked_sizes_in_figures_and_in_words(browser: FlaskClient, engine: Engine) -> None:
    counted(engine, 300, 1000)
    page = text(browser, NOISE)
    # 4.1 of the ranking specification: 300 rows .01825 and .2918, 1,000 rows .00999 and .1585.
    for said in (
        "0,01825",
        "29,2\u202f%",
        "0,00999",
        "15,9\u202f%",
        "29 fois sur 100",
        "16 fois sur 100",
        "300 lignes",
    ):
        assert said in page, said
    assert 'aria-current="page">Fiabilité' in page
    assert "0,05" in text(browser, f"{NOISE}?differ=0.05&lang=fr")
    assert browser.get(f"{NOISE}?differ=nan").status_code == 200
    assert browser.get(f"{NOISE}/competences").status_code == 404
    counted(engine, 3000, 0)
    page = text(browser, NOISE)
    assert "0,00577" in page
    assert "4,2\u202f%" in page


def test_small_part_is_called_small_and_a_ladder_proposed(browser: FlaskClient, engine: Engine) -> None:
    counted(engine, 40, 60)
    page = text(browser, f"{NOISE}?lang=en")
    assert "The public part is small" in page
    assert "A ladder keeps them" in page
    assert "The part that decides is small too" in page
    counted(engine, 0, 100)
    assert "No row is public" in text(browser, NOISE)


def test_progress_of_the_intervals_is_told(browser: FlaskClient, engine: Engine) -> None:
    counted(engine, 300, 1000)
    with transaction(engine) as db:
        row = BoardInterval(**KEY, part="public", wanted="w", wanted_since=JURY_TIME, request={}, worker="w1",
                            lease_until=JURY_TIME, progress=0.43)  # fmt: skip
        db.add(row)
    assert "860 tirages sur 2" in text(browser, NOISE)
    for change, said in (
        ({"lease_until": JURY_TIME - timedelta(seconds=1)}, "ne répond plus"),
        ({"worker": "", "lease_until": None, "tries": 2}, "après 2 échecs"),
        ({"found_for": "w", "found": {"state": "none", "reason": "losses"}}, "n’ont pas été gardées"),
        ({"found": {"state": "none", "reason": "failed"}}, "échoué 3 fois"),
        ({"found": {"state": "ready"}, "computed_at": JURY_TIME}, "calculés le 3 déc."),
    ):
        with transaction(engine) as db:
            found = db.get_one(BoardInterval, (*KEY.values(), "public"))
            for name, value in change.items():
                setattr(found, name, value)
        assert said in text(browser, NOISE)


def test_rows_needed_are_the_fewest_that_do() -> None:
    assert rows_needed(0.01) == pytest.approx(2702, abs=2)
    with pytest.raises(ValueError, match="equals"):
        rows_needed(0)


def test_changed_sizes_are_noticed_although_nothing_else_changed(engine: Engine, judged: Judged) -> None:
    del judged
    counted(engine, 300, 1000)
    with reading(engine) as db:
        assert settled(db, "2025", "metiers-secteurs", Basis("sha256:a", {}, (300, 1000)))
        assert settled(db, "2025", "metiers-secteurs", Basis("sha256:a", {}))
        assert not settled(db, "2025", "metiers-secteurs", Basis("sha256:a", {}, (301, 999)))


@pytest.fixture
def busy(engine: Engine, judged: Judged) -> None:
    """Team A sends ten files in the last hours, each a row better than the one before; team B one."""
    counted(engine, 100, 100)
    with transaction(engine) as db:
        for number in range(1, 11):
            at = NOW.replace(month=12, day=3) - timedelta(minutes=11 - number)
            row = make_submission(db, judged.teams["A"], number=number, state="scored", received_at=at)
            make_score(db, row, public=0.30 + number / 100, private=float(PRIVATE) - number / 1000)
        row = make_submission(db, judged.teams["B"], number=1, state="scored")
        make_score(db, row, public=0.35, private=0.35)


@pytest.mark.usefixtures("busy")
def test_probing_before_the_announcement_tells_nothing_hidden(browser: FlaskClient) -> None:
    page = text(browser, PROBING)
    assert "A a fait 10 de ses 10 dépôts dans les 24 dernières heures" in page
    assert "deux lignes au plus dans 9 fichiers sur 10" in page
    assert "+0,09" in page
    assert "Gain privé" not in page
    table = browser.get(f"{PROBING}/metiers-secteurs/report.csv")
    assert table.mimetype == "text/csv"
    first = table.get_data(as_text=True).splitlines()[1]
    assert first.startswith("A,active,10,10,2025-12-03,10,9,9,0.0")
    assert first.endswith(",")
    for hidden in ("0.73", "0,73", "0.72"):
        assert hidden not in page
        assert hidden not in table.get_data(as_text=True)


@pytest.mark.usefixtures("busy")
def test_probing_after_the_announcement_shows_what_remained(browser: FlaskClient, judged: Judged, engine) -> None:
    with transaction(engine) as db:
        db.add(PublishedRanking(edition_id="2025", version=1, results={"teams": [], "ranking": [], "components": []},
                                published_at=NOW, published_by=judged.organiser.id))  # fmt: skip
    page = text(browser, f"{PROBING}/metiers-secteurs")
    assert "rien n’est resté sur les lignes cachées" in page
    assert "Gain privé" in page
    assert "\u22120,009" in page
    assert "remained on the hidden rows" in text(browser, f"{PROBING}?lang=en")


def test_probing_of_nobody_says_so(browser: FlaskClient) -> None:
    assert "Aucun fichier n’a encore de score." in text(browser, PROBING)
    assert browser.get(f"{PROBING}/competences").status_code == 404
