"""Each kind of mistake names its file and line."""

from pathlib import Path

import pytest
from challenge_folders import EDITION, MINIMAL, PROTOTYPE, write_challenge, write_edition

from datathon.editions.catalogue import CatalogueError, load_challenge, load_edition

OWN = MINIMAL.replace('metrics = ["roc_auc"]', 'scorer = "scorer.py"\nmetrics = [{ name = "mine" }]')

TRACK = '[[tracks]]\nid = "a"\ntitle = { fr = "A" }\nchallenges = '


def mistakes_of_challenge(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_challenge(folder)
    return [str(p).removeprefix(f"{folder}/") for p in caught.value.problems]


def mistakes_of_edition(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        load_edition(folder)
    return [str(p).removeprefix(f"{folder}/") for p in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('id = "id"', 'id = "id', "2: not valid TOML: Illegal character '\\n'"),
        ("[scoring]", "[scorring]", "10: scorring: unknown key, did you mean 'scoring'?"),
        ("[scoring]", "[scorring]", '1: [scoring] is missing: metrics = ["mae"] or another metric expected'),
        ("truth =", "thruth =", "7: reference.thruth: unknown key, did you mean 'truth'?"),
        ("max = 1", "max = inf", "3: submission.columns[1].max: a finite number expected, found inf"),
        ('"number"', '"numeric"', "3: submission.columns[1].type: 'numeric' unknown, did you mean 'number'?"),
        ("max = 1", "max_length = 9", "3: max_length: only for a column of type 'string'"),
        ('"number"', '"string", format = "rla"', "3: submission.columns[1].format: 'rla' unknown, did you mean 'rle'?"),
        ('name = "p"', 'name = "q"', "3: columns: sample_submission.csv has id, p…; 'p' is not in both"),
        ('"reference/reference.csv"', '"../secret.csv"', "6: file: '../secret.csv' leaves the folder essai/"),
        ('"reference/reference.csv"', '"/etc/passwd"', "6: file: '/etc/passwd' leaves the folder essai/"),
        ('"reference/reference.csv"', '"reference/none.csv"', "6: file: no file 'reference/none.csv' in essai/"),
        ('["roc_auc"]', "[]", "11: scoring.metrics: a list with at least one metric expected"),
        (
            '["roc_auc"]',
            '[{ name = "mae", wait = "w" }]',
            "11: wait: mae has no such parameter, did you mean 'weight'?",
        ),
        ('["roc_auc"]', '[{ name = "mae", direction = "higher" }]', "11: direction: lower is better for mae"),
        ('["roc_auc"]', '["mae", "mae"]', "11: scoring.metrics: 'mae' stands twice"),
        ('usage = "Usage"', 'usage = "Usage"\nsplit = { public = 0.3 }', "9: usage and split exclude each other"),
        ('usage = "Usage"', "split = { public = 3 }", "8: public: a share between 0 and 1 expected, found 3"),
        ('id = "id"', "id = 7", "2: submission.id: a text expected, found a whole number"),
        ('["label"]', '"label"', "7: reference.truth: a list of texts expected, found a text"),
        (
            "[scoring]",
            '[leaderboard]\ncounts = "bets"\n[scoring]',
            "11: leaderboard.counts: 'bets' unknown, did you mean",
        ),
        (
            "[scoring]",
            '[leaderboard]\ntie_break = ["earliest", "mae"]\n[scoring]',
            "11: tie_break: 'mae' is neither a further metric of the challenge nor",
        ),
        (
            "[scoring]",
            '[leaderboard]\nmode = "ladder"\n[scoring]',
            '11: mode: "ladder" needs a metric that is made of one error per row, roc_auc is not',
        ),
        (
            '[scoring]\nmetrics = ["roc_auc"]',
            '[leaderboard]\nmode = "ladder"\ncounts = "last"\n[scoring]\nmetrics = ["mae"]',
            '11: mode: "ladder" needs counts = "best"',
        ),
        (
            '[scoring]\nmetrics = ["roc_auc"]',
            '[leaderboard]\nmode = "ladder"\n[scoring]\nmetrics = ["mae", "rmse"]',
            '11: mode: "ladder" takes one metric',
        ),
        (
            '[scoring]\nmetrics = ["roc_auc"]',
            '[leaderboard]\nmode = "laddr"\n[scoring]\nmetrics = ["mae"]',
            "11: leaderboard.mode: 'laddr' unknown, did you mean 'ladder'?",
        ),
    ],
)
def test_mistake_in_a_challenge_names_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in MINIMAL
    folder = write_challenge(tmp_path / "essai", toml=MINIMAL.replace(old, new))

    found = mistakes_of_challenge(folder)

    assert [line for line in found if line.startswith(f"challenge.toml:{expected}")], found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("starts = 2025-11-05", 'starts = "yesterday"', "6: edition.starts: a date such as 2025-11-05 expected"),
        ("Europe/Paris", "Europe/Caen", "5: zone: no time zone 'Europe/Caen'"),
        ('at = "09:00"', 'at = "25:00"', '17: phases[1].opens.at: an hour from "00:00" to "23:59" expected'),
        ('at = "09:00"', 'at = "9h"', '17: phases[1].opens.at: an hour from "00:00" to "23:59" expected'),
        ("day = 30", "day = -1", "18: closes: must come after opens"),
        ('kind = "submissions"', 'kind = "sumbissions"', "15: phases[1].kind: 'sumbissions' unknown, did you mean"),
        (
            'title = { fr = "Essai", en = "Trial" }',
            'title = { en = "Trial" }',
            "2: edition.title: the French text (fr)",
        ),
        ("target = 0.9", "target = 0.5", "42: target: equal to baseline (0.5)"),
        ("target = 0.9", "target = 0.1", "42: target: 0.1 is worse than baseline 0.5 where higher is better"),
        ('direction = "higher"', 'direction = "lower"', "40: direction: higher is better for roc_auc"),
        ("weight = 40", "weight = -1", "39: ranking.components[1].weight: must be from 0 to 1000000, found -1"),
        ("weight = 40", "weight = 0.4", "39: ranking.components[1].weight: a whole number expected, found a number"),
        ('"criterion:quality"', '"criterion:qualite"', "34: tie_break: 'criterion:qualite' unknown, did you mean"),
        ('challenge = "scores"', 'challenge = "cartes"', "38: challenge: no challenge 'cartes' that takes predictions"),
        ("threshold = 10", "threshold = 30", "26: threshold: from 0 to 20, the highest total, expected"),
        ("threshold = 10", 'correction = "z"', "26: jury.correction: 'z' unknown; known: shown, reml, fixed, raw"),
        ("threshold = 10", "lambda = 0", "26: jury.lambda: must be above 0, found 0"),
        ("maximum = 20", "maximum = 20\nthreshold = 21", "30: threshold: from 0 to 20 expected, found 21"),
        ("maximum = 20", "maximum = 20\nweight = 0", "30: jury.criteria[1].weight: must be above 0, found 0"),
        ("maximum = 20", "maximum = 20\nweight = 5", "26: threshold: from 0 to 5, the highest total, expected"),
        ("maximum = 20", "maximum = 20\ncomment_below = 21", "30: comment_below: above 0 and up to 20 expected"),
        ("[ranking]", '[ranking]\nscheme = "minmax"', "34: scheme: 'minmax' lets a team that loses change the winner"),
        ("[ranking]", '[ranking]\nscheme = "geometrik"', "34: ranking.scheme: 'geometrik' unknown, did you mean"),
        ("[ranking]", '[ranking]\nalso_shown = ["mean"]', "34: also_shown: 'mean' unknown; known: minmax"),
        ("target = 0.9", "", "35: ranking.components[1].target is missing: a number expected"),
        ("low = 10.5", "low = 10", "31: levels: 10 comes after 10: levels rise and do not overlap"),
        ("high = 20", "high = 21", "31: levels: 0 <= low <= high <= 20 expected, found 10.5 and 21"),
        ('rules = "1"', "", "20: documents.rules is missing"),
        ("days = 35", "days = 35\nfictitous = true", "8: edition.fictitous: unknown key, did you mean 'fictitious'?"),
        ("days = 35", 'days = 35\ncolours = { ink = "teal" }', '8: edition.colours.ink: a colour such as "#0b3d4a"'),
        ("days = 35", "days = 35\noffset_days = 3", '8: offset_days: only with starts = "installation"'),
        ("[jury]", f'{TRACK}["score"]\n[jury]', "27: challenges: no challenge 'score' in this edition, did you mean"),
        ("[jury]", f"{TRACK}[]\n[jury]", "27: challenges: a list with at least one challenge of the edition expected"),
        ("[jury]", f'{TRACK}["cartes"]\n[jury]', "24: challenges: none of them takes predictions"),
        ("[jury]", f'{TRACK}["scores", "scores"]\n[jury]', "27: challenges: a name stands twice"),
        ("[jury]", f'{TRACK}["scores"]\n{TRACK}["scores"]\n[jury]', "29: tracks[2].id: 'a' stands twice"),
        ("[jury]", '[[brackets]]\nid = "students"\n[jury]', "24: brackets[1].title is missing"),
        ("days = 35", 'days = 35\nanonymous = "yes"', "8: edition.anonymous: true or false expected"),
    ],
)
def test_mistake_in_an_edition_names_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in EDITION
    folder = write_edition(tmp_path / "essai", toml=EDITION.replace(old, new, 1))

    found = mistakes_of_edition(folder)

    assert [line for line in found if line.startswith(f"edition.toml:{expected}")], found


