"""Why a file was refused, in the reader's words: what it is, where, what was found, what was expected."""

from collections.abc import Mapping

from datathon.scoring.problem import Problem

_WHAT: Mapping[str, tuple[str, str]] = {
    "empty": ("le fichier est vide", "the file is empty"),
    "too_large": ("le fichier est trop volumineux", "the file is too large"),
    "encoding": ("le fichier n’est pas du texte en UTF-8", "the file is not text in UTF-8"),
    "not_csv": ("le fichier n’est pas un CSV lisible", "the file is not a readable CSV"),
    "header_missing": ("une colonne manque dans l’en-tête", "a column is missing from the header"),
    "header_unknown": ("l’en-tête contient une colonne inconnue", "the header has an unknown column"),
    "header_duplicate": ("une colonne figure deux fois dans l’en-tête", "a column appears twice in the header"),
    "row_width": ("la ligne n’a pas le bon nombre de valeurs", "the row has the wrong number of values"),
    "id_missing": ("un identifiant manque", "an id is missing"),
    "id_unknown": ("l’identifiant est inconnu", "the id is unknown"),
    "id_duplicate": ("l’identifiant figure plusieurs fois", "the id appears more than once"),
    "value_missing": ("une valeur manque", "a value is missing"),
    "value_type": ("la valeur n’est pas du bon type", "the value has the wrong type"),
    "value_not_finite": ("la valeur n’est pas un nombre fini", "the value is not a finite number"),
    "value_range": ("la valeur sort des limites", "the value is out of range"),
    "row_sum": ("la somme de la ligne n’est pas la bonne", "the row does not add up"),
    "archive_unsafe": ("l’archive contient un élément refusé", "the archive holds something unsafe"),
    "format": ("le fichier n’a pas la forme attendue", "the file does not have the expected form"),
    "program_error": ("le programme s’est arrêté sur une erreur", "the program stopped on an error"),
    "program_limit": ("le programme a dépassé une limite", "the program went beyond a limit"),
}

