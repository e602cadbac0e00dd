"""The level of the sandbox that scores, and what its last examination found, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from datathon.scoring.tables import DoctorReport


@dataclass(frozen=True, slots=True)
class SandboxPage:
    """The sandbox in words: ``shape`` of its tag, one sentence, when it was examined, remarks for whoever runs it."""

    level: str
    shape: str
    sentence: str
    examined_at: datetime | None
    probes: int
    remarks: tuple[str, ...]


def sandbox_page(report: DoctorReport | None, *, answers: bool) -> SandboxPage:
    """Return the page's part on the sandbox; ``answers``: whether a worker sees a scorer service now."""
    level = report.level if report is not None and (answers or report.level == "refuse") else ""
    shape, sentence = {
        "full": ("full", _("Landlock and seccomp both hold.")),
        "container": ("run", _("seccomp holds; this kernel has no Landlock beside it.")),
        "refuse": ("fail", _("The last examination found a hole: nothing is scored.")),
    }.get(level, ("off", _("No examined scorer service answers: submissions wait.")))
    checks: list[dict[str, Any]] = [] if report is None else list(report.report.get("checks", []))
    trouble = "" if report is None else str(report.report.get("trouble", ""))
    remarks = [f"{c['name']}: {c['detail']}" for c in checks if not c["ok"] or c.get("warning")]
    return SandboxPage(
        level=level,
        shape=shape,
        sentence=sentence,
        examined_at=None if report is None else report.at,
        probes=len(checks),
        remarks=tuple(filter(None, [trouble, *remarks])),
    )
