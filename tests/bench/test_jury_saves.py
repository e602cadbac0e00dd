import pytest

from datathon.bench import jury_saves


def test_a_save_is_measured_beside_the_floor_of_the_same_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jury_saves, "JURORS", 2)
    monkeypatch.setattr(jury_saves, "TEAMS", 3)
    row = jury_saves.run(saves=4)["jury-saves"]
    assert row["ratio"] > 0
    assert (row["rounds"], row["aim"]) == (4, None)
