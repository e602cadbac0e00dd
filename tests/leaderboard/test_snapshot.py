import json
from datetime import UTC, datetime, timedelta

import pytest
from factories import NOW, grant, make_edition, make_person, make_score, make_submission, make_team
from judged import judged_edition
from sqlmodel import Session, select

from datathon.editions.rules import Challenge, Edition, Metric
from datathon.editions.tables import PhaseMove
from datathon.kernel.errors import Invalid
from datathon.leaderboard.final import final_scores
from datathon.leaderboard.queries import Board, board, primary, rank_of
from datathon.leaderboard.snapshot import refresh
from datathon.scoring.tables import Score
from datathon.submissions.tables import FinalChoice, Submission
from datathon.teams.tables import Team

EDITION = judged_edition()
CLOSE = datetime(2025, 12, 5, 17, 0, tzinfo=UTC)


def challenge(edition: Edition = EDITION) -> Challenge:
    found = edition.challenge("metiers-secteurs")
    assert found is not None
    return found


def scored(
    db: Session, team: Team | None, public: float, private: float = 0.7318294, *, number: int = 1, at: datetime = NOW
) -> Submission:
    submission = make_submission(
        db, team, number=number, state="scored", received_at=at, baseline="" if team else "moyenne.csv"
    )
    make_score(db, submission, public=public, private=private, metric="rmse")
    return submission


def shown(db: Session, now: datetime = NOW) -> Board:
    refresh(db, EDITION, challenge(), now=now)
    found = board(db, EDITION, challenge())
    assert found is not None
    return found


def ranks(found: Board) -> list[tuple[int | None, str]]:
    return [(row["rank"], row["team"]) for row in found.payload["rows"]]


def test_refresh_shows_the_best_public_score_of_each_team(db: Session) -> None:
    make_edition(db)
    one, two = make_team(db, "Marée haute"), make_team(db, "Le Verger")
    scored(db, one, 6.8)
    scored(db, one, 5.1234567, number=2, at=NOW + timedelta(hours=1))
    scored(db, two, 6.0)
    scored(db, None, 12.0)
    payload = shown(db).payload
    assert {k: payload[k] for k in ("as_of", "part", "metric", "direction", "frozen")} == {
        "as_of": "2025-11-20T11:00:00Z",
        "part": "public",
        "metric": "rmse",
        "direction": "lower",
        "frozen": False,
    }
    assert payload["rows"] == [
        {
            "rank": 1,
            "team": "Marée haute",
            "slug": "maree-haute",
            "score": 5.123457,
            "submissions": 2,
            "interval": None,
            "tied": [],
            "kind": "team",
            "best_at": "2025-11-20T12:00:00Z",
        },
        {
            "rank": 2,
            "team": "Le Verger",
            "slug": "le-verger",
            "score": 6.0,
            "submissions": 1,
            "interval": None,
            "tied": [],
            "kind": "team",
            "best_at": "2025-11-20T11:00:00Z",
        },
        {
            "rank": None,
            "team": "moyenne.csv",
            "slug": None,
            "score": 12.0,
            "submissions": 1,
            "interval": None,
            "tied": [],
            "kind": "baseline",
            "best_at": "2025-11-20T11:00:00Z",
        },
    ]
    assert rank_of(shown(db), "le-verger") == 2


def test_refresh_without_a_change_keeps_version_and_instant(db: Session) -> None:
    make_edition(db)
    team = make_team(db)
    scored(db, team, 6.8)
    first = shown(db)
    assert shown(db, NOW + timedelta(hours=1)) == first
    scored(db, team, 6.9, number=2)
    later = shown(db, NOW + timedelta(hours=2))
    assert (later.version, later.as_of) == (first.version + 1, NOW + timedelta(hours=2))


def test_refresh_never_shows_a_private_value(db: Session) -> None:
    make_edition(db)
    scored(db, make_team(db), 6.8, private=0.7318294)
    text = json.dumps(dict(shown(db).payload))
    assert "0.7318" not in text
    assert "private" not in text


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", [(1, "B"), (2, "A")]),
        ("out_of_competition", [(None, "B"), (1, "A")]),
        ("withdrawn", [(1, "A")]),
        ("ineligible", [(1, "A")]),
    ],
)
def test_refresh_follows_the_status_of_a_team(db: Session, status: str, expected: list[tuple[int | None, str]]) -> None:
    make_edition(db)
    scored(db, make_team(db, "A"), 6.8)
    scored(db, make_team(db, "B", status=status), 5.0)
    found = shown(db)
    assert ranks(found) == expected
    gone = [] if status not in {"withdrawn", "ineligible"} else [{"team": "B", "reason": status}]
    assert found.payload["unranked"] == gone


