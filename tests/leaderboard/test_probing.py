"""Who uses the board how: counted from scored files, and hidden values only when they are public."""

from datetime import date, timedelta

import pytest
from factories import NOW, PARIS, make_edition, make_score, make_submission, make_team
from judged import judged_edition
from sqlalchemy import Engine, event

from datathon.leaderboard.probing import Answer, Report, probing_of, report
from datathon.store.db import reading, transaction

EDITION = judged_edition()
CHALLENGE = next(c for c in EDITION.challenges if c.id == "metiers-secteurs")
PRIVATE = 0.7318294


def used(values: list[float], *, private: list[float] | None = None, hours: list[float] | None = None, rows=100):
    """What is said of a team with these public errors (lower is better), one file an hour before the end unless said."""
    hidden = private or [None] * len(values)
    before = hours or [float(len(values) - n) for n in range(len(values))]
    answers = [
        Answer(n, NOW - timedelta(hours=back), value, other)
        for n, (value, other, back) in enumerate(zip(values, hidden, before, strict=True), start=1)
    ]
    return probing_of("A", "a", "active", answers, direction="lower", rows=rows, until=NOW, zone=PARIS)


def test_late_files_improvements_and_small_steps_are_counted() -> None:
    found = used([0.50, 0.49, 0.49, 0.47, 0.48, 0.30], hours=[60, 59, 24, 5, 2, 1])
    assert (found.files, found.late, found.improved, found.small) == (6, 4, 3, 3)
    assert (found.busy_day, found.busiest) == (date(2025, 11, 20), 3)
    assert found.gained == pytest.approx(0.20)
    assert (found.kept, found.share_kept) == (None, None)


def test_gain_is_that_of_the_best_public_file_on_both_parts() -> None:
    found = used([0.50, 0.30, 0.40], private=[0.52, 0.47, 0.20])
    assert found.gained == pytest.approx(0.20)
    assert found.kept == pytest.approx(0.05)
    assert found.share_kept == pytest.approx(0.25)
    # One file gains nothing, and no share of nothing is told.
    assert used([0.5], private=[0.4]).share_kept is None
    assert used([0.5, 0.4], rows=None).small is None


def test_report_of_nobody_says_so() -> None:
    assert (Report((), (), True).files, Report((), (), True).share_kept) == (0, None)


def test_private_values_are_not_even_read_before_they_are_public(engine: Engine) -> None:
    with transaction(engine) as db:
        make_edition(db)
        for name, count in (("Marée haute", 2), ("Le Verger", 3)):
            team = make_team(db, name)
            for number in range(1, count + 1):
                state = "withdrawn" if number == 2 else "scored"
                row = make_submission(db, team, number=number, state=state, received_at=NOW - timedelta(hours=number))
                make_score(db, row, public=0.5 - number / 100, private=PRIVATE, metric="rmse")
        make_score(db, make_submission(db, None, state="scored", baseline="mean"), public=9, private=9, metric="rmse")
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cu, statement, *_: asked.append(statement))
    with reading(engine) as db:
        found = report(db, EDITION, CHALLENGE, rows=20, until=NOW, with_private=False)
    assert [(team.team, team.files) for team in found.teams] == [("Le Verger", 3), ("Marée haute", 2)]
    assert found.days == ((date(2025, 11, 20), 5),)
    assert str(PRIVATE) not in str(found)
    assert not any("private" in statement for statement in asked)
    with reading(engine) as db:
        after = report(db, EDITION, CHALLENGE, rows=20, until=NOW, with_private=True)
    assert after.share_kept == pytest.approx(0)
