"""A team's program in its own sealed child: public inputs in, predictions out. No label and no id is anywhere near.

The program is one Python file, or a zip with ``main.py`` at its root, and has ``predict(input_dir)``. Its modules are
imported from memory. What goes wrong in it is the team's, with the line in their own file; nothing here is secret.
"""

import csv
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import linecache
import os
import random
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from scorers.archive import Unreadable, Unsafe, members
from scorers.sniffing import binary_kind, shown

MAIN = "main"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_FOUND_CHARACTERS = 200

Problem = dict[str, Any]


class _Fault(Exception):  # noqa: N818 - names whose fault it is
    """Something wrong with the program as a file or with what it returned."""

    def __init__(
        self, code: str, expected: str, found: str | None = None, line: int | None = None, **params: object
    ) -> None:
        super().__init__(code)
        self.problem: Problem = {
            "code": code, "line": line, "column": None, "expected": expected, "params": params,
            "found": None if found is None else shown(found, _FOUND_CHARACTERS),
        }  # fmt: skip


def predict(form: Mapping[str, Any], raw: bytes, folder: str, out: Any, log: Callable[[str], None]) -> bytes:
    """Run the program ``raw`` on the files in ``folder`` and write its predictions, as CSV text, into ``out``.

    Returns the reply ``{"bytes": n}`` or ``{"problems": […]}``. ``form`` has ``seed`` and ``max_bytes`` of predictions;
    ``log`` is read by organisers. MemoryError passes through: the supervisor knows it as the end of the memory.
    """
    try:
        files = _files(raw)
        answer = _run(files, Path(folder), int(form["seed"]), log)
        found = _text(answer, int(form["max_bytes"]), log)
        out[: len(found)] = found
    except _Fault as fault:
        return json.dumps({"problems": [fault.problem]}, ensure_ascii=True).encode()
    return json.dumps({"bytes": len(found)}).encode()


def _files(raw: bytes) -> dict[str, bytes]:
    """Return the program's files by name; raises _Fault."""
    if not raw.startswith(_ZIP):
        kind = binary_kind(raw) or ("NUL" if b"\0" in raw else None)
        if kind is not None or not raw.strip():
            raise _Fault("format", "python_or_zip", kind)
        return {f"{MAIN}.py": raw}
    try:
        files = members(raw)
    except Unsafe as error:
        raise _Fault("archive_unsafe", "safe_archive", str(error)) from error
    except Unreadable as error:
        raise _Fault("format", "readable_zip", str(error)) from error
    if f"{MAIN}.py" not in files:
        raise _Fault("format", "main_file", ", ".join(sorted(files)[:5]), name=f"{MAIN}.py")
    return files


class _FromMemory(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the modules of the program; ``pkgutil.get_data("main", NAME)`` gives its other files as bytes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where a module of the program lies: NAME.py, NAME/__init__.py, or a folder."""
        del path, target
        place = fullname.replace(".", "/")
        package = f"{place}/__init__.py" in self.files or any(name.startswith(f"{place}/") for name in self.files)
        if not package and f"{place}.py" not in self.files:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=self._origin(fullname), is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [place]
        return spec

    def _origin(self, fullname: str) -> str:
        place = fullname.replace(".", "/")
        return f"{place}.py" if f"{place}.py" in self.files else f"{place}/__init__.py"

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's text in ``module``."""
        name = self._origin(module.__name__)
        exec(compile(self.files.get(name, b""), name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - the child is sealed

    def get_data(self, path: str) -> bytes:
        """Return a file of the program."""
        try:
            return self.files[path.removeprefix("./")]
        except KeyError:
            raise FileNotFoundError(path) from None


def _run(files: Mapping[str, bytes], folder: Path, seed: int, log: Callable[[str], None]) -> object:
    """Import the program and call its ``predict``; raises _Fault for whatever it raises, MemoryError as it is."""
    import numpy as np  # noqa: PLC0415 - the process that runs programs has it loaded

    for name, content in files.items():
        if name.endswith(".py"):
            text = content.decode("utf-8", "replace")
            linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    _one_processor()
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - programs may draw from the old global state
    sys.meta_path.insert(0, _FromMemory(files))
    try:
        function = getattr(importlib.import_module(MAIN), "predict", None)
        if callable(function):
            return function(folder)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - the program's edge: SystemExit is no way out either
        raise _raised(error, files, log) from None
    raise _Fault("format", "predict_function", name="predict(input_dir)")


def _one_processor() -> None:
    """Tell libraries to work with one thread: they would look for processors in files that cannot be read here."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1"))
    loky = sys.modules.get("joblib.externals.loky.backend.context")
    if hasattr(loky, "_cpu_count_cgroup"):
        loky._cpu_count_cgroup = lambda count: count  # type: ignore[union-attr]  # noqa: SLF001 - it has no setting


def _raised(error: BaseException, files: Mapping[str, bytes], log: Callable[[str], None]) -> _Fault:
    """Return what an exception of the program is to its team: type, text, the last line in their own files."""
    place, line = _place(error, files)
    try:
        said = f"{type(error).__name__}: {error}"
        log("".join(traceback.format_exception(error)))
    except Exception:  # noqa: BLE001 - an exception may be made so that it cannot be shown
        said = type(error).__name__
    if isinstance(error, ModuleNotFoundError):
        return _Fault("program_error", "known_module", said, line, file=place)
    if isinstance(error, PermissionError):
        return _Fault("program_error", "only_inputs", said, line, file=place)
    return _Fault("program_error", "no_error", said, line, file=place)


def _place(error: BaseException, files: Mapping[str, bytes]) -> tuple[str, int | None]:
    if isinstance(error, SyntaxError) and error.filename in files:
        return str(error.filename), error.lineno
    place, line = f"{MAIN}.py", None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename in files:
            place, line = frame.f_code.co_filename, number
    return shown(place), line


def _text(answer: object, most: int, log: Callable[[str], None]) -> bytes:
    """Return what ``predict`` gave as CSV text of at most ``most`` bytes; raises _Fault, MemoryError as it is."""
    found = _csv(answer, log)
    if len(found) > most:
        raise _Fault("too_large", "max_bytes", f"{len(found)} bytes", bytes=most)
    return found


def _csv(answer: object, log: Callable[[str], None]) -> bytes:
    import pandas as pd  # noqa: PLC0415 - the process that runs programs has it loaded

    try:
        if isinstance(answer, str | bytes | bytearray):
            return answer.encode() if isinstance(answer, str) else bytes(answer)
        if isinstance(answer, pd.DataFrame):
            named = answer.index.name is not None and answer.index.name not in answer.columns
            return str(answer.to_csv(index=named, lineterminator="\n")).encode()
        if isinstance(answer, Mapping):
            return _columns(answer)
    except MemoryError:
        raise
    except Exception as error:
        log("".join(traceback.format_exception(error)))
        raise _Fault("format", "predictions", f"{type(error).__name__}: {error}") from error
    raise _Fault("format", "predictions", type(answer).__name__)


def _columns(answer: Mapping[Any, Any]) -> bytes:
    columns = {str(name): [*(v.tolist() if hasattr(v, "tolist") else v)] for name, v in answer.items()}
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return written.getvalue().encode()
