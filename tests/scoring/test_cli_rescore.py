"""``datathon rescore`` where it cannot do what it is asked; the journey of a whole campaign is in tests/journeys."""

from factories import make_edition
from sqlmodel import select

from datathon.cli_rescore import rescore
from datathon.scoring.tables import Rescoring
from datathon.store.db import reading, transaction

ASKED = {"preview": True, "reason": "Essai", "wait_s": 0.0, "as_json": True}


def test_rescore_of_what_is_no_challenge_here_is_wrong_usage(settings, tmp_path, capsys):
    for name in ("2025", "2025/absent", "2025/competences", str(tmp_path)):
        assert rescore(settings, name, **ASKED) == 2
    assert "no challenge 2025/absent" in capsys.readouterr().err


def test_rescore_without_a_worker_says_so_and_leaves_nothing_open(engine, settings, capsys):
    with transaction(engine) as db:
        make_edition(db, "atelier")
    assert rescore(settings, str(settings.challenges_dir / "atelier" / "marnage"), **ASKED) == 3
    assert "is one running?" in capsys.readouterr().err
    with reading(engine) as db:
        assert [one.state for one in db.exec(select(Rescoring))] == ["cancelled"]
