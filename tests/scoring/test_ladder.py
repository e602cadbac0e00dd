"""A ladder moves only beyond the noise, in the order of receipt, and says the same however often it is asked."""

import array
import random
from datetime import timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from factories import NOW, make_edition, make_score, make_submission, make_team
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.scoring import losses
from datathon.scoring.ladder import climb, follow, ladder_values, value_of
from datathon.scoring.outcome import Losses
from datathon.scoring.tables import LadderStep
from datathon.store.db import transaction
from datathon.store.files import FileStore
from datathon.submissions.tables import Submission

N = 20


def errors(*wrong: int, rows: int = N) -> list[float]:
    """0/1 losses that are wrong on these rows."""
    return [float(row in wrong) for row in range(rows)]


FIRST = errors(*range(8))
FIVE_CHANGED = errors(*range(3, 8), 10, 11)
"""Three of the first errors are repaired, two others made: 7 of 20."""
ONE_REPAIRED = errors(*range(1, 8))
FIVE_REPAIRED = errors(*range(5, 8))


def test_ladder_of_the_worked_example() -> None:
    first = climb(None, FIRST)
    assert first is not None
    assert first.level == pytest.approx(0.40)
    # .35 is less, but not less than .2888: five rows changed, the spread of the difference is large.
    assert climb(first, FIVE_CHANGED) is None
    second = climb(first, ONE_REPAIRED)
    assert second is not None
    assert second.level == pytest.approx(0.35)
    third = climb(second, FIVE_REPAIRED)
    assert third is not None
    assert third.level == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("held", "losses_of", "threshold"),
    [(FIRST, FIVE_CHANGED, 0.2888), (FIRST, ONE_REPAIRED, 0.3513), (ONE_REPAIRED, FIVE_REPAIRED, 0.2606)],
)
def test_threshold_is_the_level_less_the_noise_of_the_difference(held, losses_of, threshold) -> None:
    rung = climb(None, held)
    assert rung is not None
    # The same differences, shifted as a whole, keep their spread: just under the threshold moves it, just over does not.
    shift = threshold - sum(losses_of) / N
    for off, moves in ((-6e-5, True), (6e-5, False)):
        assert (climb(rung, [loss + shift + off for loss in losses_of]) is not None) == moves


def test_loss_that_is_no_number_and_other_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        climb(None, [0.0, float("nan")])
    with pytest.raises(ValueError, match="no rows"):
        climb(None, [])
    with pytest.raises(ValueError, match="same rows"):
        climb(climb(None, [1.0, 1.0]), [0.0])


def test_metric_of_a_level_is_its_mean_its_root_or_the_rest() -> None:
    assert (value_of(0.25, "mean"), value_of(0.25, "root"), value_of(0.25, "rest")) == (0.25, 0.5, 0.75)


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=1, max_size=30)
    )
)
@hypothesis_settings(max_examples=60)
def test_level_never_rises_and_changes_at_most_as_often_as_there_are_rows(files: list[list[float]]) -> None:
    held, levels = None, []
    for one in files:
        held = climb(held, one) or held
        assert held is not None
        levels.append(held.level)
        assert held.level * len(one) == pytest.approx(round(held.level * len(one)))
    assert all(later <= earlier for earlier, later in pairwise(levels))
    assert sum(later != earlier for earlier, later in pairwise(levels)) <= len(files[0])


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "losses", mode=0o600)


def land(db: Session, store: FileStore, team: Any, number: int, made: list[float] | None, *, state: str = "scored"):
    """Add a file of ``team`` as it stands in ``state``, with its losses on N public rows and some private ones."""
    at = NOW + timedelta(minutes=number)
    submission = make_submission(db, team, number=number, state=state, received_at=at)
    if state == "scored":
        score(db, store, submission, made)
    return submission


def score(db: Session, store: FileStore, submission: Submission, made: list[float] | None) -> None:
    row = make_score(db, submission, public=0.5, private=0.5, metric="mae")
    if made is not None:
        kept = Losses("mean", array.array("d", [*made, 9.0, 9.0]).tobytes(), bytes([0] * len(made) + [1, 1]))
        row.losses_digest = losses.keep(store, kept)
    db.add(row)
    db.flush()


def followed(db: Session, store: FileStore, shown: str = "") -> frozenset[str]:
    return follow(db, store, edition_id="2025", challenge_id="metiers-secteurs", shown=shown)


def answers(db: Session) -> dict[int, tuple[float | None, bool]]:
    found = ladder_values(db, list(db.exec(select(Submission.id))))
    numbers = dict(db.exec(select(Submission.id, Submission.number)).all())
    return {numbers[key]: (None if value is None else round(value, 6), moved) for key, (value, moved) in found.items()}


STORY = (FIRST, FIVE_CHANGED, ONE_REPAIRED, FIVE_REPAIRED)
TOLD = {1: (0.4, True), 2: (0.4, False), 3: (0.35, True), 4: (0.15, True)}


def test_steps_follow_the_order_of_receipt_whatever_the_order_of_the_scores(engine: Engine, store: FileStore) -> None:
    order = random.Random(4).choice(list(permutations((1, 2, 3, 4)))[5:])  # noqa: S311 - any but the plain one
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        waiting = {n: land(db, store, team, n, None, state="received") for n in (1, 2, 3, 4)}
        told: dict[int, tuple[float | None, bool]] = {}
        for number in order:
            waiting[number].state = "scored"
            score(db, store, waiting[number], STORY[number - 1])
            followed(db, store)
            now = answers(db)
            # Whatever was answered once stays the answer.
            assert told.items() <= now.items()
            told = now
        assert told == TOLD
        # Asked again, nothing changes.
        assert followed(db, store) == frozenset()
        assert answers(db) == TOLD


def test_withdrawn_file_keeps_its_step_and_a_refused_one_has_none(engine: Engine, store: FileStore) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        files = [land(db, store, team, n, made) for n, made in enumerate(STORY, start=1)]
        land(db, store, team, 5, None, state="rejected")
        followed(db, store)
        files[3].state = "withdrawn"
        db.flush()
        # Its answer was seen: the next file has to beat it all the same.
        land(db, store, team, 6, ONE_REPAIRED)
        followed(db, store)
        assert answers(db) == {**TOLD, 6: (0.15, False)}


def test_scores_of_another_version_make_the_ladder_anew(engine: Engine, store: FileStore) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        files = [land(db, store, team, n, made) for n, made in enumerate(STORY, start=1)]
        followed(db, store)
        # Scored again with another reference: every record is a new one, the first file turns out to be right.
        for file, made in zip(files, (FIVE_REPAIRED, FIRST, FIRST, FIRST), strict=True):
            file.attempt = 2
            score(db, store, file, made)
        assert followed(db, store) == frozenset({str(team.id)})
        assert answers(db) == {1: (0.15, True), 2: (0.15, False), 3: (0.15, False), 4: (0.15, False)}


def test_score_without_losses_moves_nothing_and_teams_do_not_meet(engine: Engine, store: FileStore) -> None:
    with transaction(engine) as db:
        make_edition(db)
        one, other = make_team(db), make_team(db, "Le Verger")
        land(db, store, one, 1, None)
        land(db, store, one, 2, FIRST)
        land(db, store, other, 7, FIVE_REPAIRED)
        land(db, store, None, 9, FIRST)
        assert len(followed(db, store)) == 3
        assert answers(db) == {1: (None, False), 2: (0.4, True), 7: (0.15, True), 9: (0.4, True)}
        assert {step.owner for step in db.exec(select(LadderStep))} == {str(one.id), str(other.id), "baseline:"}
