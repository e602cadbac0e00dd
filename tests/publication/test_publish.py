import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from factories import make_score, make_submission, make_team
from judged import AFTERWARDS, GRADES, JURY_TIME, RMSE, Judged, make_judged, make_worked_edition, submit_sheet
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.grade import save_draft
from datathon.jury.grid import Marks, exact, reaches_threshold, team_means
from datathon.jury.rules import Content
from datathon.kernel.errors import Conflict, Invalid
from datathon.leaderboard.merge import anchored
from datathon.leaderboard.snapshot import refresh_all
from datathon.leaderboard.tables import BoardSnapshot
from datathon.publication.preview import preview
from datathon.publication.publish import publish
from datathon.publication.queries import latest, publications
from datathon.store.db import transaction
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team


def closed(db: Session) -> Judged:
    judged = make_worked_edition(db)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return judged


def remarks(db: Session, judged: Judged) -> list[str]:
    return [r.message % r.params for r in preview(db, judged.edition, now=AFTERWARDS).remarks]


def blockers(db: Session, judged: Judged, *, during_jury: bool = False) -> list[str]:
    now = JURY_TIME if during_jury else AFTERWARDS
    return [r.message % r.params for r in preview(db, judged.edition, now=now).blockers]


def test_publish_of_the_worked_edition_gives_the_results_of_the_specification(db: Session) -> None:
    judged = closed(db)
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    found = latest(db, "2025")
    assert found is not None
    results = found.results
    rows = [(r["team"], r["rank"], r["metric"], r["jury_raw"], r["jury"], r["total"]) for r in results["ranking"]]
    assert rows == [
        ("c", 1, 75.0, 77.0, 77.0, 76.2),
        ("a", 2, 65.0, 76.0, 76.0, 71.6),
        ("d", 3, 85.0, 60.0, 60.0, 70.0),
        ("b", 4, 57.5, 75.0, 75.0, 68.0),
    ]
    assert [(t["id"], t["status"], t.get("reason")) for t in results["teams"]] == [
        ("c", "ranked", None),
        ("a", "ranked", None),
        ("d", "ranked", None),
        ("b", "ranked", None),
        ("e", "ineligible", "below_threshold"),
        ("f", "ineligible", "below_threshold"),
    ]
    assert results["metric"] == {name.lower(): value for name, value in RMSE.items()}
    assert (results["format"], results["edition"], results["scheme"], results["decimals"]) == (
        "datathon-results/1",
        "2025",
        "fixed",
        4,
    )
    assert results["components"] == [
        {
            "id": "metric",
            "kind": "metric",
            "weight": 40,
            "challenge": "metiers-secteurs",
            "direction": "lower",
            "baseline": 12,
            "target": 4,
            "metric": "rmse",
            "metric_decimals": 6,
        },
        {
            "id": "jury",
            "kind": "jury",
            "weight": 60,
            "challenge": "competences",
            "correction": "raw",
            "lambda": None,
            "why": "complete",
            "threshold": 50,
        },
    ]
    assert results["tie_break"] == ["jury", "criterion:quality"]
    assert (results["decided"], results["version"]) == ([], 1)
    assert {s["juror"] for s in results["sheets"]} == {"j1"}
    assert results["inputs"]["metiers-secteurs/reference"] == "sha256:" + "2" * 64


def test_results_are_enough_to_recompute_the_ranking(db: Session) -> None:
    judged = closed(db)
    results = json.loads(json.dumps(dict(preview(db, judged.edition, now=AFTERWARDS).results)))
    rubric = judged.edition.rubric
    assert rubric is not None
    means = team_means(rubric, [Marks(s["juror"], s["team"], s["marks"]) for s in results["sheets"]])
    metric, jury = results["components"]
    totals = {
        team: exact(
            (
                metric["weight"] * anchored(value, baseline=metric["baseline"], target=metric["target"])
                + jury["weight"] * means[team].score
            )
            / (metric["weight"] + jury["weight"])
        )
        for team, value in results["metric"].items()
        if reaches_threshold(rubric, means[team].points)
    }
    assert {r["team"]: r["total"] for r in results["ranking"]} == totals


def test_results_name_no_juror(db: Session) -> None:
    judged = closed(db)
    text = json.dumps(dict(preview(db, judged.edition, now=AFTERWARDS).results))
    assert judged.jurors[0].name not in text
    assert str(judged.jurors[0].id) not in text


def test_publish_makes_the_prototypes_public_except_those_of_withdrawn_teams(db: Session) -> None:
    judged = closed(db)
    judged.teams["F"].status = "withdrawn"
    db.flush()
    published = publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    shown = {p.title: p.public for p in db.exec(select(Prototype))}
    assert (published.prototypes, shown["Prototype A"], shown["Prototype F"]) == (5, True, False)
    assert "publish_ranking" in {e.act for e in db.exec(select(AuditEntry))}


def test_publish_before_the_jury_closed_is_refused(db: Session) -> None:
    judged = make_worked_edition(db)
    with pytest.raises(Conflict):
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    assert latest(db, "2025") is None