def test_scheme_by_rank_needs_no_anchors(tmp_path: Path) -> None:
    lines = [line for line in EDITION.splitlines() if not line.startswith(("baseline", "target"))]
    text = "\n".join(lines).replace("[ranking]", '[ranking]\nscheme = "rank"\nalso_shown = ["zscore"]') + "\n"

    plan = load_edition(write_edition(tmp_path / "essai", toml=text)).ranking

    assert plan is not None
    assert (plan.scheme, plan.also_shown, plan.components[0].baseline) == ("rank", ("zscore",), None)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('type = "text"', 'type = "file"', "4: formats is missing: a file field says which suffixes it takes"),
        ('type = "text"', 'type = "txt"', "6: dossier[1].type: 'txt' unknown, did you mean 'text'?"),
        ('id = "summary"', 'id = "Résumé"', "5: dossier[1].id: 'Résumé' must be lower-case letters"),
        ('{ fr = "Cartes" }', '{ fr = "" }', "2: challenge.title: the French text (fr) is missing"),
    ],
)
def test_mistake_in_a_dossier_names_its_line(tmp_path: Path, old: str, new: str, expected: str) -> None:
    folder = write_edition(tmp_path / "essai")
    (folder / "cartes" / "challenge.toml").write_text(PROTOTYPE.replace(old, new), encoding="utf-8")

    found = mistakes_of_edition(folder)

    assert [line for line in found if line.startswith(f"cartes/challenge.toml:{expected}")], found


