"""One thing wrong with a submitted file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file.

    ``line`` counts physical lines from 1; ``column`` is a declared column; ``found`` is cut and escaped; ``expected``
    is a key of ``outcome.EXPECTED`` with ``params``.
    """

    code: str
    line: int | None = None
    column: str | None = None
    found: str | None = None
    expected: str = ""
    params: Mapping[str, str | int | float | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the stored form, from which ``from_json`` makes the same problem."""
        return {
            "code": self.code,
            "line": self.line,
            "column": self.column,
            "found": self.found,
            "expected_key": self.expected,
            "params": dict(self.params),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Problem":
        """Return the problem that ``as_json`` stored."""
        return cls(
            stored["code"], stored["line"], stored["column"], stored["found"], stored["expected_key"], stored["params"]
        )
