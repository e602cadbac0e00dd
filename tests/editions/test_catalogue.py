"""The repository's own editions, the smallest folder, and what a broken folder does to its neighbours."""

import hashlib
import os
from pathlib import Path

import pytest
from challenge_folders import EDITION, MINIMAL, write_challenge, write_edition

from datathon.editions.catalogue import CatalogueError, load_catalogue, load_challenge, load_edition
from datathon.editions.rules import Column, Split

CHALLENGES = Path(__file__).parents[2] / "challenges"


def test_catalogue_of_the_repository_holds_two_editions() -> None:
    catalogue = load_catalogue(CHALLENGES)

    assert catalogue.broken == ()
    assert {e.id: [c.id for c in e.challenges] for e in catalogue.editions.values()} == {
        "2025": ["competences", "metiers-secteurs"],
        "atelier": ["marnage", "populations-2023"],
    }


def test_edition_2025_is_graded_on_a_hundred_points_with_a_threshold_of_fifty() -> None:
    rubric = load_edition(CHALLENGES / "2025").rubric

    assert rubric is not None
    assert [c.maximum for c in rubric.criteria] == [20, 30, 20, 10, 10, 10]
    assert (rubric.maximum, rubric.threshold) == (100, 50)


def test_every_text_of_the_repository_exists_in_french_and_english() -> None:
    editions = load_catalogue(CHALLENGES).editions.values()
    texts = [d.text for e in editions for d in e.documents] + [c.description for e in editions for c in e.challenges]
    rubrics = [e.rubric for e in editions if e.rubric]
    texts += [level.text for r in rubrics for c in r.criteria for level in c.levels]

    assert len(texts) > 50
    assert all(text["fr"].strip() and text["en"].strip() for text in texts)


def test_every_challenge_of_the_repository_has_a_complete_data_sheet() -> None:
    challenges = [c for e in load_catalogue(CHALLENGES).editions.values() for c in e.challenges]

    sheets = [c.sheet for c in challenges]

    assert all(
        s and s.licence and s.attribution["fr"] and s.attribution["en"] and s.personal_data["fr"] for s in sheets
    )


def test_sample_columns_with_a_star_are_all_the_sectors() -> None:
    form = load_challenge(CHALLENGES / "2025" / "metiers-secteurs").submission

    assert form is not None
    assert (len(form.columns), form.columns[0].name, form.columns[-1].name) == (72, "naf_1", "naf_96")


def test_text_column_declares_its_length_and_how_it_is_written(tmp_path: Path) -> None:
    mask = 'name = "p", type = "string", format = "rle", width = 640, height = 480, max_length = 5000'
    toml = MINIMAL.replace('name = "p", type = "number", min = 0, max = 1', mask).replace('"roc_auc"', '"accuracy"')
    form = load_challenge(write_challenge(tmp_path / "essai", toml=toml)).submission

    assert form is not None
    assert form.columns == (Column("p", "string", max_length=5000, empty=True, format="rle", pixels=307_200),)


def test_minimal_folder_takes_every_default(tmp_path: Path) -> None:
    challenge = load_challenge(write_challenge(tmp_path / "essai"))

    assert (challenge.id, challenge.edition, challenge.title) == ("essai", "", {"fr": "essai"})
    assert challenge.submission is not None
    assert challenge.submission.columns == (Column("p", "number", 0.0, 1.0),)
    assert challenge.reference is not None
    assert (challenge.reference.truth, challenge.reference.usage) == (("label",), "Usage")
    assert [m.name for m in challenge.metrics] == ["roc_auc"]
    assert (challenge.sample, challenge.quota.per_day, challenge.final_selections) == ("sample_submission.csv", 5, 2)


def test_truth_defaults_to_the_submitted_columns_and_usage_to_a_split(tmp_path: Path) -> None:
    toml = MINIMAL.replace('truth = ["label"]\nusage = "Usage"\n', "")

    reference = load_challenge(write_challenge(tmp_path / "essai", toml=toml)).reference

    assert reference is not None
    assert (reference.truth, reference.usage, reference.split) == (("p",), None, Split(0.3))


