"""What is wrong with a folder of configuration, said as a compiler would: file, line, message."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: the file, its line (from 1) and an English sentence that says what would fit."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """Return ``file:line: message``, which editors and terminals make clickable."""
        return f"{self.path}:{self.line}: {self.message}"


class CatalogueError(Exception):
    """A folder cannot be read as an edition or a challenge; ``problems`` holds every mistake found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems, sorted by file and line; the text is one per line."""
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(p) for p in self.problems))