def test_publish_while_predictions_are_open_would_leak_and_is_refused(db: Session) -> None:
    judged = closed(db)
    assert any("Predictions can still be submitted" in b for b in blockers(db, judged, during_jury=True))
    with pytest.raises(Conflict):
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)


def test_publish_while_a_score_is_awaited_is_refused(db: Session) -> None:
    judged = closed(db)
    make_submission(db, judged.teams["A"], number=2, state="running")
    assert blockers(db, judged) == ["1 submissions still wait for their score."]


def test_publish_again_needs_a_reason_and_is_a_new_version(db: Session) -> None:
    judged = closed(db)
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    judged.teams["D"].status = "out_of_competition"
    db.flush()
    with pytest.raises(Invalid) as refusal:
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    assert refusal.value.field == "reason"
    publish(
        db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS, reason="D était hors compétition"
    )
    assert [(p.version, p.reason) for p in publications(db, "2025")] == [(2, "D était hors compétition"), (1, "")]
    assert [r["team"] for r in publications(db, "2025")[0].results["ranking"]] == ["c", "a", "b"]


def test_publish_of_the_same_ranking_twice_is_refused(db: Session) -> None:
    judged = closed(db)
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    with pytest.raises(Conflict):
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS, reason="encore")


def test_publish_of_what_changed_since_the_preview_is_refused(db: Session) -> None:
    judged = closed(db)
    seen = preview(db, judged.edition, now=AFTERWARDS).digest
    judged.teams["C"].status = "withdrawn"
    db.flush()
    with pytest.raises(Conflict):
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS, seen=seen)


def test_publish_by_two_organisers_at_once_publishes_once(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = closed(db)

    def act(_: int) -> str:
        try:
            with transaction(engine) as session:
                publish(session, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
        except Conflict:
            return "refused"
        return "published"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(act, range(3))) == ["published", "refused", "refused"]


def test_preview_names_the_sheets_and_teams_that_do_not_count(db: Session) -> None:
    judged = make_judged(db, teams="ABC", jurors=2)
    one, two = judged.jurors
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    submit_sheet(db, judged, one, judged.teams["A"], *GRADES["A"])
    submit_sheet(db, judged, two, judged.teams["A"], *GRADES["B"])
    submit_sheet(db, judged, one, judged.teams["C"], *GRADES["C"])
    save_draft(
        db,
        edition=judged.edition,
        windows=judged.windows(db),
        juror_id=two.id,
        team_id=judged.teams["B"].id,
        version=0,
        content=Content({"needs": 3.0}),
        now=JURY_TIME,
    )
    declare(
        db,
        edition=judged.edition,
        juror_id=two.id,
        conflicts={judged.teams["A"].id: "tard"},
        secrecy=True,
        now=JURY_TIME,
    )
    judged.teams["C"].status = "withdrawn"
    make_team(db, "Sans dossier")
    db.flush()
    assert remarks(db, judged) == [
        "The sheet of Membre 2 for A does not count: a conflict of interest is declared.",
        "The sheet of Membre 2 for B does not count: it is still a draft.",
        "The sheet of Membre 1 for C does not count: the team withdrew.",
        "Sans dossier handed in no dossier; the jury does not grade it.",
    ]
    shown = preview(db, judged.edition, now=AFTERWARDS)
    assert [(s["juror"], s["team"]) for s in shown.results["sheets"]] == [("j1", "a")]
    assert [(s.team, s.status, s.reason) for s in shown.standings] == [
        ("a", "unranked", "no_metric"),
        ("b", "unranked", "no_metric"),
        ("sans-dossier", "unranked", "no_metric"),
        ("c", "withdrawn", "withdrawn"),
    ]


def test_preview_quantises_the_metric_before_the_merge(db: Session) -> None:
    judged = make_judged(db, teams="A")
    team = judged.teams["A"]
    submission = make_submission(db, team, state="scored")
    make_score(db, submission, public=1.0, private=6.80000004, metric="rmse")
    assert preview(db, judged.edition, now=AFTERWARDS).results["metric"] == {"a": 6.8}


def test_preview_of_an_edition_without_ranking_is_refused(db: Session) -> None:
    judged = make_judged(db)
    with pytest.raises(Invalid):
        preview(db, replace(judged.edition, ranking=None), now=AFTERWARDS)


def test_publication_gives_the_teams_of_an_anonymous_edition_their_names_back(db: Session) -> None:
    judged = closed(db)
    edition = replace(judged.edition, anonymous=True)

    def shown() -> set[str]:
        return {row["team"] for board in db.exec(select(BoardSnapshot)) for row in board.payload["rows"]}

    names = set(db.exec(select(Team.name)).all())
    refresh_all(db, edition, now=AFTERWARDS)
    assert (shown() & names, len(shown())) == (set(), len(RMSE))
    publish(db, edition=edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    assert (shown() <= names, len(shown())) == (True, len(RMSE))
