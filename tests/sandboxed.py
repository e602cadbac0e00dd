"""Builders for scoring tests: a challenge in a folder of its own, with as little as it needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datathon.editions.rules import Challenge, Column, Limits, Metric, Reference, Split, SubmissionFormat

REPOSITORY = Path(__file__).parent.parent

REFERENCE = "id,label,weight,Usage\na,1,2,Public\nb,0,1,Public\nc,1,1,Private\nd,0,4,Private\n"
SAMPLE = "id,p\na,0.5\nb,0.5\nc,0.5\nd,0.5\n"
GOOD = b"id,p\na,0.9\nb,0.2\nc,0.8\nd,0.4\n"


def make_challenge(
    folder: Path,
    *,
    reference: str = REFERENCE,
    sample: str = SAMPLE,
    columns: tuple[Column, ...] = (Column("p", minimum=0.0, maximum=1.0),),
    truth: tuple[str, ...] = ("label",),
    metrics: tuple[Metric, ...] = (Metric("mae"),),
    scorer: str | None = None,
    limits: Limits | None = None,
    usage: str | None = "Usage",
    split: Split | None = None,
    form: Mapping[str, Any] | None = None,
) -> Challenge:
    """Write reference, sample and scorer into ``folder`` and return the challenge."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "reference.csv").write_text(reference)
    (folder / "sample_submission.csv").write_text(sample)
    if scorer is not None:
        (folder / "scorer.py").write_text(scorer)
    return Challenge(
        id="toy",
        edition="",
        folder=folder,
        title={},
        summary={},
        description={},
        submission=SubmissionFormat("id", columns, **(form or {})),
        reference=Reference(folder / "reference.csv", truth, usage, split),
        metrics=metrics,
        scorer=None if scorer is None else "scorer.py",
        limits=limits or Limits(cpu_s=5, wall_s=60, memory_mb=256),
        sample="sample_submission.csv",
    )