_EXPECTED: Mapping[str, tuple[str, str]] = {
    "": ("", ""),
    "at_least": ("{low} ou plus", "{low} or more"),
    "at_most": ("{high} ou moins", "{high} or less"),
    "a_value": ("une valeur", "a value"),
    "boxes": (
        "des boîtes « classe score x1 y1 x2 y2 » séparées par des points-virgules, avec x1 ≤ x2 et y1 ≤ y2",
        "boxes “class score x1 y1 x2 y2” between semicolons, with x1 ≤ x2 and y1 ≤ y2",
    ),
    "between": ("un nombre de {low} à {high}", "a number from {low} to {high}"),
    "column": ("une colonne nommée {name}", "a column named {name}"),
    "column_exactly": ("une colonne nommée {name}, écrite à l’identique", "a column named {name}, written exactly so"),
    "columns": ("{count} colonnes : {names}", "{count} columns: {names}"),
    "comma": (
        "des colonnes séparées par des virgules et non par « {mark} »",
        "columns separated by commas, not by “{mark}”",
    ),
    "csv_text": ("un fichier texte CSV, non compressé", "a CSV text file, not compressed"),
    "decimal_point": (
        "un nombre avec un point décimal, par exemple 0.82",
        "a number with a decimal point, for example 0.82",
    ),
    "fields": ("{count} valeurs sur la ligne", "{count} values on the line"),
    "fields_point": (
        "{count} valeurs sur la ligne, séparées par des virgules, les nombres avec un point décimal",
        "{count} values on the line, separated by commas, numbers with a decimal point",
    ),
    "finite": ("un nombre fini", "a finite number"),
    "header_line": ("une ligne d’en-tête : {names}", "a header line: {names}"),
    "id_once": (
        "chaque identifiant une seule fois (déjà à la ligne {first})",
        "each id once (already on line {first})",
    ),
    "id_written": (
        "l’identifiant {id}, écrit comme dans sample_submission.csv",
        "the id {id}, written as in sample_submission.csv",
    ),
    "id_zeros": (
        "l’identifiant {id} : ses zéros de tête se sont perdus, lisez cette colonne comme du texte",
        "the id {id}: its leading zeros were lost, read this column as text",
    ),
    "cpu_seconds": ("au plus {limit} s de calcul", "at most {limit} s of processor time"),
    "known_module": (
        "un module de votre archive, de Python, ou une bibliothèque installée ici (appelé dans {file})",
        "a module of your archive, of Python, or a library installed here (asked for in {file})",
    ),
    "main_file": ("{name} à la racine de l’archive", "{name} at the root of the archive"),
    "memory_mb": ("au plus {limit} Mo de mémoire", "at most {limit} MB of memory"),
    "no_error": ("aucune erreur dans {file}", "no error in {file}"),
    "only_inputs": (
        "la seule lecture de input_dir : ni écriture, ni réseau, ni autre processus (dans {file})",
        "reading input_dir and nothing else: no writing, no network, no other process (in {file})",
    ),
    "predict_function": ("une fonction {name}", "a function {name}"),
    "predictions": (
        "un DataFrame, un dictionnaire de colonnes de même longueur, ou le texte d’un CSV",
        "a DataFrame, a dictionary of columns of one length, or the text of a CSV",
    ),
    "python_or_zip": (
        "un fichier Python en texte, ou une archive zip avec main.py à sa racine",
        "a Python file in plain text, or a zip archive with main.py at its root",
    ),
    "readable_zip": (
        "une archive zip intacte, sans mot de passe, compressée par deflate",
        "an intact zip archive, without password, compressed by deflate",
    ),
    "returns": ("predict(input_dir) qui se termine par un return", "predict(input_dir) ending with a return"),
    "safe_archive": (
        "des fichiers ordinaires aux noms simples, 500 et 200 Mo au plus une fois décompressés",
        "plain files with plain names, 500 and 200 MB at most once unpacked",
    ),
    "wall_seconds": ("au plus {limit} s en tout", "at most {limit} s in all"),
    "known_id": (
        "un identifiant du fichier sample_submission.csv, écrit à l’identique",
        "an id of sample_submission.csv, written exactly as there",
    ),
    "max_bytes": ("au plus {bytes} octets", "at most {bytes} bytes"),
    "no_boolean": (
        "un nombre, par exemple 1 pour vrai et 0 pour faux",
        "a number, for example 1 for true and 0 for false",
    ),
    "plain_digits": (
        "les chiffres 0 à 9 et le signe moins du clavier, sans caractère invisible",
        "the digits 0 to 9 and the minus sign of a keyboard, without invisible characters",
    ),
    "no_grouping": (
        "un nombre sans séparateur de milliers, par exemple 1234.5",
        "a number without thousands separators, for example 1234.5",
    ),
    "no_index": (
        "{count} colonnes : {names}, sans colonne de numéros de lignes (dans pandas : index=False, dans R : row.names=FALSE)",
        "{count} columns: {names}, without a column of row numbers (in pandas: index=False, in R: row.names=FALSE)",
    ),
    "no_percent": (
        "un nombre sans signe %, par exemple 0.82",
        "a number without the % sign, for example 0.82",
    ),
    "number": ("un nombre", "a number"),
    "once": ("chaque colonne une seule fois", "each column once"),
    "one_of": ("une des valeurs {values}", "one of {values}"),
    "plain_text": ("du texte sans caractère de contrôle", "text without control characters"),
    "quotes": ("des guillemets fermés et doublés à l’intérieur", "quotes that are closed, and doubled inside"),
    "runs": (
        "un masque codé par plages « début longueur », les débuts comptés à partir de 1",
        "a mask as runs “start length”, starts counted from 1",
    ),
    "runs_apart": ("des plages qui ne se chevauchent pas", "runs that do not overlap"),
    "runs_inside": ("des plages dans une image de {pixels} pixels", "runs inside an image of {pixels} pixels"),
    "short_field": ("des champs d’au plus {characters} caractères", "fields of at most {characters} characters"),
    "short_text": ("au plus {characters} caractères", "at most {characters} characters"),
    "some_rows": ("une ligne d’en-tête et {rows} lignes", "a header line and {rows} rows"),
    "sum": ("une somme de {sum}", "a sum of {sum}"),
    "text": ("{text}", "{text}"),
    "this_id": ("une ligne pour l’identifiant {id}", "a row for the id {id}"),
    "utf8": ("du texte en UTF-8", "text in UTF-8"),
    "whole_number": ("un nombre entier", "a whole number"),
}

