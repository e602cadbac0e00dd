"""Run a team's program: sealed, with public inputs and no label, and make a file of predictions of what it returns."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from datathon.editions.rules import Challenge, Limits
from datathon.scoring import outcome
from datathon.scoring.problem import Problem
from datathon.scoring.sandbox import inputs, memory
from datathon.scoring.sandbox.client import ScorerClient, StageEnd
from datathon.scoring.stages import PREDICT

_LIMITS = {"cpu": "cpu_seconds", "wall": "wall_seconds", "memory": "memory_mb"}


@dataclass(frozen=True, slots=True)
class Predicted:
    """How a program ended: ``predictions`` as the bytes of a file, or ``problems``; neither: the platform's own fault."""

    end: StageEnd
    predictions: bytes | None = None
    problems: tuple[Problem, ...] = ()


def run_program(challenge: Challenge, program: int, *, seed: int, scorer: ScorerClient) -> Predicted:
    """Run the program behind the descriptor ``program`` (sealed bytes) on the challenge's inputs.

    Whatever ends the child from behind its seal is the program's doing, and the team is told; an error of the stage
    itself is not. Raises OSError when an input cannot be read, ScorerUnavailable where programs cannot be run safely.
    """
    asked, form = challenge.program, challenge.submission
    if asked is None or form is None:
        raise ValueError(f"{challenge.id} asks for no program")
    with contextlib.ExitStack() as stack:

        def keep(descriptor: int) -> int:
            stack.callback(os.close, descriptor)
            return descriptor

        out = keep(memory.sized("predictions", form.max_bytes))
        given = {
            "form": keep(memory.sealed("form", json.dumps({"seed": seed, "max_bytes": form.max_bytes}).encode())),
            "program": program,
            "inputs": keep(inputs.pack([challenge.folder / name for name in asked.inputs])),
            "out": out,
        }
        end = scorer.run(PREDICT, limits=asked.limits, descriptors=given, full=True, filter_level="files")
        if end.end != "done":
            return Predicted(end, problems=_ended(end, asked.limits))
        try:
            size, problems = outcome.read_predict(end.reply, most=form.max_bytes)
        except outcome.Untrusted as error:
            # Only the program can have written such a reply, or left without one.
            return Predicted(end, problems=(Problem("program_error", found=str(error), expected="returns"),))
        return Predicted(end, None if problems else _read(out, size), problems)


def input_paths(challenge: Challenge) -> tuple[Path, ...]:
    """Return the files a program of this challenge is given."""
    return () if challenge.program is None else tuple(challenge.folder / name for name in challenge.program.inputs)


def _ended(end: StageEnd, limits: Limits) -> tuple[Problem, ...]:
    """Return what the team is told of a program that was ended; nothing when the stage itself broke down."""
    if end.end == "error":
        return ()
    if end.end in _LIMITS:
        key = _LIMITS[end.end]
        params = {"cpu_seconds": limits.cpu_s, "wall_seconds": limits.wall_s, "memory_mb": limits.memory_mb}
        return (Problem("program_limit", expected=key, params={"limit": params[key]}),)
    return (Problem("program_error", found=end.end, expected="returns"),)


def _read(descriptor: int, size: int) -> bytes:
    """Return the first ``size`` bytes; the child that could write is dead."""
    parts, at = [], 0
    while at < size and (part := os.pread(descriptor, size - at, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)
