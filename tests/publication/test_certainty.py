"""The order of a metric on the hidden rows: its certainty comes with the publication and never before."""

import array
import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import make_score, make_submission
from judged import AFTERWARDS, JURY_TIME, Judged, make_worked_edition
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from datathon.config import Settings
from datathon.editions.rules import Edition, Reference
from datathon.jury.close import close
from datathon.leaderboard import intervals
from datathon.leaderboard.resample import compute, compute_next
from datathon.leaderboard.tables import BoardInterval
from datathon.publication.certainty import with_certainty
from datathon.publication.publish import publish
from datathon.publication.queries import latest
from datathon.publication.verify.compare import verify
from datathon.scoring import losses
from datathon.scoring.outcome import Losses
from datathon.scoring.tables import Score
from datathon.store.db import reading, transaction
from datathon.submissions.tables import Submission

KEY = ("2025", "metiers-secteurs", intervals.PRIVATE)
HIDDEN = 80


def with_losses(edition: Edition) -> Edition:
    """The worked edition with a reference, so that its metric is made of losses."""
    reference = Reference(file=Path("reference.csv"), truth=("y",))
    given = (replace(c, reference=reference) if c.id == KEY[1] else c for c in edition.challenges)
    return replace(edition, challenges=tuple(given))


def squares(level: float, seed: int) -> Losses:
    """Squared errors around ``level`` on the hidden rows, other ones on two public rows."""
    draw = random.Random(seed)  # noqa: S311 - made-up errors
    hidden = [level * draw.uniform(0.4, 1.6) for _ in range(HIDDEN)]
    return Losses("root", array.array("d", [1.0, 1.0, *hidden]).tobytes(), bytes([0, 0] + [1] * HIDDEN))


def closed(db: Session, settings: Settings, *, kept: bool = True) -> Judged:
    """The worked edition, marked and closed, its files scored again with losses: C and A side by side, D far ahead."""
    judged = make_worked_edition(db)
    judged = replace(judged, edition=with_losses(judged.edition))
    for seed, (name, level) in enumerate({"A": 36.0, "B": 55.0, "C": 36.1, "D": 27.0, "E": 92.0, "F": 169.0}.items()):
        made = squares(level, seed)
        submission = db.exec(select(Submission).where(Submission.team_id == judged.teams[name].id)).one()
        score = db.get_one(Score, submission.score_id)
        there = array.array("d", made.values)[2:]
        score.private = {"rmse": (sum(there) / len(there)) ** 0.5}
        score.losses_digest = losses.keep(losses.store(settings), made) if kept else None
        db.add(score)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return judged


def computed(engine: Engine, settings: Settings) -> intervals.Asked | None:
    return compute_next(engine, settings, worker="w1", run=lambda given, told: compute(given, progress=told))


def results(engine: Engine, edition: Edition) -> dict[str, Any]:
    with reading(engine) as db:
        published = latest(db, "2025")
        assert published is not None
        return dict(json.loads(json.dumps(with_certainty(db, edition, published).results)))


def difference(found: dict[str, Any]) -> str | None:
    return verify(json.dumps(found).encode()).difference


