"""Try the scorer of a challenge on files whose outcome is known beforehand: gold, sample, baselines, nonsense."""

import csv
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from datathon.editions.check_report import Notebook
from datathon.editions.rules import Challenge
from datathon.editions.sheet import Sheet
from datathon.editions.shipped import best_of, direction_of, needs_variation, submission_of

Rows = list[list[str]]
_SHUFFLE_SEED = 20251105


class Scored(Protocol):
    """What a check needs to know of a scored file."""

    @property
    def outcome(self) -> str:
        """Tell "scored", "rejected" or "failed"."""

    @property
    def code(self) -> str | None:
        """Code of a refusal or failure."""

    @property
    def values(self) -> Mapping[str, Mapping[str, float]]:
        """Part -> metric -> value."""

    @property
    def private_log(self) -> str:
        """What the organiser may read."""


Score = Callable[[Challenge, Path], Scored]
"""Scores a file exactly as the worker would."""


def check_scorer(challenge: Challenge, reference: Sheet, sample: Sheet, *, score: Score, notes: Notebook) -> None:
    """Score gold, sample, baselines, constant, shuffled and malformed files, and note every surprise."""
    metric = challenge.metrics[0]
    lower = (metric.direction or direction_of(metric.function)) == "lower"
    with tempfile.TemporaryDirectory(prefix="datathon-check-") as scratch:
        trial = _Trial(challenge, reference, sample, Path(scratch), score, notes, lower=lower)
        gold = trial.gold()
        trial.known_files(gold)
        trial.made_up(gold)
        trial.malformed()


