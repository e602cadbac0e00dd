"""The rules of a public vote as they are written in edition.toml."""

import shutil
from pathlib import Path

import pytest

from datathon.editions.read_edition import read_edition
from datathon.editions.rules import Edition
from datathon.editions.vote import TITLE, VoteRules

SHIPPED = Path(__file__).parents[2] / "challenges" / "2025"


def read(tmp_path: Path, vote: str, *, before: str = "", after: str = "") -> tuple[Edition, list[str]]:
    folder = tmp_path / "2025"
    shutil.copytree(SHIPPED, folder)
    toml = folder / "edition.toml"
    text = toml.read_text(encoding="utf-8")
    assert before in text
    toml.write_text(text.replace(before, after) + vote, encoding="utf-8")
    edition = read_edition(folder, problems := [])
    assert edition is not None
    return edition, [p.message for p in problems]


def test_edition_without_a_vote_has_none(tmp_path: Path) -> None:
    edition, problems = read(tmp_path, "")
    assert (edition.vote, problems) == (None, [])
    assert edition.ranking is not None
    assert {c.kind for c in edition.ranking.components} == {"metric", "jury"}


def test_vote_up_to_a_tenth_becomes_the_last_component(tmp_path: Path) -> None:
    edition, problems = read(tmp_path, '[vote]\nchallenge = "competences"\nweight = 11\nmost = 2\ntarget = 0.25\n')
    assert problems == []
    assert edition.vote == VoteRules("competences", TITLE, 11, 2, 0.25)
    assert edition.ranking is not None
    part = edition.ranking.components[-1]
    assert (part.id, part.kind, part.weight, part.baseline, part.target) == ("vote", "vote", 11, 0.0, 0.25)


def test_vote_without_weight_is_no_component(tmp_path: Path) -> None:
    edition, problems = read(tmp_path, '[vote]\nchallenge = "competences"\n')
    assert problems == []
    assert edition.vote is not None
    assert edition.ranking is not None
    assert "vote" not in {c.kind for c in edition.ranking.components}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("weight = 12", "12 of 112 is more than 10 % of all weights"),
        ("weight = -1", "must be from 0"),
        ("target = 1.5", "a share of the ballots"),
        ("target = 0", "must be above 0"),
        ("most = 0", "must be from 1 to 50"),
        ('phase = "jurry"', "no phase 'jurry'"),
        ('title = { en = "Prize" }', "the French text (fr) is missing"),
        ("wieght = 3", "wieght"),
    ],
)
def test_mistake_in_a_vote_is_named(tmp_path: Path, lines: str, said: str) -> None:
    _, problems = read(tmp_path, f'[vote]\nchallenge = "competences"\n{lines}\n')
    assert len(problems) == 1
    assert said in problems[0]


def test_vote_is_on_prototypes(tmp_path: Path) -> None:
    _, problems = read(tmp_path, '[vote]\nchallenge = "metiers-secteurs"\n')
    assert "takes a dossier" in problems[0]


def test_geometric_ranking_takes_no_vote_with_a_weight(tmp_path: Path) -> None:
    vote = '[vote]\nchallenge = "competences"\nweight = 5\n'
    _, problems = read(tmp_path, vote, before='scheme = "fixed"', after='scheme = "geometric"')
    assert len(problems) == 1
    assert "would lose its whole total" in problems[0]