def test_certainty_comes_after_the_publication_and_never_before(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        judged = closed(db, settings)
    assert computed(engine, settings) is None
    with transaction(engine) as db:
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    before = results(engine, judged.edition)
    assert before["intervals"] == {"metric": {"state": "computing"}}
    assert difference(before) is None
    # What counts stays what was published, whatever is scored again meanwhile.
    with transaction(engine) as db:
        again = make_submission(db, judged.teams["A"], number=2, state="scored")
        make_score(db, again, public=0.1, private=0.1, metric="rmse")
    assert computed(engine, settings) is not None
    after = results(engine, judged.edition)
    said = after["intervals"]["metric"]
    assert (said["state"], said["rows"], said["draws"], said["indicative"]) == ("ready", HIDDEN, 2000, False)
    # The ranked teams by the metric alone; those under the jury's threshold are not among them.
    lines = {line["team"]: line for line in said["teams"]}
    assert list(lines) == ["d", *sorted(("a", "c"), key=lambda t: after["metric"][t]), "b"]
    assert (lines["d"]["ranks"], lines["b"]["ranks"]) == ([1, 1], [4, 4])
    assert lines["a"]["ranks"] == lines["c"]["ranks"] == [2, 3]
    assert [sorted(group) for group in said["groups"]] == [["a", "c"]]
    assert lines["d"]["p_first"] == 1
    assert difference(after) is None
    assert {**after, "intervals": 0} == {**before, "intervals": 0}


def test_correction_withdraws_the_certainty_of_what_it_corrects(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        judged = closed(db, settings)
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    computed(engine, settings)
    with transaction(engine) as db:
        judged.teams["D"].status = "withdrawn"
        db.add(db.merge(judged.teams["D"]))
        later = AFTERWARDS + timedelta(minutes=1)
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=later, reason="D left.")
    assert results(engine, judged.edition)["intervals"] == {"metric": {"state": "computing"}}
    with transaction(engine) as db:
        # A board rests ten seconds between two computations.
        db.get_one(BoardInterval, KEY).computed_at = AFTERWARDS
    computed(engine, settings)
    found = results(engine, judged.edition)
    assert [line["team"] for line in found["intervals"]["metric"]["teams"]][-1] == "b"
    assert len(found["intervals"]["metric"]["teams"]) == 3
    assert difference(found) is None


def test_score_without_losses_or_a_metric_without_them_says_why(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        judged = closed(db, settings, kept=False)
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    computed(engine, settings)
    found = results(engine, judged.edition)
    assert found["intervals"] == {"metric": {"state": "none", "reason": "losses"}}
    assert difference(found) is None
    plain = replace(
        judged.edition,
        challenges=tuple(replace(c, metrics=c.metrics, reference=None) for c in judged.edition.challenges),
    )
    with transaction(engine) as db:
        db.delete(db.get_one(BoardInterval, KEY))
    assert results(engine, plain)["intervals"]["metric"]["reason"] == "metric"
    # Published by a platform that did not compute them yet.
    assert results(engine, judged.edition)["intervals"]["metric"]["reason"] == "before"


def test_one_ranked_team_asks_for_nothing(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as db:
        judged = closed(db, settings)
        for name in "ABC":
            judged.teams[name].status = "out_of_competition"
            db.add(judged.teams[name])
        db.flush()
        publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
        assert db.exec(select(col(BoardInterval.part))).all() == []
    assert results(engine, judged.edition)["intervals"]["metric"]["reason"] == "teams"


@pytest.fixture(scope="module")
def ready() -> dict[str, Any]:
    """Results with intervals, written by hand: two teams that cannot be told apart, a third behind."""
    parts = [
        {"id": "metric", "kind": "metric", "weight": 1, "challenge": "m", "direction": "lower", "baseline": 4,
         "target": 0, "metric": "rmse", "metric_decimals": 6}
    ]  # fmt: skip
    values = {"a": 1.0, "b": 2.0, "c": 3.0}
    score = {team: 100 * (4 - value) / 4 for team, value in values.items()}
    row = {"shared": False, "jury": None, "jury_raw": None, "criteria": {}}
    lines = [
        {"team": team, "ranks": ranks, "drawn": ranks, "median": n, "p_first": first, "p_podium": 1.0, "p_ahead": 0.5,
         "tied": tied}
        for n, (team, ranks, first, tied) in enumerate(
            (("a", [1, 2], 0.6, ["b"]), ("b", [1, 2], 0.4, ["a"]), ("c", [3, 3], 0.0, [])), start=1)
    ]  # fmt: skip
    return {
        "format": "datathon-results/1", "edition": "e", "scheme": "fixed", "decimals": 4, "components": parts,
        "criteria": [], "tie_break": [], "metric": values, "sheets": [], "decided": [],
        "teams": [{"id": t, "name": t, "status": "ranked"} for t in values],
        "ranking": [
            {"team": t, "rank": n, "metric": score[t], "scores": {"metric": score[t]}, "total": score[t],
             "contributions": {"metric": score[t]}, **row}
            for n, t in enumerate(values, start=1)
        ],
        "intervals": {"metric": {"state": "ready", "rows": 50, "draws": 2000, "groups": [["a", "b"]], "teams": lines}},
    }  # fmt: skip


def test_verify_takes_intervals_that_fit(ready: dict[str, Any]) -> None:
    assert difference(ready) is None


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("teams", 0, "ranks"), [2, 2], "its value has rank 1"),
        (("teams", 0, "ranks"), [2, 1], "ranks from 2 to 1"),
        (("teams", 2, "drawn"), [3, 9], "drawn from 3 to 9"),
        (("teams", 0, "p_first"), 0.1, "p_first sums to 0.5"),
        (("teams", 0, "p_podium"), 0.5, "shares of the draws"),
        (("teams", 0, "p_first"), "x", "a number expected"),
        (("teams", 0, "ranks"), None, "intervals.metric"),
        (("teams", 0, "team"), "z", "the 3 ranked teams"),
        (("groups",), [["a", "c"]], "neighbours expected"),
        (("groups",), [["a", "b", "c"]], "tied with others"),
        (("state",), "sure", "a state"),
        (("teams",), None, "intervals.metric"),
    ],
)
def test_verify_names_intervals_that_do_not_fit(
    ready: dict[str, Any], place: tuple[Any, ...], value: object, said: str
) -> None:
    changed = json.loads(json.dumps(ready))
    at = changed["intervals"]["metric"]
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    assert said in (difference(changed) or "")
