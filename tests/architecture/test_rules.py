"""The house's own rules, read from the syntax trees; each test says what it protects."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted((REPOSITORY / "datathon").rglob("*.py")) + sorted((REPOSITORY / "scorers").rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "service_layer", "misc", "common", "base"}


@cache
def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def _calls(tree: ast.AST, attribute: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == attribute:
            yield node


def _where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(REPOSITORY)}:{getattr(node, 'lineno', 0)}"


def test_only_store_commits() -> None:
    # Acts get a session and never end its transaction: the door that opened it does.
    found = [
        _where(path, call)
        for path, tree in _trees().items()
        if path.parent.name != "store"
        for name in ("commit", "rollback")
        for call in _calls(tree, name)
    ]
    assert found == []


def test_tables_keep_instants_with_their_own_type() -> None:
    found = []
    for path, tree in _trees().items():
        if path.name != "tables.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and "datetime" in ast.unparse(node.annotation):
                value = "" if node.value is None else ast.unparse(node.value)
                if "sa_type=UtcDateTime" not in value:
                    found.append(_where(path, node))
    assert found == []


def test_tables_have_no_relationships() -> None:
    # Rows of two rooms meet in a query, never through an attribute that loads behind the reader's back.
    found = [
        _where(path, node)
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "Relationship"
    ]
    assert found == []


def test_tables_do_not_postpone_annotations() -> None:
    found = [
        str(path)
        for path in SOURCES
        if path.name == "tables.py" and "from __future__ import annotations" in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_files_are_named_for_what_they_do() -> None:
    assert [str(path) for path in SOURCES if path.stem in VAGUE] == []


def test_rules_read_neither_clock_nor_environment() -> None:
    pure = {"rules.py", "merge.py", "grid.py", "outcome.py"}
    found = [
        _where(path, call)
        for path, tree in _trees().items()
        if path.name in pure
        for name in ("utcnow", "now", "today", "getenv", "time")
        for call in _calls(tree, name)
    ]
    assert found == []


def test_functions_stay_readable() -> None:
    # Sixty lines make a reviewer ask; nothing here may need more without being split.
    found = [
        f"{_where(path, node)} {node.name} {node.end_lineno - node.lineno + 1}"
        for path, tree in _trees().items()
        if "migrations" not in path.parts
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert found == []


def test_files_stay_readable() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {len(path.read_text(encoding='utf-8').splitlines())} lines"
        for path in SOURCES
        if "migrations" not in path.parts and len(path.read_text(encoding="utf-8").splitlines()) > 450
    ]
    assert found == []


def test_templates_hold_no_inline_script_or_style() -> None:
    # The content security policy would drop them silently; the page would look fine in a unit test.
    templates = sorted((REPOSITORY / "datathon" / "web" / "templates").rglob("*.html"))
    assert templates
    found = []
    for path in templates:
        text = path.read_text(encoding="utf-8")
        found += [
            f"{path}: {mark}"
            for mark in (' style="', " onclick=", " onchange=", " onsubmit=", "<style")
            if mark in text
        ]
        found += [
            f"{path}: script without src" for piece in text.split("<script")[1:] if "src=" not in piece.split(">")[0]
        ]
    assert found == []


@pytest.mark.parametrize("module", ["datathon", "datathon.cli", "datathon.web.app", "datathon.worker", "datathon.jobs"])
def test_light_processes_import_no_science(module: str) -> None:
    # Web and worker must start at once and stay small; pandas and scikit-learn belong to the scorer service.
    heavy = "{m.split('.')[0] for m in sys.modules} & {'pandas', 'sklearn', 'scipy'}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print({heavy} or '')"],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert done.stdout.strip() == ""


def test_importing_the_package_costs_nothing() -> None:
    script = "import sys; before = set(sys.modules); import datathon; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "['datathon']"


def test_nothing_tracked_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    files = listed.stdout.split()
    assert "uv.lock" not in files
    needles = ("pythonhosted" + ".org", "pypi" + ".org", "npmjs" + ".", "/simple" + "/", '"resolved"' + ":")
    found = []
    for name in files:
        path = REPOSITORY / name
        if path.suffix in {".toml", ".txt", ".lock", ".json", ".md", ".py", ".yaml"} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {needle}" for needle in needles if needle in text]
    assert found == []
