"""What a team must know to write a program for a challenge that asks for one."""

import platform
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from sqlmodel import Session

from datathon.editions.rules import Challenge, Limits
from datathon.scoring.queries import scorer_level

_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Input:
    """One file in ``input_dir``: its name there, bytes, whether visitors may download it under that name."""

    name: str
    size: int
    offered: bool


@dataclass(frozen=True, slots=True)
class ProgramHelp:
    """Limits in seconds and megabytes, sizes in bytes; ``example`` is a whole program; ``runs``: this machine may run it."""

    python: str
    libraries: tuple[tuple[str, str], ...]
    inputs: tuple[Input, ...]
    limits: Limits
    max_bytes: int
    example: str
    runs: bool


def program_help(db: Session, challenge: Challenge, *, now: datetime) -> ProgramHelp | None:
    """Return what the submit page says of programs at ``now``, None where the challenge takes predictions."""
    asked = challenge.program
    if asked is None:
        return None
    return ProgramHelp(
        python=platform.python_version(),
        libraries=_installed(),
        inputs=tuple(_input(challenge, name) for name in asked.inputs),
        limits=asked.limits,
        max_bytes=asked.max_bytes,
        example=_example(challenge),
        runs=scorer_level(db, now=now) != "container",
    )


def _input(challenge: Challenge, name: str) -> Input:
    path = challenge.folder / name
    size = path.stat().st_size if path.is_file() else 0
    return Input(path.name, size, path.name == challenge.sample or path.name in {f.name for f in challenge.files})


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:  # a web service installed apart from the scorer
            continue
    return tuple(found)


def _example(challenge: Challenge) -> str:
    """Return the smallest program that is scored: it hands in what the sample submission says."""
    names = [name.rsplit("/", 1)[-1] for name in (() if challenge.program is None else challenge.program.inputs)]
    first = challenge.sample if challenge.sample in names else next(iter(names), "test.csv")
    return f"""from pathlib import Path

import pandas as pd


def predict(input_dir):
    answer = pd.read_csv(input_dir / "{first}")
    return answer


if __name__ == "__main__":
    predict(Path("public")).to_csv("predictions.csv", index=False)
"""
