"""``datathon submission log``: everything that was written, for the person at the machine."""

import json

from factories import NOW, make_edition, make_submission, make_team

from datathon.cli_submission import log
from datathon.scoring.tables import ScoringLog
from datathon.store.db import transaction


def failed(engine):
    with transaction(engine) as db:
        make_edition(db)
        row = make_submission(db, make_team(db), state="failed")
        for stage in ("parse", "score"):
            text = f"{stage} said\nétiquette 7"
            db.add(ScoringLog(submission_id=row.id, attempt=1, stage=stage, code="scorer_error", text=text, at=NOW))
        return row.id


def test_log_prints_every_stage(engine, settings, capsys):
    assert log(settings, str(failed(engine)), as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "attempt 1, parse, scorer_error, 2025-11-20T11:00:00+00:00"
    assert lines[-1] == "  étiquette 7"


def test_log_as_json_is_one_object(engine, settings, capsys):
    key = failed(engine)
    log(settings, str(key), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["submission"] == str(key)
    assert [(e["attempt"], e["stage"]) for e in said["entries"]] == [(1, "parse"), (1, "score")]


def test_log_of_what_is_no_id_is_wrong_usage(settings, capsys):
    assert log(settings, "nº 3", as_json=False) == 2
    assert "not the id" in capsys.readouterr().err


def test_log_of_a_submission_without_entries_says_so(engine, settings, capsys):
    with transaction(engine) as db:
        make_edition(db)
        key = make_submission(db, make_team(db), state="scored").id
    log(settings, str(key), as_json=False)
    assert capsys.readouterr().out == "nothing was logged for this submission\n"