class _Trial:
    """One challenge under trial; ``value`` is the ranking metric over all rows."""

    def __init__(
        self,
        challenge: Challenge,
        reference: Sheet,
        sample: Sheet,
        scratch: Path,
        score: Score,
        notes: Notebook,
        *,
        lower: bool,
    ) -> None:
        self.challenge, self.reference, self.sample = challenge, reference, sample
        self.scratch, self.score, self.notes, self.lower = scratch, score, notes, lower
        self.metric = challenge.metrics[0]
        self.config = challenge.folder / "challenge.toml"

    def gold(self) -> float | None:
        """Score the truth itself; return its value, None when a submission cannot equal the truth."""
        rows = self._truth_rows()
        if rows is None:
            self.notes.skipped("gold", "submitted columns and truth columns differ: no submission is the truth")
            return None
        since = len(self.notes.findings)
        value = self._value(self._write("gold", rows), "the truth itself", self.reference.path)
        best = None if self.challenge.scorer else best_of(self.metric.function, self.metric.params)
        if value is not None and best is not None and abs(value - best) > 1e-9:
            self.notes.error(self.config, f"the truth itself gets {self.metric.name} {value:g} instead of {best:g}")
        self.notes.ran("gold", since, "" if value is None else f"{self.metric.name} {value:g}")
        return value

    def known_files(self, gold: float | None) -> None:
        """Score the sample and the baselines; none may beat the truth."""
        folder = self.challenge.folder / "baselines"
        for path in (self.sample.path, *(folder / name for name in self.challenge.baselines)):
            since = len(self.notes.findings)
            value = self._value(path, "", path)
            if value is not None and gold is not None and self._better(value, gold):
                self.notes.error(path, f"gets {self.metric.name} {value:g}, better than the truth itself ({gold:g})")
            elif value is not None and value == gold:
                self.notes.error(path, "scores like the truth itself")
            name = "sample" if path == self.sample.path else f"baseline {path.stem}"
            self.notes.ran(name, since, "" if value is None else f"{self.metric.name} {value:g}")

    def made_up(self, gold: float | None) -> None:
        """Score a constant answer, the truth in another row order, and the truth dealt out to the wrong ids."""
        rows = self._truth_rows()
        if rows is None:
            self.notes.skipped("constant, reordered, shuffled", "no submission is the truth")
            return
        header, body = rows[0], rows[1:]
        dealt = random.Random(_SHUFFLE_SEED)  # noqa: S311 - a check that repeats itself, not a secret
        middle = sorted(body, key=_order)[len(body) // 2][1:]
        shuffled = [row[1:] for row in body]
        dealt.shuffle(shuffled)
        turned = body.copy()
        dealt.shuffle(turned)
        for name, made in (
            ("constant", [[row[0], *middle] for row in body]),
            ("reordered", turned),
            ("shuffled", [[row[0], *values] for row, values in zip(body, shuffled, strict=True)]),
        ):
            since = len(self.notes.findings)
            value = self._value(self._write(name, [header, *made]), f"a {name} submission", self.config)
            if value is not None and gold is not None:
                self._compare(name, value, gold)
            self.notes.ran(name, since, "" if value is None else f"{self.metric.name} {value:g}")

    def _compare(self, name: str, value: float, gold: float) -> None:
        if name == "reordered" and abs(value - gold) > 1e-12 * max(1.0, abs(gold)):
            self.notes.error(self.config, "the order of a submission's rows changes its score")
        elif name != "reordered" and self._better(value, gold):
            self.notes.error(self.config, f"a {name} submission beats the truth itself ({value:g}, {gold:g})")
        elif name == "shuffled" and value == gold:
            self.notes.error(self.config, "answers dealt out to the wrong ids score like the truth")

    def malformed(self) -> None:
        """Score files that must be refused; a scorer that takes them would rank nonsense."""
        since = len(self.notes.findings)
        rows = [list(self.sample.header), *map(list, self.sample.rows)]
        spoilt = {
            "an empty file": [],
            "a file without rows": rows[:1],
            "a file that lacks its last row": rows[:-1],
            "a file that lacks its last column": [row[:-1] for row in rows],
            "a file with an id twice": [*rows[:-1], rows[1]],
        }
        for index, (what, made) in enumerate(spoilt.items()):
            result = self.score(self.challenge, self._write(f"malformed{index}", made))
            if result.outcome != "rejected":
                self.notes.error(
                    self.config, f"{what} is not refused but {result.outcome} ({result.code or 'no code'})"
                )
        self.notes.ran("malformed", since, f"{len(spoilt)} files refused" if len(self.notes.findings) == since else "")

    def _value(self, path: Path, what: str, blame: Path) -> float | None:
        """Return the ranking metric of a file over all rows; None after noting that it was not scored."""
        result = self.score(self.challenge, path)
        if result.outcome == "scored":
            return result.values["all"][self.metric.name]
        if result.code == "no_score" and what in {"", "a constant submission"} and self._varied():
            if not what:
                self.notes.warning(path, "has no score: a metric here has none for a constant submission")
            return None
        said = f": {result.private_log.strip().splitlines()[-1]}" if result.private_log.strip() else ""
        subject = f"{what} is" if what else "is"
        self.notes.error(blame, f"{subject} {result.outcome} ({result.code}){said}")
        return None

    def _varied(self) -> bool:
        """Whether one of the shipped metrics has no value for a constant submission, by its declaration."""
        return self.challenge.scorer is None and any(needs_variation(m.function) for m in self.challenge.metrics)

    def _truth_rows(self) -> Rows | None:
        """Return the truth as a submission, or None where its columns are not the submitted ones."""
        form, plan = self.challenge.submission, self.challenge.reference
        if form is None or plan is None:
            return None
        names: Sequence[str] = [c.name for c in form.columns]
        if len(names) == len(plan.truth) == 1:
            names = plan.truth
        if set(names) != set(plan.truth):
            return None
        if any(metric.params.get("graded") for metric in self.challenge.metrics):
            return None
        header = [form.id, *(c.name for c in form.columns)]
        rows = self.reference.cells([form.id, *names])
        formats = ["", *(c.format for c in form.columns)]
        return [header, *([submission_of(cell, f) for cell, f in zip(row, formats, strict=True)] for row in rows)]

    def _better(self, value: float, than: float) -> bool:
        return value < than - 1e-12 if self.lower else value > than + 1e-12

    def _write(self, name: str, rows: Rows) -> Path:
        path = self.scratch / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return path


def _order(row: list[str]) -> tuple[float, list[str]]:
    """Order rows by their first value, as a number where it is one."""
    try:
        return float(row[1]), row[1:]
    except ValueError:
        return 0.0, row[1:]
