"""Names in the order of a French or English reader."""

from datathon.kernel.alphabet import alphabetical, folded


def test_accents_capitals_and_ligatures_stand_with_their_letter() -> None:
    names = ["Zoé", "Éclusiers", "œuvre", "Estuaires", "eau", "Oural", "Écluse", "été", "Ète"]
    assert sorted(names, key=alphabetical) == [
        "eau", "Écluse", "Éclusiers", "Estuaires", "Ète", "été", "œuvre", "Oural", "Zoé",
    ]  # fmt: skip


def test_numbers_in_names_count_as_numbers() -> None:
    assert sorted(["Équipe 10", "equipe 9", "Équipe 2b"], key=alphabetical) == ["Équipe 2b", "equipe 9", "Équipe 10"]


def test_order_is_total_and_blind_to_signs() -> None:
    assert min(["cote", "côté", "Cote", "coté", "côte"], key=alphabetical) == "Cote"
    assert folded("L’Œuvre d’Évreux-Nord") == "l oeuvre d evreux nord"
    assert len({alphabetical(name) for name in ("cote", "côté", "Cote", "coté", "côte")}) == 5
