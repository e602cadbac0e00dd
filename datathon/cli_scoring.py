"""The bodies of ``datathon score``, ``datathon doctor`` and ``datathon scorer``."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datathon.config import Settings, load_settings
from datathon.editions.catalogue import CatalogueError, load_challenge
from datathon.editions.rules import Challenge
from datathon.platform_checks import checks
from datathon.scoring import explain, outcome
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor as examination
from datathon.scoring.sandbox import service
from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable
from datathon.scoring.sandbox.private import private_scorer

DONE, NOT_IN_ORDER, WRONG_USAGE, PLATFORM_FAILED = 0, 1, 2, 3
_EXITS = {outcome.SCORED: DONE, outcome.REJECTED: NOT_IN_ORDER, outcome.FAILED: PLATFORM_FAILED}


def scorer(socket: Path | None) -> int:
    """Run the scorer service at ``socket`` (None: the setting's place) until it is stopped.

    Only the own user and root may connect, unless the socket's folder is open to a group of ours for reading and
    writing: then that group may, as in compose.yaml, where worker and scorer are two users of one group.
    """
    settings = load_settings()
    path = (socket or settings.scorer_socket_path).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = path.parent.stat()
    shared = folder.st_mode & 0o070 == 0o070 and folder.st_gid in {os.getegid(), *os.getgroups()}
    mode = "660" if shared else "600"
    return service.main(["--socket", str(path), "--mode", mode, *_options(settings)])


def score(challenge_dir: Path, file: Path, *, as_json: bool, repeat: int) -> int:
    """Score ``file`` and print the outcome; 0 scored, 1 refused, 2 a broken challenge folder, 3 failed."""
    try:
        challenge = load_challenge(challenge_dir)
    except CatalogueError as error:
        return _say_problem(str(error))
    challenge = challenge.taking(file.name)
    if challenge.submission is None:
        return _say_problem(f"{challenge_dir}: this challenge takes no prediction files")
    try:
        with _any_scorer(challenge) as client:
            outcomes = [_once(challenge, file, client) for _ in range(repeat)]
    except ScorerUnavailable as error:
        code = "sandbox_refused"
        outcomes = [ScoringOutcome(outcome.FAILED, code, logs={"platform": str(error.params.get("detail", ""))})]
    last = outcomes[-1]
    told = last.as_json()
    if repeat > 1:
        told["timings_ms"] = [dict(o.timings_ms) for o in outcomes]
    if as_json:
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))  # noqa: T201 - the command's answer
    else:
        print("\n".join(_lines(last)))  # noqa: T201 - the command's answer
    if last.private_log:
        print(last.private_log, file=sys.stderr)  # noqa: T201 - for the organiser who runs the command
    return _EXITS[last.outcome]


def doctor(*, as_json: bool) -> int:
    """Examine this machine's sandbox and the platform's parts; 1 when one of them is not in order."""
    settings = load_settings()
    report = examination.examine_here(checks(settings), options=_options(settings))
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))  # noqa: T201 - the command's answer
    else:
        print("\n".join(examination.lines(report)))  # noqa: T201 - the command's answer
    return DONE if report.level != "refuse" and all(check.ok for check in report.checks) else NOT_IN_ORDER


def _options(settings: Settings) -> list[str]:
    """Return the settings of the scorer service as options of its command line."""
    options = ["--recycle", str(settings.recycle_children)]
    options += ["--allow-root"] if settings.allow_root else []
    return options + (["--strict-network"] if settings.strict_network else [])


@contextmanager
def _any_scorer(challenge: Challenge) -> Iterator[ScorerClient]:
    """Hand out the running service's client, or that of one started for this command."""
    running = ScorerClient(load_settings().scorer_socket_path)
    if running.ready():
        yield running
        return
    libraries = "full" if challenge.scorer is not None else "core" if challenge.program is None else "both"
    with private_scorer(libraries=libraries) as client:
        yield client


def _once(challenge: Challenge, file: Path, client: ScorerClient) -> ScoringOutcome:
    with file.open("rb") as opened:
        return score_file(challenge, opened, scorer=client)


def _lines(result: ScoringOutcome) -> Iterator[str]:
    """Yield the outcome as text for a terminal."""
    if result.outcome == outcome.SCORED:
        names = list(result.values["all"])
        yield "".join(f"{word:>16}" for word in ("", *outcome.PARTS)).rstrip()
        for name in names:
            cells = [result.values[part].get(name) for part in outcome.PARTS]
            yield f"{name:>16}" + "".join(f"{'-' if v is None else format(v, '.9g'):>16}" for v in cells)
    elif result.outcome == outcome.REJECTED:
        yield f"refused: {len(result.problems)} problem(s)"
        yield from (f"  {explain.sentence(problem, 'en')}" for problem in result.problems)
    else:
        yield f"failed ({result.code}): {explain.failure(result.code or '', 'en')}"


def _say_problem(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - the command's answer to a wrong folder
    return WRONG_USAGE
