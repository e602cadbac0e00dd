"""What of this package a metric's value depends on: its own module, what that imports, and what aligns and hands over."""

import ast
import hashlib
from functools import cache
from pathlib import Path

from scorers import catalogue

_FOLDER = Path(__file__).parent
_COMMON = ("__init__", "blob", "runner", "shipped")
"""Modules between the file and any metric: reading, alignment, parts, groups and weights."""


def digest(name: str) -> str:
    """Return "sha256:<hex>" of the sources that the shipped metric ``name`` depends on, as they lie here.

    Each source counts with its name and length. The declarations are not among them: they change no value, and a metric
    whose value changes gets a new version.
    """
    found = hashlib.sha256()
    for module in sorted(modules(catalogue.SHIPPED[name].module)):
        source = _source(module)
        found.update(f"{module} {len(source)}\n".encode() + source)
    return "sha256:" + found.hexdigest()


@cache
def modules(module: str) -> frozenset[str]:
    """Return the modules of this package that ``module`` depends on, itself and those every metric needs among them."""
    found: set[str] = set()
    waiting = {module, *_COMMON}
    while waiting:
        found |= waiting
        waiting = {needed for one in waiting for needed in _imported(one)} - found
    return frozenset(found - {"catalogue"})


def _imported(module: str) -> set[str]:
    """Return the modules of this package that ``module`` imports; of the catalogue nothing, it names every metric."""
    if module == "catalogue":
        return set()
    names: set[str] = set()
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.ImportFrom) and node.module == "scorers":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scorers."):
            names.add((node.module or "").removeprefix("scorers."))
    return {name for name in names if (_FOLDER / f"{name}.py").is_file()}


@cache
def _source(module: str) -> bytes:
    return (_FOLDER / f"{module}.py").read_bytes()
