"""Read what a challenge that asks for programs says of them: their inputs and their limits."""

from collections.abc import Sequence
from pathlib import Path

from datathon.editions.folder_files import inside
from datathon.editions.read_toml import Table
from datathon.editions.rules import DataFile, Limits, Program, Reference

PROGRAMS = (".py", ".zip")
MOST_WALL_S = 300.0
"""Longest a program may be given: a worker's job has to end within its own time."""

_MOST_INPUT_BYTES = 500_000_000


def read_limits(table: Table, default: Limits) -> Limits:
    """Return the limits under ``limits`` of ``table``, what is not said as in ``default``."""
    box = table.table("limits")
    if box is None:
        return default
    memory = box.integer("memory_mb", default.memory_mb, low=64, high=65_536)
    limits = Limits(box.positive("cpu_s", default.cpu_s), box.positive("wall_s", default.wall_s), memory)
    box.done()
    return limits


def read_program(
    top: Table, folder: Path, *, files: Sequence[DataFile], sample: str | None, reference: Reference | None
) -> Program | None:
    """Return what ``[program]`` says, None without it: teams then submit predictions.

    Without ``inputs`` a program is given every public file and the sample submission. A file outside ``public/``, or
    the reference by any name, is a mistake: what a program sees must be public.
    """
    table = top.table("program")
    if table is None:
        return None
    default = tuple(f"public/{file.name}" for file in files)
    default += () if sample is None or f"public/{sample}" in default else (sample,)
    named = table.strings("inputs", default)
    hidden = None if reference is None else reference.file.resolve()
    size = 0
    for name in named:
        path = inside(folder, name)
        if path is None or not path.is_file():
            table.note(f"inputs: no file {name!r} in {folder.name}/", "inputs")
            continue
        size += path.stat().st_size
        public = path.resolve().is_relative_to((folder / "public").resolve()) or name == sample
        if not public or path.resolve() == hidden:
            table.note(f"inputs: {name!r} does not lie in public/: a program is given public files only", "inputs")
    if len({Path(name).name for name in named}) != len(named):
        table.note("inputs: two files have the same name", "inputs")
    if size > _MOST_INPUT_BYTES:
        table.note(f"inputs: {size} bytes in all, at most {_MOST_INPUT_BYTES} expected", "inputs")
    limits = read_limits(table, Program().limits)
    if limits.wall_s > MOST_WALL_S:
        table.note(f"limits.wall_s: at most {MOST_WALL_S:g} expected, found {limits.wall_s:g}", "limits")
    result = Program(named, limits, table.integer("max_bytes", Program().max_bytes, low=1, high=200_000_000))
    table.done()
    return result
