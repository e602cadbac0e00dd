"""The standard library in memory, for children whose user cannot enter the folder it lies in.

A service started by root may run a Python from root's own folder. Its children may read libraries (filter "files") and
then lack just Python's own modules: these are read before the service gives up root, and imported from memory. No
descriptor and no path is left to the child for this.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType

_NOT_CARRIED = frozenset({
    "__pycache__", "ensurepip", "idlelib", "lib-dynload", "lib2to3", "site-packages", "test", "tests", "tkinter",
    "turtledemo", "venv",
})  # fmt: skip
_NOT_LOADED = frozenset({
    "_curses", "_curses_panel", "_dbm", "_gdbm", "_ssl", "_tkinter", "nis", "ossaudiodev", "readline", "spwd",
})  # fmt: skip
"""Extension modules for terminals, windows, networks and accounts, which no child can use."""


class FromMemory(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):  # type: ignore[misc]  # typeshed lets the two disagree on source_to_code
    """Imports modules of the standard library from ``files``: their source by path below ``folder``."""

    def __init__(self, folder: Path, files: Mapping[str, bytes]) -> None:
        self.folder = folder
        self.files = files

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where ``fullname`` lies in the library, None when it is none of its modules."""
        del path, target
        return None if self._place(fullname) is None else importlib.util.spec_from_loader(fullname, self)

    def get_filename(self, fullname: str) -> str:
        """Return the path that the module had on the disk; raises ImportError."""
        place = self._place(fullname)
        if place is None:
            raise ImportError(fullname)
        return str(self.folder / place)

    def get_data(self, path: str | bytes) -> bytes:
        """Return the source at ``path``; raises OSError, for what is no source too."""
        try:
            return self.files[str(Path(os.fsdecode(path)).relative_to(self.folder))]
        except (KeyError, ValueError):
            raise FileNotFoundError(path) from None

    def path_stats(self, path: str) -> Mapping[str, float]:
        """Raise OSError: nothing is known of compiled copies."""
        raise FileNotFoundError(path)

    def _place(self, fullname: str) -> str | None:
        bare = fullname.replace(".", "/")
        return next((place for place in (f"{bare}/__init__.py", f"{bare}.py") if place in self.files), None)


_finder: list[FromMemory] = []


def carry(leave: Callable[[], None]) -> None:
    """Take the standard library along where it cannot be listed after ``leave``, which gives up root.

    Call it before that; ``leave`` is tried in a child. Extension modules are loaded, the others read: about 11 MB once,
    shared by all children.
    """
    folder = Path(sysconfig.get_paths()["stdlib"])
    if _finder or _reaches(folder, leave):
        return
    for name in _extensions(folder / "lib-dynload"):
        with warnings.catch_warnings(), suppress(ImportError):
            warnings.simplefilter("ignore")  # some are to go with a later Python
            importlib.import_module(name)
    _finder.append(FromMemory(folder, sources(folder)))


def offer() -> None:
    """Let this process import what was taken along, after every other place; does nothing where nothing was."""
    sys.meta_path.extend(_finder)


def sources(folder: Path) -> dict[str, bytes]:
    """Return the modules under ``folder`` by relative path, without tests and what belongs to windows and installing."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_CARRIED)
        for name in names:
            if name.endswith(".py"):
                path = Path(place, name)
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def _reaches(folder: Path, leave: Callable[[], None]) -> bool:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            leave()
            os.listdir(folder)  # noqa: PTH208 - a fork of the service: as little as possible
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _extensions(folder: Path) -> list[str]:
    names = {path.name.split(".")[0] for path in folder.glob("*.so")} - _NOT_LOADED
    return sorted(name for name in names if "test" not in name and "xx" not in name)
