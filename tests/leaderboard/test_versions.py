"""Scores of two versions are never ranked together, and nobody has to remember it."""

from datetime import timedelta

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from judged import judged_edition
from sqlmodel import Session, select

from datathon.leaderboard.final import final_scores
from datathon.leaderboard.queries import board
from datathon.leaderboard.snapshot import refresh
from datathon.scoring.basis import PARTS, Basis
from datathon.scoring.logbook import public_scores
from datathon.scoring.notice import Versions, note_trouble, notice, settled, versions
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Submission

EDITION = judged_edition()
CHALLENGE = EDITION.challenge("metiers-secteurs")
OLD = Basis("sha256:old", dict.fromkeys(PARTS, "1"))
NEW = Basis("sha256:new", {**dict.fromkeys(PARTS, "1"), "reference": "2"})
WHERE = {"edition_id": "2025", "challenge_id": "metiers-secteurs"}


def scored(db: Session, name: str, value: float, basis: Basis | None, *, number: int = 1) -> Submission:
    row = make_submission(db, make_team(db, name), state="scored", number=number)
    make_score(db, row, public=value, private=value, metric="rmse").basis = "" if basis is None else basis.digest
    db.flush()
    return row


def shown(db: Session) -> list[str]:
    refresh(db, EDITION, CHALLENGE, now=NOW)
    return [row["team"] for row in board(db, EDITION, CHALLENGE).payload["rows"]]


def found(db: Session) -> Versions:
    there = versions(db, "2025", "metiers-secteurs")
    assert there is not None
    return there


@pytest.fixture
def edition(db: Session) -> Session:
    make_edition(db)
    return db


def test_first_look_takes_the_scores_that_are_there(edition: Session) -> None:
    scored(edition, "A", 6.8, OLD)
    assert notice(edition, **WHERE, basis=OLD, now=NOW)
    assert settled(edition, "2025", "metiers-secteurs", OLD)
    assert not found(edition).mixed
    assert not notice(edition, **WHERE, basis=OLD, now=NOW), "a second look finds nothing new"


def test_first_look_after_a_change_keeps_showing_the_old_scores(edition: Session) -> None:
    scored(edition, "A", 6.8, OLD)
    notice(edition, **WHERE, basis=NEW, now=NOW)
    assert (found(edition).present, found(edition).shown, found(edition).behind) == (NEW.digest, OLD.digest, 1)


def test_change_of_the_reference_is_said_and_the_board_stays(edition: Session) -> None:
    old = scored(edition, "A", 6.8, OLD)
    notice(edition, **WHERE, basis=OLD, now=NOW)
    notice(edition, **WHERE, basis=NEW, now=NOW + timedelta(hours=1))
    scored(edition, "B", 1.0, NEW)
    assert shown(edition) == ["A"], "the new score waits: it cannot be compared"
    there = found(edition)
    assert (there.changed, there.behind, there.waiting, there.mixed) == (("reference",), 1, 1, True)
    assert there.noticed_at == NOW + timedelta(hours=1)
    (line,) = edition.exec(select(AuditEntry)).all()
    assert (line.act, line.details) == ("scoring_changed", {"parts": ["reference"]})
    assert list(final_scores(edition, EDITION, CHALLENGE)) == [old.team_id]


def test_change_before_any_score_needs_no_rescoring(edition: Session) -> None:
    notice(edition, **WHERE, basis=OLD, now=NOW)
    assert notice(edition, **WHERE, basis=NEW, now=NOW)
    assert settled(edition, "2025", "metiers-secteurs", NEW)


def test_board_follows_when_the_last_old_score_is_withdrawn(edition: Session) -> None:
    old = scored(edition, "A", 6.8, OLD)
    notice(edition, **WHERE, basis=OLD, now=NOW)
    notice(edition, **WHERE, basis=NEW, now=NOW)
    scored(edition, "B", 1.0, NEW)
    old.state = "withdrawn"
    edition.flush()
    assert notice(edition, **WHERE, basis=NEW, now=NOW)
    assert shown(edition) == ["B"]


def test_records_of_before_the_book_keeping_stay_on_the_board_until_a_change(edition: Session) -> None:
    scored(edition, "A", 6.8, None)
    notice(edition, **WHERE, basis=OLD, now=NOW)
    assert (found(edition).mixed, shown(edition)) == (False, ["A"])
    notice(edition, **WHERE, basis=NEW, now=NOW)
    assert (found(edition).behind, shown(edition)) == (1, ["A"])


def test_change_taken_back_leaves_nothing_to_do(edition: Session) -> None:
    scored(edition, "A", 6.8, OLD)
    for basis in (OLD, NEW, OLD):
        notice(edition, **WHERE, basis=basis, now=NOW)
    assert not found(edition).mixed


def test_trouble_is_kept_until_the_folder_is_in_order(edition: Session) -> None:
    note_trouble(edition, **WHERE, text="reference.csv:3: 'x' is not a finite number", now=NOW)
    assert found(edition).trouble.startswith("reference.csv:3")
    assert not found(edition).mixed
    notice(edition, **WHERE, basis=OLD, now=NOW)
    assert found(edition).trouble == ""


def test_team_learns_which_of_its_scores_is_not_on_the_board(edition: Session) -> None:
    old, new = scored(edition, "A", 6.8, OLD), scored(edition, "B", 1.0, NEW)
    notice(edition, **WHERE, basis=OLD, now=NOW)
    notice(edition, **WHERE, basis=NEW, now=NOW)
    told = public_scores(edition, [old.id, new.id], ladder="")
    assert (told[old.id].on_board, told[new.id].on_board) == (True, False)


def test_other_challenges_are_not_touched(edition: Session) -> None:
    row = scored(edition, "A", 6.8, OLD)
    row.challenge_id = "autre"
    edition.flush()
    notice(edition, **WHERE, basis=NEW, now=NOW)
    assert versions(edition, "2025", "autre") is None
    assert found(edition).behind == 0
