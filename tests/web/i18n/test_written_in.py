import pytest

from datathon.web.i18n.written_in import written_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Pour chaque bassin d’emploi, l’Atlas compare les métiers qui recrutent.", "fr"),
        ("L'indice ne dit rien de la qualité des emplois.", "fr"),
        ("For each employment area, the Atlas compares the jobs that are hiring.", "en"),
        ("It draws an index from 0 to 100.", "en"),
        ("POUR LES ÉQUIPES DU TERRITOIRE", "fr"),
        # What does not tell is left to the page's own language: names, lists, digits, other languages, both at once.
        ("Cap Cotentin", ""),
        ("Code EUPL 1.2", ""),
        ("0.3712; naf_62", ""),
        ("", ""),
        ("Die Karte zeigt, was fehlt.", ""),
        ("Le titre de la carte: for each of the towns", ""),
    ],
)
def test_small_words_tell_the_language(text: str, told: str) -> None:
    assert written_in(text) == told
