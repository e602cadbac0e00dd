"""What ``datathon check`` found: problems with file and line, and which checks ran."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ERROR, WARNING = "error", "warning"
PASSED, FAILED, WARNED, SKIPPED = "passed", "failed", "warned", "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. An error keeps the challenge from opening, a warning asks for a look; line 0: the whole file."""

    file: Path
    line: int
    severity: str
    message: str

    def __str__(self) -> str:
        """Return ``file:line: severity: message``."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.severity}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """Return the object of ``check --json``."""
        line = self.line or None
        return {"file": str(self.file), "line": line, "severity": self.severity, "message": self.message}


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check and how it ended: passed, warned, failed or skipped (``detail`` says why)."""

    name: str
    subject: str
    state: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the object of ``check --json``."""
        return {"name": self.name, "subject": self.subject, "state": self.state, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything one run found about a folder; ``ok`` when there is no error."""

    folder: Path
    findings: tuple[Finding, ...]
    checks: tuple[CheckRun, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing keeps the folder from opening."""
        return all(f.severity != ERROR for f in self.findings)

    def as_json(self) -> Mapping[str, Any]:
        """Return the object of ``check --json``."""
        return {
            "ok": self.ok,
            "problems": [f.as_json() for f in self.findings],
            "checks": [c.as_json() for c in self.checks],
        }


@dataclass(slots=True)
class Notebook:
    """Collects findings check by check; a check ends as its worst finding, or passed."""

    subject: str
    findings: list[Finding] = field(default_factory=list)
    checks: list[CheckRun] = field(default_factory=list)

    def error(self, file: Path, message: str, line: int = 0) -> None:
        """Note what must be put right."""
        self.findings.append(Finding(file, line, ERROR, message))

    def warning(self, file: Path, message: str, line: int = 0) -> None:
        """Note what deserves a look."""
        self.findings.append(Finding(file, line, WARNING, message))

    def ran(self, name: str, since: int, detail: str = "") -> None:
        """Record that a check ran; ``since`` is the number of findings before it."""
        new = {f.severity for f in self.findings[since:]}
        state = FAILED if ERROR in new else WARNED if WARNING in new else PASSED
        self.checks.append(CheckRun(name, self.subject, state, detail))

    def skipped(self, name: str, why: str) -> None:
        """Record that a check could not run."""
        self.checks.append(CheckRun(name, self.subject, SKIPPED, why))