@pytest.mark.parametrize("state", ["received", "running", "rejected", "failed", "withdrawn"])
def test_refresh_counts_scored_submissions_only(db: Session, state: str) -> None:
    make_edition(db)
    submission = scored(db, make_team(db), 6.8)
    submission.state = state
    db.flush()
    assert ranks(shown(db)) == []


def test_refresh_takes_the_record_of_the_present_attempt(db: Session) -> None:
    make_edition(db)
    submission = scored(db, make_team(db), 6.8)
    submission.attempt = 2
    make_score(db, submission, public=6.1, private=1.0, metric="rmse")
    assert [row["score"] for row in shown(db).payload["rows"]] == [6.1]


@pytest.mark.parametrize(("second", "counted"), [(-1, True), (0, False)])
def test_refresh_after_the_close_counts_what_came_before_to_the_second(
    db: Session,
    second: int,
    counted: bool,  # noqa: FBT001
) -> None:
    make_edition(db)
    scored(db, make_team(db), 6.8, at=CLOSE + timedelta(seconds=second))
    found = shown(db, CLOSE + timedelta(minutes=1))
    assert (len(found.payload["rows"]), found.frozen) == (int(counted), True)


def test_refresh_is_not_frozen_while_a_score_is_awaited(db: Session) -> None:
    make_edition(db)
    team = make_team(db)
    make_submission(db, team, state="running", received_at=NOW)
    assert shown(db, CLOSE + timedelta(minutes=1)).frozen is False


def test_refresh_is_frozen_when_an_organiser_closed_the_phase(db: Session) -> None:
    make_edition(db)
    organiser = make_person(db)
    grant(db, organiser, "organiser")
    move = PhaseMove(edition_id="2025", phase="submissions", state="closed", decided_at=NOW, decided_by=organiser.id)
    db.add(move)
    scored(db, make_team(db), 6.8, at=NOW - timedelta(hours=1))
    assert shown(db, NOW + timedelta(minutes=1)).frozen is True


def test_primary_takes_the_direction_of_the_shipped_metric() -> None:
    assert primary(challenge()).direction == "lower"


def test_primary_without_a_declared_direction_is_never_guessed() -> None:
    unknown = Challenge("x", "2025", EDITION.folder, {}, {}, {}, metrics=(Metric("charm"),))
    with pytest.raises(Invalid):
        primary(unknown)


def test_final_scores_take_the_choice_of_the_team_or_the_best_public(db: Session) -> None:
    make_edition(db)
    one, two = make_team(db, "A"), make_team(db, "B")
    scored(db, one, 5.0, 9.0)
    chosen = scored(db, one, 6.0, 8.0, number=2)
    scored(db, two, 5.0, 7.5)
    scored(db, two, 6.0, 1.0, number=2)
    choice = FinalChoice(
        team_id=one.id,
        challenge_id="metiers-secteurs",
        submission_id=chosen.id,
        chosen_at=NOW,
        chosen_by=one.captain_id,
    )
    db.add(choice)
    db.flush()
    finals = final_scores(db, EDITION, challenge())
    assert {t: (finals[t].value, finals[t].number, finals[t].chosen) for t in finals} == {
        one.id: (8.0, 2, True),
        two.id: (7.5, 1, False),
    }


def test_refresh_takes_the_record_that_counts_and_no_other(db: Session) -> None:
    make_edition(db)
    team = make_team(db, "Marée haute")
    submission = scored(db, team, 6.8, 5.0)
    submission.attempt = 2
    make_score(db, submission, public=7.5, private=7.0, metric="rmse")
    assert shown(db).payload["rows"][0]["score"] == 7.5
    assert final_scores(db, EDITION, challenge())[team.id].value == 7.0
    assert len(db.exec(select(Score)).all()) == 2