def test_text_that_is_missing_or_not_utf8_is_named(tmp_path: Path) -> None:
    folder = write_edition(tmp_path / "essai")
    (folder / "documents" / "rules.fr.md").unlink()
    (folder / "cartes" / "description.fr.md").write_bytes(b"premiere\ndeuxi\xe8me\n")

    assert mistakes_of_edition(folder) == [
        "cartes/description.fr.md:1: the French text is missing",
        "cartes/description.fr.md:2: is not UTF-8 text",
        "documents/rules.fr.md:1: the French text is missing",
    ]


def test_toml_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    (folder / "challenge.toml").write_bytes(b"# un\n# deuxi\xe8me\n")

    assert mistakes_of_challenge(folder) == ["challenge.toml:2: is not UTF-8 text"]


def test_toml_nested_too_deeply_is_a_mistake_and_not_a_crash(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml="a = " + "[" * 20_000 + "]" * 20_000)

    assert mistakes_of_challenge(folder) == ["challenge.toml:1: is nested too deeply"]


@pytest.mark.parametrize("text", ["\ufeff" + MINIMAL, MINIMAL.replace("\n", "\r\n")])
def test_toml_saved_by_a_windows_editor_is_read(tmp_path: Path, text: str) -> None:
    folder = write_challenge(tmp_path / "essai")
    (folder / "challenge.toml").write_bytes(text.encode())

    assert load_challenge(folder).id == "essai"


def test_folder_without_a_file_says_so(tmp_path: Path) -> None:
    assert mistakes_of_challenge(tmp_path) == ["challenge.toml:1: cannot be read: No such file or directory"]


def test_reference_in_the_public_folder_is_refused(tmp_path: Path) -> None:
    toml = MINIMAL.replace("reference/reference.csv", "public/answers.csv")
    folder = write_challenge(tmp_path / "essai", toml=toml, files={"public/answers.csv": "id,label,Usage\n"})

    assert mistakes_of_challenge(folder) == [
        "challenge.toml:6: file: the reference lies in public/, where everybody can download it"
    ]


def test_data_file_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    toml = MINIMAL + '[[data.files]]\nname = "train.csv"\n'
    folder = write_challenge(tmp_path / "essai", toml=toml)
    (tmp_path / "secret.csv").write_text("a\n", encoding="utf-8")
    (folder / "public").mkdir()
    (folder / "public" / "train.csv").symlink_to(tmp_path / "secret.csv")

    assert mistakes_of_challenge(folder) == ["challenge.toml:13: name: 'train.csv' leaves the folder public/"]


def test_unlisted_link_out_of_the_folder_is_not_a_data_file(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", files={"public/train.csv": "a\n1\n"})
    (folder / "public" / "answers.csv").symlink_to(folder / "reference" / "reference.csv")

    assert [f.name for f in load_challenge(folder).files] == ["train.csv"]


def test_prediction_challenge_without_a_sample_says_what_it_is_for(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai")
    (folder / "sample_submission.csv").unlink()

    assert mistakes_of_challenge(folder) == [
        "challenge.toml:1: no file 'sample_submission.csv': the ids that teams must predict are read from it"
    ]


def test_own_scorer_must_declare_its_direction(tmp_path: Path) -> None:
    folder = write_challenge(tmp_path / "essai", toml=OWN, files={"scorer.py": "def score(t, p, c): ..."})

    assert mistakes_of_challenge(folder) == [
        'challenge.toml:12: direction is missing: say whether "lower" or "higher" mine is better'
    ]


def test_own_scorer_that_is_not_there_is_named(tmp_path: Path) -> None:
    toml = OWN.replace('"mine"', '"mine", direction = "lower"')

    assert mistakes_of_challenge(write_challenge(tmp_path / "essai", toml=toml)) == [
        "challenge.toml:11: scorer: no file 'scorer.py' in essai/"
    ]
