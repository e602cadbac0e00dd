"""What ``datathon check`` says of data files that are something else than they seem, in words and without a crash."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from challenge_folders import MINIMAL, write_challenge

from datathon.editions.check import check

REFERENCE = "reference/reference.csv"


def findings(folder: Path) -> list[str]:
    return [str(f).removeprefix(f"{folder}/") for f in check(folder, score=None).findings]


@pytest.mark.parametrize("name", [REFERENCE, "sample_submission.csv"])
@pytest.mark.parametrize(("changed", "said"), [
    (gzip.compress, "is gzip: a CSV text file in UTF-8 expected, not compressed"),
    (lambda raw: raw.decode().encode("utf-16"), "is UTF-16: a CSV text file in UTF-8 expected, not compressed"),
    (lambda raw: raw.decode().encode("utf-16-le"), "UTF-"),
    (lambda raw: raw + b"\xe9\n", "is not text in UTF-8: byte 0xe9 found"),
    (lambda raw: raw + b'"1', "cannot be read as CSV: unexpected end of data"),
    (lambda raw: raw.replace(b",", b";"), "separated by ';': commas expected"),
    (lambda _: b"", "is empty"),
])  # fmt: skip
def test_file_that_is_no_plain_table_is_named(
    tmp_path: Path, name: str, changed: Callable[[bytes], bytes], said: str
) -> None:
    folder = write_challenge(tmp_path / "essai")
    file = folder / name
    file.write_bytes(changed(file.read_bytes()))
    assert any(said in line and line.startswith((name, "challenge.toml")) for line in findings(folder)), findings(
        folder
    )


@pytest.mark.parametrize("name", [REFERENCE, "sample_submission.csv"])
def test_line_ends_marks_and_blank_lines_are_no_fault(tmp_path: Path, name: str) -> None:
    folder = write_challenge(tmp_path / "essai")
    file = folder / name
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n\r\n") + b"\r\n")
    assert findings(folder) == []


@pytest.mark.parametrize("label", ["1_0", "\uff11", "1e400", "nan", "\u22121", "true", "", "9" * 400])
def test_label_that_is_no_number_is_told_with_its_line(tmp_path: Path, label: str) -> None:
    folder = write_challenge(tmp_path / "essai")
    file = folder / REFERENCE
    header, first, *rest = file.read_text().splitlines()
    at = header.split(",").index("label")
    cells = first.split(",")
    cells[at] = label
    file.write_text("\n".join([header, ",".join(cells), *rest]) + "\n", encoding="utf-8")
    assert any(line.startswith(f"{REFERENCE}:2: error: label: ") for line in findings(folder)), findings(folder)


def test_reference_without_a_truth_column_is_refused(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace('truth = ["label"]', "truth = []"))
    assert any("truth: at least one column of the reference expected" in line for line in findings(folder))


def test_own_scorer_declares_losses_of_a_known_kind(tmp_path: Path) -> None:
    toml = MINIMAL.replace(
        'metrics = ["roc_auc"]', 'scorer = "scorer.py"\nmetrics = [{ name = "m", direction = "lower", losses = "max" }]'
    )
    folder = write_challenge(tmp_path / "essai", toml=toml, files={"scorer.py": "def score(t, p, c):\n    return {}\n"})
    assert any("losses: one of mean, rest, root expected, found 'max'" in line for line in findings(folder))