def test_challenge_of_an_edition_knows_its_edition(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai")

    assert load_challenge(folder / "scores").edition == "essai"


def test_edition_folder_is_read_whole(tmp_path: Path) -> None:
    edition = load_edition(write_edition(tmp_path / "essai"))

    assert [c.id for c in edition.challenges] == ["cartes", "scores"]
    assert edition.ranking is not None
    assert [(c.id, c.weight, c.direction) for c in edition.ranking.components] == [
        ("metric", 40, "higher"),
        ("jury", 60, None),
    ]


def test_broken_edition_does_not_hide_the_others(tmp_path: Path) -> None:
    write_edition(tmp_path / "bonne")
    write_edition(tmp_path / "mauvaise", toml=EDITION.replace("days = 35", "days = 0"))

    catalogue = load_catalogue(tmp_path)

    assert list(catalogue.editions) == ["bonne"]
    assert [(b.id, [p.line for p in b.problems]) for b in catalogue.broken] == [("mauvaise", [7])]


@pytest.mark.parametrize("text", ["not TOML", MINIMAL.replace("roc_auc", "roc_auk"), "[submission]\n"])
def test_broken_challenge_does_not_hide_its_neighbours(tmp_path: Path, text: str) -> None:
    folder = write_edition(tmp_path / "essai")
    (folder / "scores" / "challenge.toml").write_text(text, encoding="utf-8")

    catalogue = load_catalogue(tmp_path)

    edition = catalogue.editions["essai"]
    assert [c.id for c in edition.challenges] == ["cartes"]
    assert edition.ranking is not None
    assert [c.challenge for c in edition.ranking.components] == ["scores", "cartes"]
    assert [(b.id, b.challenges) for b in catalogue.broken] == [("essai", ("scores",))]
    assert {p.path for p in catalogue.broken[0].problems} == {folder / "scores" / "challenge.toml"}
    assert catalogue.is_broken("essai", "scores")
    assert not catalogue.is_broken("essai", "cartes")


def test_edition_without_a_usable_challenge_is_broken(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai")
    for name in ("scores", "cartes"):
        (folder / name / "challenge.toml").write_text("?", encoding="utf-8")

    catalogue = load_catalogue(tmp_path)

    assert catalogue.editions == {}
    assert [(b.id, b.challenges) for b in catalogue.broken] == [("essai", ())]


def test_catalogue_of_an_empty_folder_is_empty(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path).editions == {}


def test_data_file_tells_size_rows_and_digest(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", files={"public/train.csv": "a,b\n1,2\n3,4"})

    (found,) = load_challenge(folder).files

    assert (found.name, found.size, found.rows) == ("train.csv", 11, 2)
    assert found.sha256 == hashlib.sha256(b"a,b\n1,2\n3,4").hexdigest()


def test_data_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", files={"public/train.csv": "a\n1\n"})
    before = load_challenge(folder).files[0].sha256
    (folder / "public" / "train.csv").write_text("a\n2\n", encoding="utf-8")
    os.utime(folder / "public" / "train.csv", ns=(1, 1))

    assert load_challenge(folder).files[0].sha256 != before


def test_same_metric_twice_needs_two_names(tmp_path: Path) -> None:
    toml = MINIMAL.replace('["roc_auc"]', '["mae", { name = "weighted", metric = "mae", weight = "w" }]')

    challenge = load_challenge(write_challenge(tmp_path / "essai", toml=toml))

    assert [(m.name, m.function, dict(m.params)) for m in challenge.metrics] == [
        ("mae", "mae", {}),
        ("weighted", "mae", {"weight": "w"}),
    ]


def test_several_mistakes_are_told_together(tmp_path: Path) -> None:
    toml = MINIMAL.replace("min = 0", "min = 2").replace('"roc_auc"', '"roc_auk"') + "[quota]\nper_day = 0\n"
    folder = write_challenge(tmp_path / "essai", toml=toml)

    with pytest.raises(CatalogueError) as caught:
        load_challenge(folder)

    assert str(caught.value).splitlines() == [
        f"{folder}/challenge.toml:3: min 2 is above max 1",
        f"{folder}/challenge.toml:11: no shipped metric 'roc_auk', did you mean 'roc_auc'?",
        f"{folder}/challenge.toml:13: quota.per_day: must be from 1 to 10000, found 0",
    ]


def test_baseline_has_a_title_for_people_or_its_own_name() -> None:
    challenge = load_challenge(CHALLENGES / "atelier" / "marnage")

    assert challenge.baseline_title("3nn")["en"] == "The mean of the three nearest neighbours"
    assert challenge.baseline_title("3nn.csv") == challenge.baseline_title("3nn")
    assert challenge.baseline_title("other.csv") == {"fr": "other"}
