"""The documentation says what the code does. ``python tests/architecture/test_docs.py`` writes the generated tables."""

import ast
import itertools
import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
OPERATORS = REPOSITORY / "docs" / "operators.md"
BEGIN, END = "|---|---|---|\n", "<!-- end of settings -->"


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


def _parts() -> tuple[str, str, str]:
    before, rest = OPERATORS.read_text(encoding="utf-8").split("| setting | default | meaning |\n" + BEGIN)
    table, after = rest.split(END)
    return before + "| setting | default | meaning |\n" + BEGIN, table, END + after


def test_every_setting_is_documented_as_it_is() -> None:
    assert _parts()[1] == settings_table()


def test_every_command_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "docs").rglob("*.md"))
    text += (REPOSITORY / "README.md").read_text(encoding="utf-8")
    tree = ast.parse((REPOSITORY / "datathon" / "cli.py").read_text(encoding="utf-8"))
    names = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(d) for d in node.decorator_list)
    ]
    assert names
    assert [n for n in names if f"datathon {n.replace('_', ' ')}" not in text] == []


def test_links_between_documents_lead_somewhere() -> None:
    documents = [*(REPOSITORY / "docs").rglob("*.md"), REPOSITORY / "README.md"]
    links = [
        (path, target)
        for path in documents
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    ]
    assert links
    assert [f"{path.name}: {target}" for path, target in links if not (path.parent / target).exists()] == []


if __name__ == "__main__":
    first, _old, last = _parts()
    OPERATORS.write_text(first + settings_table() + last, encoding="utf-8")
