"""The body of ``datathon check``: runs the checks with a scorer of its own and prints what was found."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from datathon.editions.check import NothingToCheck
from datathon.editions.check import check as run_checks
from datathon.editions.check_report import CheckReport
from datathon.editions.rules import Challenge
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.sandbox.private import private_scorer

DONE, NOT_IN_ORDER, WRONG_USAGE, PLATFORM_FAILED = 0, 1, 2, 3
_SIGNS = {"passed": "ok", "warned": "look", "failed": "FAILED", "skipped": "-"}

Score = Callable[[Challenge, Path], ScoringOutcome]


def check(challenge_dir: Path, *, as_json: bool) -> int:
    """Check a challenge or an edition folder and print the report.

    Returns 0 in order (warnings allowed), 1 not in order, 2 no such folder of ours, 3 the scorer could not be started
    and nothing else is wrong; the data are checked all the same.
    """
    unavailable = ""
    try:
        try:
            with _scorer() as score:
                report = run_checks(challenge_dir, score=score)
        except ScorerUnavailable as error:
            unavailable = str(error.params.get("detail", "")) or str(error)
            report = run_checks(challenge_dir, score=None)
    except NothingToCheck as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's answer to a wrong folder
        return WRONG_USAGE
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201 - the command's answer
    else:
        print("\n".join(_lines(report)))  # noqa: T201 - the command's answer
    if unavailable:
        print(f"the scorer was not tried: {unavailable}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
    if not report.ok:
        return NOT_IN_ORDER
    return PLATFORM_FAILED if unavailable else DONE


@contextmanager
def _scorer() -> Iterator[Score]:
    """Hand out a way to score files in a scorer service of one's own, started when the first file comes.

    A broken configuration is then told without waiting for it.
    """
    with ExitStack() as stack:
        clients: list[ScorerClient] = []

        def score(challenge: Challenge, path: Path) -> ScoringOutcome:
            if not clients:
                clients.append(stack.enter_context(private_scorer(libraries="both")))
            with path.open("rb") as file:
                return score_file(challenge.taking(path.name), file, scorer=clients[0])

        yield score


def _lines(report: CheckReport) -> Iterator[str]:
    """Yield the report as text: problems as a compiler prints them, then the checks by subject."""
    for finding in report.findings:
        yield str(finding)
    if report.findings:
        yield ""
    subject = None
    for run in report.checks:
        if run.subject != subject:
            subject = run.subject
            yield subject
        yield f"  {_SIGNS[run.state]:>6}  {run.name}{f' ({run.detail})' if run.detail else ''}"
    errors = sum(f.severity == "error" for f in report.findings)
    warnings = len(report.findings) - errors
    yield f"{errors} error(s), {warnings} warning(s)"
