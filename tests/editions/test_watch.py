"""A catalogue that follows its files: changed, broken, mended, added, removed."""

from pathlib import Path

import pytest
from challenge_folders import write_edition

from datathon.editions.watch import Watch, signature


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_edition(tmp_path / "2025")
    return tmp_path


def watch(root: Path) -> Watch:
    return Watch(root, every_s=0)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def title(found: Watch) -> str:
    return found.catalogue.editions["2025"].title["fr"]


def test_unchanged_files_are_not_read_again(root: Path) -> None:
    found = watch(root)
    before = found.catalogue
    assert not found.look()
    assert found.catalogue is before


def test_changed_file_is_read_at_the_next_look(root: Path) -> None:
    found = watch(root)
    change(root / "2025" / "edition.toml", "Essai", "Nouveau nom")
    assert title(found) == "Essai"
    assert found.look()
    assert title(found) == "Nouveau nom"
    assert not found.look()


def test_looks_in_quick_succession_cost_nothing(root: Path) -> None:
    found = Watch(root, every_s=3600)
    change(root / "2025" / "edition.toml", "Essai", "Nouveau nom")
    assert not found.look()
    assert title(found) == "Essai"


def test_broken_folder_keeps_its_last_good_state_and_says_where(root: Path) -> None:
    found = watch(root)
    config = root / "2025" / "edition.toml"
    change(config, "days = 35", 'days = "beaucoup"')
    assert found.look()
    assert title(found) == "Essai"
    (broken,) = found.catalogue.broken
    assert (broken.id, broken.problems[0].path, broken.problems[0].line) == ("2025", config, 7)
    change(config, 'days = "beaucoup"', "days = 36")
    assert found.look()
    assert (found.catalogue.broken, found.catalogue.editions["2025"].days) == ((), 36)


def test_folder_that_is_broken_twice_keeps_the_state_before_the_first_mistake(root: Path) -> None:
    found = watch(root)
    config = root / "2025" / "edition.toml"
    for old, new in (("days = 35", "days = x"), ("days = x", "days = [")):
        change(config, old, new)
        assert found.look()
        assert found.catalogue.editions["2025"].days == 35


def test_added_and_removed_editions_come_and_go(root: Path) -> None:
    found = watch(root)
    write_edition(root / "2026")
    assert found.look()
    assert list(found.catalogue.editions) == ["2025", "2026"]
    (root / "2026" / "edition.toml").unlink()
    assert found.look()
    assert list(found.catalogue.editions) == ["2025"]


def test_signature_sees_the_reference_and_not_what_is_hidden(root: Path) -> None:
    before = signature(root)
    (root / ".git").mkdir()
    (root / ".git" / "index").write_text("x")
    assert signature(root) == before
    (root / "2025" / "reference.csv").write_text("id,label\n")
    assert signature(root) != before
