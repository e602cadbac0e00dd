"""What of this package a metric's value depends on: its own module, what that imports, and what aligns and hands over."""

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock

from scorers import catalogue

_FOLDER = Path(__file__).parent
_COMMON = ("__init__", "blob", "runner", "shipped")
"""Modules between the file and any metric: reading, alignment, parts, groups and weights."""
_COMPUTING = ("shipped", "weights")
"""Those among them that compute."""
_ONE_AT_A_TIME = Lock()
"""Python 3.11 counts the depth of syntax trees for all threads together: two at once end in a SystemError."""


def digest(name: str) -> str:
    """Return "sha256:<hex>" of the sources that the shipped metric ``name`` depends on, as they lie here.

    Each source counts with its name and length. The declarations are not among them: they change no value, and a metric
    whose value changes gets a new version.
    """
    return _digest((module, _source(module)) for module in sorted(modules(catalogue.SHIPPED[name].module)))


@cache
def meaning(name: str) -> str:
    """Return "sha256:<hex>" of what the value of the shipped metric ``name`` is computed by, comments left out.

    Its own module, what that imports, and what takes it group by group: as text without comments, docstrings and blank
    lines, the same under every version of Python. Reading files and passing them on is not in it.
    """
    used = _needed({catalogue.SHIPPED[name].module, *_COMPUTING}) - {"catalogue", "declaration", "__init__"}
    return _digest((module, _bare(_source(module)).encode()) for module in sorted(used))


def _digest(sources: Iterable[tuple[str, bytes]]) -> str:
    found = hashlib.sha256()
    for module, source in sources:
        found.update(f"{module} {len(source)}\n".encode() + source)
    return "sha256:" + found.hexdigest()


def _bare(source: bytes) -> str:
    """Return the text of a module without comments, docstrings and blank lines."""
    lines = source.decode("utf-8").splitlines()
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type == tokenize.COMMENT:
            line, at = token.start
            lines[line - 1] = lines[line - 1][:at]
    for node in ast.walk(_tree(source)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or first.lineno) - first.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


@cache
def modules(module: str) -> frozenset[str]:
    """Return the modules of this package that ``module`` depends on, itself and those every metric needs among them."""
    return _needed({module, *_COMMON})


def _tree(source: bytes) -> ast.Module:
    with _ONE_AT_A_TIME:
        return ast.parse(source)


def _needed(waiting: set[str]) -> frozenset[str]:
    found: set[str] = set()
    while waiting:
        found |= waiting
        waiting = {needed for one in waiting for needed in _imported(one)} - found
    return frozenset(found - {"catalogue"})


def _imported(module: str) -> set[str]:
    """Return the modules of this package that ``module`` imports; of the catalogue nothing, it names every metric."""
    if module == "catalogue":
        return set()
    names: set[str] = set()
    for node in ast.walk(_tree(_source(module))):
        if isinstance(node, ast.ImportFrom) and node.module == "scorers":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scorers."):
            names.add((node.module or "").removeprefix("scorers."))
    return {name for name in names if (_FOLDER / f"{name}.py").is_file()}


@cache
def _source(module: str) -> bytes:
    return (_FOLDER / f"{module}.py").read_bytes()
