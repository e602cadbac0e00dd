"""Juries that go wrong: all equal marks, one member, a team that withdraws late. The ranking says so and verifies."""

import json

from factories import make_score, make_submission
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, submit_sheet
from sqlmodel import Session

from datathon.jury.close import close
from datathon.jury.counting import frozen_correction
from datathon.jury.declare import declare
from datathon.publication.preview import Preview, preview
from datathon.publication.verify.compare import verify


def judge(db: Session, *, jurors: int, equal: bool = False) -> Judged:
    """Every juror grades every team; ``equal``: with the same marks, and every metric is the same too."""
    judged = make_judged(db, teams="ABC", jurors=jurors)
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, team in judged.teams.items():
            submit_sheet(db, judged, juror, team, *GRADES["A" if equal else name])
    for name, team in judged.teams.items():
        value = 6.0 if equal else 5.0 + ord(name) - ord("A")
        make_score(db, make_submission(db, team, state="scored"), public=1.0, private=value, metric="rmse")
    return judged


def shut(db: Session, judged: Judged) -> Preview:
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return preview(db, judged.edition, now=AFTERWARDS)


def verified(shown: Preview) -> bool:
    return verify(json.dumps(shown.results).encode()).difference is None


def test_all_equal_marks_share_the_first_rank(db: Session) -> None:
    shown = shut(db, judge(db, jurors=3, equal=True))
    assert [(r["rank"], r["shared"]) for r in shown.results["ranking"]] == [(1, True)] * 3
    assert not frozen_correction(db, "2025").applied
    assert verified(shown)


def test_one_juror_ranks_without_any_correction(db: Session) -> None:
    shown = shut(db, judge(db, jurors=1))
    assert len(shown.results["ranking"]) == 3
    assert not frozen_correction(db, "2025").applied
    assert verified(shown)


def test_team_that_withdraws_after_grading_leaves_ranking_and_marks(db: Session) -> None:
    judged = judge(db, jurors=3)
    before = [r["team"] for r in preview(db, judged.edition, now=JURY_TIME).results["ranking"]]
    judged.teams["A"].status = "withdrawn"
    db.flush()
    shown = shut(db, judged)
    after = [r["team"] for r in shown.results["ranking"]]
    assert after == [team for team in before if team != "a"]
    assert "a" not in {sheet["team"] for sheet in shown.results["sheets"]}
    assert "the team withdrew" in " ".join(r.message for r in shown.remarks)
    assert verified(shown)
