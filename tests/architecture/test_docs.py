"""The documentation says what the code does. ``python tests/architecture/test_docs.py`` writes the generated tables."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from typer.core import TyperGroup
from typer.main import get_command

from datathon.cli import app
from scorers.catalogue import SHIPPED, Declaration

REPOSITORY = Path(__file__).parents[2]
OPERATORS = REPOSITORY / "docs" / "operators.md"
SETTINGS = ("| setting | default | meaning |\n|---|---|---|\n", "<!-- end of settings -->")
COMMANDS = ("| command | what it does | example |\n|---|---|---|\n", "<!-- end of commands -->")
SCORERS = REPOSITORY / "docs" / "scorers.md"
METRICS = (
    "| metric | better | range | what it is | edges | parameters | columns |\n|---|---|---|---|---|---|---|\n",
    "<!-- end of metrics -->",
)


def settings_table() -> str:
    """Return one row per setting of datathon/config.py: name, default, the sentence under it."""
    tree = ast.parse((REPOSITORY / "datathon" / "config.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    rows = []
    for field, sentence in itertools.pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(sentence, ast.Expr) and field.value is not None):
            continue
        default = re.sub(r"Path\((.*)\)", r"\1", ast.unparse(field.value)).strip("'")
        text = " ".join(str(ast.literal_eval(sentence.value)).split())
        rows.append(
            f"| `DATATHON_{ast.unparse(field.target).upper()}` | {f'`{default}`' if default else '(empty)'} | {text} |"
        )
    return "\n".join(rows) + "\n"


def commands() -> Iterator[tuple[str, str]]:
    """Yield every command a person can run and its help, by its whole name, in the order of ``datathon --help``."""
    waiting = [("datathon", get_command(app))]
    while waiting:
        name, command = waiting.pop(0)
        if isinstance(command, TyperGroup):
            waiting[:0] = [(f"{name} {child}", found) for child, found in command.commands.items()]
        else:
            yield name, command.help or ""


def commands_table() -> str:
    """Return one row per command: name, the first sentence of its help, its example."""
    rows = []
    for name, text in commands():
        said, _, example = " ".join(text.split()).partition(" Example: ")
        rows.append(f"| `{name}` | {re.split(r'(?<=[.]) ', said)[0]} | `{example}` |")
    return "\n".join(rows) + "\n"


def metrics_table() -> str:
    """Return one row per shipped metric, from its declaration."""
    rows = []
    for metric in SHIPPED.values():
        better = "lower" if metric.direction == "lower" else "higher"
        cells = (
            f"`{metric.name}`",
            better,
            _range(metric),
            metric.about,
            metric.edges,
            _params(metric),
            _columns(metric),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _range(metric: Declaration) -> str:
    low, high = metric.low, metric.high
    if low is None:
        return "any" if high is None else f"up to {high:g}"
    return f"{low:g} and up" if high is None else f"{low:g} to {high:g}"


def _params(metric: Declaration) -> str:
    said = []
    for param in metric.params:
        default = "" if param.default is None else f" ({param.default})"
        said.append(f"`{param.name}`{' (required)' if param.required else default}")
    return ", ".join(said)


def _columns(metric: Declaration) -> str:
    count = {"one": "one", "many": "several", "any": "one or several"}[metric.columns]
    return f"{count}, {' or '.join(metric.kinds)}"


def _parts(path: Path, begin: str, end: str) -> tuple[str, str, str]:
    before, rest = path.read_text(encoding="utf-8").split(begin)
    table, after = rest.split(end)
    return before + begin, table, end + after


def test_every_setting_is_documented_as_it_is() -> None:
    assert _parts(OPERATORS, *SETTINGS)[1] == settings_table()


def test_every_shipped_metric_is_documented_as_it_is() -> None:
    assert _parts(SCORERS, *METRICS)[1] == metrics_table()


def test_every_command_is_documented_as_it_is() -> None:
    assert _parts(OPERATORS, *COMMANDS)[1] == commands_table()


def test_every_command_has_an_example_that_starts_with_its_name() -> None:
    known = dict(commands())
    assert len(known) > 10
    assert [n for n, text in known.items() if not re.search(rf"\n\s*Example: .*\b{n}\b", text)] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "README.md"]
    links = [
        (path, target)
        for path in documents
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    ]
    assert links
    assert [f"{path.name}: {target}" for path, target in links if not (path.parent / target).exists()] == []


def test_tours_say_the_same_in_both_languages_with_light_pictures() -> None:
    tours = sorted((REPOSITORY / "docs" / "tours").glob("*.fr.md"))
    assert {tour.name.partition(".")[0] for tour in tours} == {"visitor", "participant", "juror", "organiser", "host"}
    shown = set()
    for tour in tours:
        french, english = (
            re.findall(r"^## |pictures/[^)]+", (tour.parent / name).read_text(encoding="utf-8"), re.MULTILINE)
            for name in (tour.name, tour.name.replace(".fr.", ".en."))
        )
        assert [step.replace(".fr.", ".en.") for step in french] == english
        shown |= {*french, *english} - {"## "}
    pictures = {f"pictures/{file.name}": file.stat().st_size for file in (tours[0].parent / "pictures").iterdir()}
    assert set(pictures) == shown
    assert max(pictures.values()) < 60_000


if __name__ == "__main__":
    for path, marks, written in (
        (OPERATORS, SETTINGS, settings_table()),
        (OPERATORS, COMMANDS, commands_table()),
        (SCORERS, METRICS, metrics_table()),
    ):
        first, _old, last = _parts(path, *marks)
        path.write_text(first + written + last, encoding="utf-8")
