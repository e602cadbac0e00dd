"""What ``datathon check`` finds in data, each fault planted in a folder that is otherwise in order."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from challenge_folders import EDITION, MINIMAL, labels, write_challenge, write_csv, write_edition

from datathon.editions.catalogue import load_challenge
from datathon.editions.check import NothingToCheck, check
from datathon.editions.check_leaks import check_copies, check_public_values, spearman
from datathon.editions.check_report import Notebook
from datathon.editions.sheet import read_sheet

CHALLENGES = Path(__file__).parents[2] / "challenges"
MAE = MINIMAL.replace('["roc_auc"]', '["mae"]').replace(", min = 0, max = 1", "")


def found(folder: Path) -> list[str]:
    """Return the findings as ``file:line: severity: message`` with paths from the folder."""
    return [str(f).removeprefix(f"{folder}/") for f in check(folder, score=None).findings]


def states(folder: Path) -> dict[str, str]:
    return {run.name: run.state for run in check(folder, score=None).checks}


def test_check_of_the_repository_finds_nothing() -> None:
    report = check(CHALLENGES, score=None)

    assert report.findings == ()
    assert {run.subject for run in report.checks} >= {"2025/metiers-secteurs", "atelier/populations-2023"}


def test_check_of_a_folder_in_order_runs_every_check(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")

    assert found(folder) == []
    assert states(folder) == {
        **dict.fromkeys(["configuration", "columns", "ids", "labels", "split", "noise", "metrics", "files"], "passed"),
        **dict.fromkeys(["public values", "copies", "row order", "id patterns"], "passed"),
        "scorer": "skipped",
    }


def test_check_of_another_folder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NothingToCheck, match=r"neither challenge\.toml nor edition\.toml"):
        check(tmp_path, score=None)


def test_check_of_a_broken_configuration_names_the_line(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace("[scoring]", "[scroing]"))

    report = check(folder, score=None)

    assert not report.ok
    assert "challenge.toml:10: error: scroing: unknown key, did you mean 'scoring'?" in found(folder)
    assert states(folder) == {"configuration": "failed"}


def test_check_of_an_edition_tells_its_challenges_apart(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai", toml=EDITION)
    rows = [*labels(), labels()[0]]
    write_csv(folder / "scores" / "reference" / "reference.csv", ["id", "label", "Usage"], rows)

    report = check(folder, score=None)

    assert [(run.subject, run.name) for run in report.checks if run.state == "failed"] == [("essai/scores", "ids")]


def test_check_finds_a_doubled_id(tmp_path: Path) -> None:
    rows = labels()
    rows[7] = ("r003", *rows[7][1:])
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder)[0] == "reference/reference.csv:9: error: id 'r003' stands already on line 5"


def test_check_finds_ids_that_stand_in_one_file_only(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    write_csv(folder / "sample_submission.csv", ["id", "p"], [(row[0], 0.5) for row in labels()[1:]])

    assert found(folder) == ["sample_submission.csv: error: 1 id of the reference are missing here, such as 'r000'"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["key", "label", "Usage"], "no column 'id' (the id); found key, label, Usage"),
        (["id", "y", "Usage"], "no column 'label' (the truth); found id, y, Usage"),
        (["id", "label", "usage"], "no column 'Usage' (the usage); found id, label, usage"),
    ],
)
def test_check_finds_a_missing_column(tmp_path: Path, header: list[str], expected: str) -> None:
    folder = write_challenge(tmp_path / "essai")
    write_csv(folder / "reference" / "reference.csv", header, labels())

    assert found(folder) == [f"reference/reference.csv:1: error: {expected}"]


def test_check_finds_a_missing_weight(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MAE.replace('"mae"', '{ name = "mae", weight = "w" }'))

    assert found(folder) == [
        "reference/reference.csv:1: error: no column 'w' (the weight of mae); found id, label, Usage"
    ]


@pytest.mark.parametrize(("label", "why"), [("yes", "a number"), ("nan", "a finite number"), (2, "at most 1")])
def test_check_finds_a_label_that_nobody_could_submit(tmp_path: Path, label: object, why: str) -> None:
    rows: list[tuple[object, ...]] = list(labels())
    rows[2] = ("r002", label, "Public")
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert f"reference/reference.csv:4: error: label: {why} expected, found '{label}'" in found(folder)


def test_check_finds_another_usage(tmp_path: Path) -> None:
    rows = labels()
    rows[4] = ("r004", 1, "public")
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder) == ["reference/reference.csv:6: error: Usage: Public or Private expected, found 'public'"]


def test_check_finds_a_part_without_rows(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", hidden=[(i, label, "Public") for i, label, _ in labels()])

    assert found(folder) == ["reference/reference.csv: error: no row is Private"]


def test_check_finds_a_part_with_few_rows(tmp_path: Path) -> None:
    rows = [(i, label, "Private" if n >= 9 else "Public") for n, (i, label, _) in enumerate(labels())]
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder) == ["reference/reference.csv: warning: only 9 rows are Public: scores will be mostly noise"]
    assert check(folder, score=None).ok


def test_check_finds_a_part_with_one_class(tmp_path: Path) -> None:
    rows = [(i, label, "Private" if label or n % 2 else "Public") for n, (i, label, _) in enumerate(labels())]
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert "reference/reference.csv: error: label: one class only in Public, roc_auc has no value there" in found(
        folder
    )


def test_check_finds_parts_that_differ(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = [(f"r{n:03d}", rng.normal() + 2 * (n % 2), ("Public", "Private")[n % 2]) for n in range(200)]
    folder = write_challenge(tmp_path / "essai", toml=MAE, hidden=rows)

    assert [line for line in found(folder) if "means of the two parts differ" in line]


def test_check_finds_labels_that_follow_the_rows(tmp_path: Path) -> None:
    rows = [(f"{n * 7919 % 1009}", n // 50, ("Public", "Private")[n % 2]) for n in range(100)]
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder) == [
        (
            "reference/reference.csv: error: label follows the order of its rows (rank correlation 0.87): "
            "shuffle the rows or the ids"
        )
    ]


def test_check_finds_labels_that_follow_the_ids(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = [(f"x{n:03d}", n // 50, ("Public", "Private")[n % 2]) for n in rng.permutation(100).tolist()]
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder) == [
        (
            "reference/reference.csv: error: label follows the number in id (rank correlation 0.87): "
            "shuffle the rows or the ids"
        )
    ]


def test_check_finds_labels_that_follow_the_rows_of_the_sample(tmp_path: Path) -> None:
    rows = labels(100)
    folder = write_challenge(tmp_path / "essai", hidden=rows)
    ordered = sorted(rows, key=lambda row: row[1])
    write_csv(folder / "sample_submission.csv", ["id", "p"], [(row[0], 0.5) for row in ordered])

    assert [line for line in found(folder) if "follows the order of the rows of sample_submission.csv" in line]


def test_check_finds_a_category_that_follows_the_rows(tmp_path: Path) -> None:
    toml = MINIMAL.replace("min = 0, max = 1", 'values = ["a", "b", "c"]').replace('"number"', '"category"')
    rows = [(f"{n * 7919 % 1009}", "abc"[n // 34], ("Public", "Private")[n % 2]) for n in range(100)]
    folder = write_challenge(tmp_path / "essai", toml=toml.replace("roc_auc", "accuracy"), hidden=rows)
    write_csv(folder / "sample_submission.csv", ["id", "p"], [(row[0], "a") for row in rows])

    assert [line for line in found(folder) if "label = a follows the order of its rows" in line]


def test_check_finds_labels_told_by_the_writing_of_the_ids(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    drawn = [(int(n), f"{'mh'[int(n % 10 < 7)]}{100 + n * 37 % 100}", int(n % 10 < 7)) for n in rng.permutation(100)]
    rows = [(name, label, ("Public", "Private")[int(n % 3 > 0)]) for n, name, label in drawn]
    folder = write_challenge(tmp_path / "essai", hidden=rows)

    assert found(folder) == [
        (
            "reference/reference.csv: error: label can be told from id (the letters before the number, correlation 1.00): "
            "give new ids"
        )
    ]


def test_check_finds_classes_that_are_rarer_in_one_part(tmp_path: Path) -> None:
    toml = MINIMAL.replace("min = 0, max = 1", 'values = ["a", "b"]').replace('"number"', '"category"')
    rng = np.random.default_rng(8)
    rows = [
        (f"r{n:03d}", "ab"[int(rng.random() < 0.2 + 0.6 * (n % 2))], ("Public", "Private")[n % 2]) for n in range(300)
    ]
    folder = write_challenge(tmp_path / "essai", toml=toml.replace("roc_auc", "accuracy"), hidden=rows)
    write_csv(folder / "sample_submission.csv", ["id", "p"], [(row[0], "a") for row in rows])

    assert [line for line in found(folder) if "label = a: the means of the two parts differ" in line]


def test_check_of_large_files_keeps_their_hidden_rows_only(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    rows = [(f"t{n}", n % 2, *("some words of a row" for _ in range(5))) for n in range(60_000)]
    header = ["id", "label", *(f"c{n}" for n in range(5))]
    size = write_csv(folder / "public" / "train.csv", header, rows).stat().st_size
    del rows
    challenge = load_challenge(folder)
    reference = read_sheet(folder / "reference" / "reference.csv")
    sample = read_sheet(folder / "sample_submission.csv")
    tracemalloc.start()
    try:
        check_public_values(challenge, reference, sample, Notebook("essai"))
        check_copies(challenge, Notebook("essai"))
        assert tracemalloc.get_traced_memory()[1] < size / 4
    finally:
        tracemalloc.stop()


def test_check_finds_a_copy_of_the_reference(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    (folder / "public").mkdir()
    (folder / "public" / "extra.csv").write_bytes((folder / "reference" / "reference.csv").read_bytes())

    assert "public/extra.csv: error: is a copy of the hidden file reference.csv" in found(folder)


def test_check_finds_public_rows_that_tell_the_truth(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    write_csv(folder / "public" / "all.csv", ["label", "id"], [(f"{label}.0", i) for i, label, _ in labels()[:40]])

    assert "public/all.csv: error: tells label of 40 of the 60 hidden rows" in found(folder)


def test_check_finds_hidden_ids_among_the_training_rows(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    rows = [("r004", 1 - labels()[4][1]), ("z1", 0), ("z2", 1)]
    write_csv(folder / "public" / "train.csv", ["id", "label"], rows)

    assert found(folder) == ["public/train.csv: error: 1 hidden id stand among its rows, such as 'r004'"]


def test_check_finds_test_rows_that_are_training_rows_but_for_the_id(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    write_csv(folder / "public" / "train.csv", ["id", "x", "y", "label"], [(f"z{n}", n, n % 3, 0) for n in range(50)])
    write_csv(folder / "public" / "test.csv", ["id", "x", "y"], [(f"r{n:03d}", n + 45, n % 3) for n in range(60)])

    assert found(folder) == ["public/test.csv:2: error: 5 rows are the same in train.csv but for id"]


def test_check_finds_a_sample_that_is_the_truth(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace('"p"', '"label"'))
    write_csv(folder / "sample_submission.csv", ["id", "label"], [row[:2] for row in labels()])

    assert found(folder) == ["sample_submission.csv: error: the sample is the truth itself"]


def test_check_finds_a_public_file_that_nobody_can_download(tmp_path: Path) -> None:
    toml = MINIMAL + '[[data.files]]\nname = "train.csv"\n'
    files = {"public/train.csv": "id,x\nz1,3\n", "public/notes.txt": "…"}
    folder = write_challenge(tmp_path / "essai", toml=toml, files=files)

    assert found(folder) == ["public/notes.txt: warning: is not listed in [[data.files]]: nobody can download it"]


def test_check_finds_a_ragged_reference(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", files={"reference/reference.csv": "id,label,Usage\nr1,0\n"})

    assert found(folder) == ["reference/reference.csv:2: error: 2 cells in this row, 3 in the header"]


def test_spearman_of_monotone_and_constant_columns() -> None:
    rising = np.array([1.0, 2.0, 4.0, 8.0])

    assert spearman(rising, np.exp(rising)) == pytest.approx(1.0, abs=1e-12)
    assert spearman(rising, -rising) == pytest.approx(-1.0, abs=1e-12)
    assert spearman(rising, np.ones(4)) == 0.0


def test_spearman_gives_ties_their_mean_rank() -> None:
    # scipy.stats.spearmanr([1, 2, 2, 3, 5], [2, 1, 4, 4, 5]) = 0.7631578947368421
    one, other = np.array([1.0, 2.0, 2.0, 3.0, 5.0]), np.array([2.0, 1.0, 4.0, 4.0, 5.0])

    assert spearman(one, other) == pytest.approx(0.7631578947368421, abs=1e-12)


def without_phase(kind: str) -> str:
    start = EDITION.index(f'[[phases]]\nid = "{kind}"')
    return EDITION[:start] + EDITION[start:].split("\n\n", 1)[-1] if kind != "announcement" else EDITION[:start]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("registration", "nobody could register"),
        ("submissions", "a challenge takes predictions"),
        ("prototypes", "a challenge takes dossiers"),
        ("jury", "there is a jury"),
        ("announcement", "there is a ranking to announce"),
    ],
)
def test_check_finds_a_missing_phase(tmp_path: Path, kind: str, why: str) -> None:
    folder = write_edition(tmp_path / "essai", toml=without_phase(kind))

    assert found(folder) == [f"edition.toml: error: no phase of kind '{kind}': {why}"]


def test_check_finds_a_phase_after_the_last_day(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai", toml=EDITION.replace("days = 35", "days = 34"))

    assert found(folder) == ["edition.toml: warning: phase 'announcement' goes on after the last day, 33"]


def test_check_finds_dossiers_due_after_the_jury(tmp_path: Path) -> None:
    toml = EDITION.replace("closes = { day = 4,", "closes = { day = 14,")
    folder = write_edition(tmp_path / "essai", toml=toml)

    assert found(folder) == [
        "edition.toml: warning: dossiers of 'prototypes' may come in after the jury of 'jury' is over"
    ]


def test_check_of_an_edition_in_order_finds_nothing(tmp_path: Path) -> None:
    assert found(write_edition(tmp_path / "essai")) == []