_FAILED: Mapping[str, tuple[str, str]] = {
    "timeout": ("Le calcul a dépassé le temps prévu.", "Scoring took longer than allowed."),
    "memory": ("Le calcul a dépassé la mémoire prévue.", "Scoring used more memory than allowed."),
    "scorer_error": ("Le programme de calcul s’est arrêté sur une erreur.", "The scoring program stopped on an error."),
    "no_score": ("La métrique n’a pas de valeur sur ces données.", "The metric has no value on these data."),
    "sandbox_refused": ("Le service de calcul a refusé de démarrer.", "The scoring service refused to start."),
}


def what(problem: Problem, lang: str) -> str:
    """Return what is wrong, in ``lang`` ("fr", anything else: English), without place or values."""
    return _WHAT.get(problem.code, _WHAT["format"])[lang != "fr"]


def expected(problem: Problem, lang: str) -> str:
    """Return what was expected, in ``lang``; empty when there is nothing to add."""
    template = _EXPECTED.get(problem.expected, ("", ""))[lang != "fr"]
    values = {key: _said(value) for key, value in problem.params.items()}
    try:
        return template.format_map(values)
    except (KeyError, ValueError, IndexError):
        # A child may have left a parameter out; the rest of the sentence still helps.
        return ""


def further(problem: Problem, lang: str) -> str:
    """Return how many more of this kind the file holds, in ``lang``; empty when all of them are listed."""
    more = problem.params.get("more")
    if not more:
        return ""
    if problem.params.get("at_least"):
        return (
            f"et au moins {more} de plus de cette sorte" if lang == "fr" else f"and at least {more} more of this kind"
        )
    return f"et {more} de plus de cette sorte" if lang == "fr" else f"and {more} more of this kind"


def sentences(lang: str) -> dict[str, dict[str, str]]:
    """Return every sentence in ``lang`` by code (``what``) and by key (``expected``, with ``{parameters}``)."""
    at = lang != "fr"
    return {
        "what": {code: said[at] for code, said in _WHAT.items()},
        "expected": {key: said[at] for key, said in _EXPECTED.items() if key},
    }


def where(problem: Problem, lang: str) -> str:
    """Return the place in the file, in ``lang``; empty for the whole file."""
    line, column = ("ligne", "colonne") if lang == "fr" else ("line", "column")
    places = [] if problem.line is None else [f"{line} {problem.line}"]
    places += [] if problem.column is None else [f"{column} {problem.column}"]
    return ", ".join(places)


def sentence(problem: Problem, lang: str) -> str:
    """Return the whole explanation as one line of text in ``lang``."""
    found_word, expected_word = ("trouvé", "attendu") if lang == "fr" else ("found", "expected")
    colon = " : " if lang == "fr" else ": "
    place, wanted = where(problem, lang), expected(problem, lang)
    start = f"{place}{colon}{what(problem, lang)}" if place else what(problem, lang)
    parts = [start[:1].upper() + start[1:]]
    if problem.found is not None:
        quoted = f"« {problem.found} »" if lang == "fr" else f"“{problem.found}”"
        parts.append(f"{found_word}{colon}{quoted}")
    if wanted:
        parts.append(f"{expected_word}{colon}{wanted}")
    if rest := further(problem, lang):
        parts.append(rest)
    return (" ; " if lang == "fr" else "; ").join(parts) + "."


def failure(code: str, lang: str) -> str:
    """Return what to tell organisers about a failure code, in ``lang``."""
    return _FAILED.get(code, _FAILED["scorer_error"])[lang != "fr"]


def _said(value: str | float | None) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e15 else str(value)
