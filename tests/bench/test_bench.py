"""The benchmarks run and come to true figures; how fast they are is not asked here."""

from pathlib import Path

import pytest

from datathon.bench import bootstrap, crowd, lasting, made_up, run, standings
from datathon.editions.catalogue import load_catalogue, load_challenge


def test_made_up_edition_is_in_order(tmp_path: Path) -> None:
    made_up.write_edition(tmp_path)
    known = load_catalogue(tmp_path)
    assert known.broken == ()
    assert {c.id for c in known.editions["bench"].challenges} == {"large", "small"}


def test_made_up_files_hold_the_same_predictions_in_two_orders(tmp_path: Path) -> None:
    made = made_up.write_challenge(tmp_path / "small", 50)
    in_order, shuffled = (path.read_text().splitlines() for path in (made.in_order, made.shuffled))
    assert in_order != shuffled
    assert sorted(in_order) == sorted(shuffled)
    assert 0.5 < made_up.floor(made) < 1.0
    assert load_challenge(made.folder).metrics[0].name == "roc_auc"


def test_unknown_benchmark_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.run(("faster-than-light",), as_json=False) == 2
    assert "score-100k" in capsys.readouterr().err


def test_table_says_why_a_figure_is_missing() -> None:
    rows = {
        "here": {"ratio": 0.5, "aim": 0.6, "best_ms": 1.0, "floor_ms": 2.0, "rounds": 15},
        "absent": {"ratio": None, "aim": None, "note": "bubblewrap (bwrap) is not installed here"},
    }
    text = run.table(rows)
    assert "0.500" in text
    assert "absent" in text.splitlines()[2]
    assert "bwrap" in text


def test_intervals_are_measured_beside_the_bare_product() -> None:
    rows = bootstrap.run(teams=3, rows=1500, rounds=1)
    assert set(rows) == set(bootstrap.NAMES)
    assert rows["bootstrap-12x2600"]["ratio"] > 0


def test_lasting_cost_is_measured_over_renewals() -> None:
    rows = lasting.run(stages=230, renewed=120)
    assert set(rows) == set(lasting.NAMES)
    assert all(row["ratio"] > 0 for row in rows.values())


def test_update_of_standings_is_measured_beside_a_small_night() -> None:
    rows = standings.run(few=20, many=60, teams=5, rounds=3)
    assert rows["standings-200000"]["ratio"] > 0


def test_crowd_is_answered_beside_a_constant_route() -> None:
    rows = crowd.run(round_s=0.1, rounds=1, paced_s=0.2)
    assert set(rows) == set(crowd.NAMES)
    assert all(row["ratio"] > 0 for row in rows.values())
