"""What a score depends on: what changes its basis, and what does not."""

import hashlib
import json
from dataclasses import replace

import pytest
from sandboxed import REFERENCE, make_challenge

from datathon.editions.rules import Challenge, Column, Limits, Metric, Quota, Split
from datathon.scoring.basis import PARTS, changed_parts, present_basis
from datathon.scoring.reference import ReferenceFault
from scorers import catalogue, sources


@pytest.fixture
def challenge(tmp_path) -> Challenge:
    return make_challenge(tmp_path / "toy")


def changed(before: Challenge, after: Challenge) -> tuple[str, ...]:
    first = present_basis(before)
    second = present_basis(after)
    parts = changed_parts(first.parts, second.parts)
    assert bool(parts) == (first.digest != second.digest)
    return parts


def test_basis_is_the_same_for_the_same_folder_elsewhere(challenge, tmp_path):
    again = make_challenge(tmp_path / "elsewhere")
    assert present_basis(challenge) == present_basis(again)


def test_changed_reference_file_is_noticed(challenge):
    before = present_basis(challenge)
    challenge.reference.file.write_text(REFERENCE.replace("a,1", "a,0"))
    assert changed_parts(before.parts, present_basis(challenge).parts) == ("reference",)


def test_changed_ids_of_the_sample_are_noticed_and_its_values_are_not(challenge):
    before = present_basis(challenge)
    sample = challenge.folder / "sample_submission.csv"
    sample.write_text(sample.read_text().replace("0.5", "0.25"))
    assert present_basis(challenge) == before
    header, *rows = sample.read_text().splitlines()
    sample.write_text("\n".join([header, *reversed(rows)]) + "\n")
    assert changed_parts(before.parts, present_basis(challenge).parts) == ("ids",)


def test_changed_custom_scorer_is_noticed(tmp_path):
    mine = (Metric("m", direction="lower"),)
    challenge = make_challenge(tmp_path, scorer="def score(y_true, y_pred, ctx): return {'m': 1}", metrics=mine)
    before = present_basis(challenge)
    (tmp_path / "scorer.py").write_text("def score(y_true, y_pred, ctx): return {'m': 2}")
    assert changed_parts(before.parts, present_basis(challenge).parts) == ("scorer",)


def test_scorer_part_is_the_version_and_the_source_of_each_shipped_metric(challenge):
    said = json.dumps({"mae": [catalogue.declared("mae").version, sources.meaning("mae")]})
    one = replace(challenge, metrics=(Metric("mae"),))
    assert present_basis(one).parts["scorer"] == hashlib.sha256(said.encode()).hexdigest()[:16]


def test_changed_metric_parameters_split_and_contract_are_noticed(challenge):
    weighted = replace(challenge, metrics=(Metric("mae", params={"weight": "weight"}),))
    assert changed(challenge, weighted) == ("metrics",)
    assert changed(challenge, replace(challenge, metrics=(Metric("rmse"),))) == ("scorer", "metrics")
    split = replace(challenge.reference, usage=None, split=Split(public=0.5))
    assert changed(challenge, replace(challenge, reference=split)) == ("split",)
    columns = (Column("p", minimum=0.0, maximum=2.0),)
    assert changed(challenge, replace(challenge, submission=replace(challenge.submission, columns=columns))) == (
        "contract",
    )


def test_what_changes_no_value_changes_no_basis(challenge):
    other = replace(
        challenge,
        title={"fr": "Autre"},
        limits=Limits(cpu_s=1, wall_s=2, memory_mb=64),
        quota=Quota(per_day=1),
        metrics=(Metric("mae", direction="lower", decimals=2),),
        submission=replace(challenge.submission, max_bytes=10),
    )
    assert changed(challenge, other) == ()


def test_basis_of_a_missing_reference_is_a_fault(challenge):
    challenge.reference.file.unlink()
    with pytest.raises(ReferenceFault):
        present_basis(challenge)


def test_parts_that_are_not_known_tell_no_change():
    assert changed_parts({}, dict.fromkeys(PARTS, "1")) == ()
