"""No sentence without its French: every message key in code, templates and refusals has one."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

import datathon
from datathon.kernel import errors
from datathon.web.i18n import FOLDER

ROOT = Path(datathon.__file__).parent
SPOKEN = {"gettext": 0, "_": 0, "ngettext": 0, "pgettext": 1}
REFUSALS = dict.fromkeys((*(name for name in vars(errors) if name[0].isupper()), "SignInNeeded"), 0)
# Sentences that no page shows: they end on a terminal or in a log.
TERMINAL = (
    "jobs.py",
    "worker.py",
    "cli.py",
    "cli_verify.py",
    "cli_user.py",
    "cli_check.py",
    "cli_scoring.py",
    "demo",
    "bench",
)


def _key(found: object) -> str:
    """Return the singular of a message, "" where a template hands a variable."""
    parts = [part for part in found if part] if isinstance(found, (list, tuple)) else [found]
    return str(parts[0] or "") if parts else ""


def _within(context: str | None, key: str) -> str:
    """Return a key with its context, as catalogues join them: the same words in another context are another sentence."""
    return f"{context}\x04{key}" if context else key


def _calls(path: Path, names: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Give the sentences written in calls of these functions: each names the place of its sentence."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in names:
            continue
        said = node.args[names[node.func.id]] if len(node.args) > names[node.func.id] else None
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            first = node.args[0] if node.func.id == "pgettext" else None
            context = str(first.value) if isinstance(first, ast.Constant) else None
            yield _within(context, said.value), f"{path.relative_to(ROOT)}:{node.lineno}"


def _in_code() -> Iterator[tuple[str, str]]:
    for path in ROOT.rglob("*.py"):
        yield from _calls(path, SPOKEN)


def _in_templates() -> Iterator[tuple[str, str]]:
    for path in (ROOT / "web" / "templates").rglob("*.html"):
        with path.open("rb") as file:
            for line, function, found, _comments in babel_extract(
                file, ["gettext", "_", "ngettext", "pgettext"], [], {"silent": "false"}
            ):
                named = function == "pgettext" and isinstance(found, (list, tuple))
                if key := _key(found[1:] if named else found):
                    yield _within(found[0] if named else None, key), f"{path.relative_to(ROOT)}:{line}"


def _in_refusals() -> Iterator[tuple[str, str]]:
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).parts[0] not in TERMINAL:
            yield from _calls(path, REFUSALS)


def _french() -> set[str]:
    known: set[str] = set()
    for path in (FOLDER / "fr").glob("*.po"):
        with path.open("rb") as file:
            known.update(
                _within(message.context, _key(message.id))
                for message in read_po(file, locale="fr")
                if message.id and message.string
            )
    return known


def test_every_sentence_has_its_french() -> None:
    french = _french()
    spoken = [*_in_code(), *_in_templates(), *_in_refusals()]
    assert len(spoken) > 300
    assert sorted({f"{where} {key!r}" for key, where in spoken if key not in french}) == []


def test_no_translation_is_left_over() -> None:
    spoken = {key for key, _where in (*_in_code(), *_in_templates(), *_in_refusals())}
    words = {text for path in ROOT.rglob("*.py") for text in _strings(path)}
    assert sorted(key for key in _french() - spoken if key.rpartition("\x04")[2] not in words) == []


def _strings(path: Path) -> Iterator[str]:
    """Give every string constant of a module: keys that stand in tables are translated where they are shown."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
