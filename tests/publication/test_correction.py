"""The correction of severity from the closing of a jury to its published results."""

from dataclasses import replace

import pytest
from factories import make_score, make_submission
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.counting import choose_correction, frozen_correction
from datathon.jury.declare import declare
from datathon.jury.shrinkage import Correction
from datathon.jury.tables import Sheet
from datathon.publication.preview import Preview, preview
from datathon.store.tables import AuditEntry

SEVERITY = (2, 1, 0, -1, -4)


def announce(judged: Judged, correction: str, **more: object) -> Judged:
    rubric = judged.edition.rubric
    assert rubric is not None
    return replace(judged, edition=replace(judged.edition, rubric=replace(rubric, correction=correction, **more)))


def panel(db: Session, correction: str = "reml", *, skip: tuple[tuple[int, str], ...] = ((4, "A"),)) -> Judged:
    """Five jurors of different severity grade six teams; ``skip`` names (juror, team) conflicts."""
    judged = announce(make_judged(db, teams="ABCDEF", jurors=5), correction)
    for n, juror in enumerate(judged.jurors):
        conflicts = {judged.teams[t].id: "déport" for j, t in skip if j == n}
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts=conflicts, secrecy=True, now=JURY_TIME)
        for name, team in judged.teams.items():
            if (n, name) not in skip:
                jitter = 0.5 * ((n + ord(name)) % 2)
                points = [*GRADES[name]]
                points[1] = max(0, min(30, points[1] + SEVERITY[n] + jitter))
                submit_sheet(db, judged, juror, team, *points)
    for name, team in judged.teams.items():
        submission = make_submission(db, team, state="scored")
        make_score(db, submission, public=1.0, private=5.0 + ord(name) - ord("A"), metric="rmse")
    return judged


def shut(db: Session, judged: Judged) -> Preview:
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return preview(db, judged.edition, now=AFTERWARDS)


def jury(shown: Preview) -> dict[str, object]:
    return next(c for c in shown.results["components"] if c["kind"] == "jury")


def said(shown: Preview) -> str:
    return " ".join(r.message % r.params for r in shown.remarks)


def test_incomplete_jury_with_an_announced_correction_is_corrected(db: Session) -> None:
    judged = panel(db)
    chosen = choose_correction(db, judged.edition)
    shown = shut(db, judged)
    assert frozen_correction(db, "2025") == chosen
    assert (chosen.method, chosen.applied) == ("reml", True)
    assert (jury(shown)["correction"], jury(shown)["lambda"]) == ("reml", chosen.lam)
    row = next(r for r in shown.results["ranking"] if r["team"] == "a")
    assert row["jury"] == row["jury_fair"] < row["jury_raw"]
    assert row["scores"]["jury"] == row["jury"]
    entry = db.exec(select(AuditEntry).where(AuditEntry.act == "close_jury")).one()
    assert (entry.details["correction"], entry.details["correction_lambda"]) == ("reml", chosen.lam)


def test_incomplete_jury_without_announcement_shows_the_correction_only(db: Session) -> None:
    shown = shut(db, panel(db, "shown"))
    assert (jury(shown)["correction"], jury(shown)["lambda"], jury(shown)["why"]) == ("raw", None, "shown")
    assert jury(shown)["shown"] == {"correction": "reml", "lambda": frozen_correction(db, "2025").lam}
    row = next(r for r in shown.results["ranking"] if r["team"] == "a")
    assert row["jury"] == row["jury_raw"] > row["jury_fair"]
    assert "the corrected scores are shown, the raw means count" in said(shown)


@pytest.mark.parametrize("correction", ["raw", "shown", "reml", "fixed"])
def test_complete_jury_publishes_raw_means_whatever_was_announced(db: Session, correction: str) -> None:
    shown = shut(db, panel(db, correction, skip=()))
    assert jury(shown)["correction"] == "raw"
    assert all("jury_fair" not in row and row["jury"] == row["jury_raw"] for row in shown.results["ranking"])


def test_frozen_lambda_stands_when_sheets_leave_afterwards(db: Session) -> None:
    judged = panel(db)
    frozen = shut(db, judged) and frozen_correction(db, "2025")
    judged.teams["F"].status = "withdrawn"
    db.flush()
    shown = preview(db, judged.edition, now=AFTERWARDS)
    assert jury(shown)["lambda"] == frozen.lam
    judged.teams["A"].status = "withdrawn"
    db.flush()
    complete = preview(db, judged.edition, now=AFTERWARDS)
    assert jury(complete)["correction"] == "raw"
    assert "is complete: the corrected scores equal the raw means" in said(complete)


def test_second_closing_keeps_the_first_lambda(db: Session) -> None:
    judged = panel(db)
    first = close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    for sheet in db.exec(select(Sheet)):
        sheet.marks = marks(*GRADES["A"])
    again = close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    assert (again.already, again.correction) == (True, first.correction)


def test_panels_without_a_common_member_are_named_and_not_corrected(db: Session) -> None:
    skip = tuple((n, t) for n in range(5) for t in "ABCDEF" if (n < 2) != (t < "D"))
    shown = shut(db, panel(db, skip=skip))
    assert frozen_correction(db, "2025") == Correction(why="disconnected")
    assert "2 panels without a common member: A, B, C | D, E, F" in said(shown)


def test_juror_with_every_conflict_and_one_who_never_opens_a_sheet_change_nothing(db: Session) -> None:
    judged = announce(make_judged(db, teams="AB", jurors=3), "reml")
    one, two, _never = judged.jurors
    everybody = {team.id: "tous" for team in judged.teams.values()}
    declare(db, edition=judged.edition, juror_id=one.id, conflicts={}, secrecy=True, now=JURY_TIME)
    declare(db, edition=judged.edition, juror_id=two.id, conflicts=everybody, secrecy=True, now=JURY_TIME)
    for name, team in judged.teams.items():
        submit_sheet(db, judged, one, team, *GRADES[name])
    assert choose_correction(db, judged.edition) == Correction(why="complete")


def test_jury_without_any_sheet_can_close(db: Session) -> None:
    judged = announce(make_judged(db, teams="AB", jurors=2), "reml")
    shut(db, judged)
    assert frozen_correction(db, "2025") == Correction(why="empty")


def test_anchors_that_clip_a_fifth_of_the_values_are_remarked(db: Session) -> None:
    judged = panel(db, skip=())
    plan = judged.edition.ranking
    assert plan is not None
    metric = replace(plan.components[0], baseline=9.0, target=6.0)
    tight = replace(
        judged, edition=replace(judged.edition, ranking=replace(plan, components=(metric, plan.components[1])))
    )
    assert "2 of 6 values of “metric” lie beyond its anchors" in said(shut(db, tight))


def test_other_schemes_stand_beside_with_a_warning(db: Session) -> None:
    judged = panel(db, skip=())
    plan = judged.edition.ranking
    assert plan is not None
    more = replace(judged, edition=replace(judged.edition, ranking=replace(plan, also_shown=("minmax", "borda"))))
    shown = shut(db, more)
    assert list(shown.results["also_shown"]) == ["minmax", "borda"]
    assert set(shown.results["also_shown"]["borda"]) == {r["team"] for r in shown.results["ranking"]}
    assert "a team that loses can change the winner" in said(shown)
