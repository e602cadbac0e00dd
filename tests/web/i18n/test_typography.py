import pytest

from datathon.web.i18n.typography import spaced

THIN, FULL = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Rien n’est perdu ; réessayez !", f"Rien n’est perdu{THIN}; réessayez{THIN}!"),
        ("Pourquoi ce rang ?", f"Pourquoi ce rang{THIN}?"),
        ("« Greffe »", f"«{THIN}Greffe{THIN}»"),
        ("Part publique : 40 % des lignes", f"Part publique{FULL}: 40{THIN}% des lignes"),
        ("1 572 métiers", f"1{THIN}572 métiers"),
        ("ouvert jusqu’au %(at)s", "ouvert jusqu’au %(at)s"),
        ("%(num)s dépôts sur %(limit)s", "%(num)s dépôts sur %(limit)s"),
        ('<a href="/x?lang=fr">ici</a>', '<a href="/x?lang=fr">ici</a>'),
        ("https://example.org/a?b=c;d", "https://example.org/a?b=c;d"),
    ],
)
def test_spaced_changes_only_the_spaces_of_french(typed: str, shown: str) -> None:
    assert spaced(typed, "fr") == shown


def test_spaced_leaves_other_languages_alone() -> None:
    assert spaced("Why this rank ?", "en") == "Why this rank ?"
