"""``datathon check``: is this challenge, or this whole edition, ready to open?

Configuration first; then, for challenges that take predictions, the data and ways around them; then the scorer, when
one is at hand. Text and labels are read here on the organiser's own machine; the web never calls this.
"""

from pathlib import Path

from datathon.editions import check_data, check_leaks
from datathon.editions.catalogue import load_challenge, load_edition
from datathon.editions.check_calendar import check_calendar
from datathon.editions.check_metrics import check_metrics
from datathon.editions.check_program import check_program
from datathon.editions.check_report import ERROR, FAILED, CheckReport, CheckRun, Finding, Notebook
from datathon.editions.check_scorer import Score, check_scorer
from datathon.editions.problems import CatalogueError
from datathon.editions.rules import Challenge

__all__ = ["NothingToCheck", "check"]


class NothingToCheck(Exception):  # noqa: N818 - says what the folder is
    """The folder is neither an edition nor a challenge."""


def check(folder: Path, *, score: Score | None) -> CheckReport:
    """Check a challenge folder, an edition folder or a folder of editions.

    ``score`` scores a file as the worker would; None leaves the scorer untried, and the report says so. Raises
    NothingToCheck when the folder holds no ``challenge.toml`` and no ``edition.toml``; passes on what ``score`` raises.
    """
    if (folder / "challenge.toml").is_file():
        return _merged(folder, [_challenge_folder(folder, score)])
    if (folder / "edition.toml").is_file():
        return _merged(folder, _edition_folder(folder, score))
    editions = sorted(p.parent for p in folder.glob("*/edition.toml"))
    if not editions:
        raise NothingToCheck(f"{folder}: neither challenge.toml nor edition.toml")
    return _merged(folder, [notes for edition in editions for notes in _edition_folder(edition, score)])


def _edition_folder(folder: Path, score: Score | None) -> list[Notebook]:
    try:
        edition = load_edition(folder)
    except CatalogueError as error:
        return [_broken(folder.name, error)]
    notes = Notebook(edition.id)
    notes.ran("configuration", 0, f"{len(edition.challenges)} challenges")
    check_calendar(edition, notes)
    return [notes, *(_challenge(challenge, score) for challenge in edition.challenges)]


def _challenge_folder(folder: Path, score: Score | None) -> Notebook:
    try:
        challenge = load_challenge(folder)
    except CatalogueError as error:
        return _broken(folder.absolute().name, error)
    return _challenge(challenge, score)


def _broken(subject: str, error: CatalogueError) -> Notebook:
    findings = [Finding(p.path, p.line, ERROR, p.message) for p in error.problems]
    return Notebook(subject, findings, [CheckRun("configuration", subject, FAILED)])


def _challenge(challenge: Challenge, score: Score | None) -> Notebook:
    notes = Notebook(f"{challenge.edition}/{challenge.id}".strip("/"))
    notes.ran("configuration", 0)
    if not challenge.takes_predictions:
        notes.skipped("data", "no predictions here")
        return notes
    pair = check_data.read_pair(challenge, notes)
    if pair is None:
        notes.checks.append(CheckRun("data", notes.subject, FAILED, "the reference or the sample cannot be read"))
        return notes
    reference, sample = pair
    if not check_data.check_columns(challenge, reference, sample, notes):
        return notes
    agree = check_data.check_ids(challenge, reference, sample, notes)
    check_data.check_labels(challenge, reference, notes)
    check_data.check_parts(challenge, reference, notes)
    check_metrics(challenge, reference, notes)
    check_program(challenge, notes)
    check_leaks.check_files(challenge, reference, notes)
    check_leaks.check_public_values(challenge, reference, sample, notes)
    check_leaks.check_copies(challenge, notes)
    check_leaks.check_order(challenge, reference, sample, notes)
    check_leaks.check_id_patterns(challenge, reference, notes)
    if score is None:
        notes.skipped("scorer", "no scorer at hand")
    elif not agree:
        notes.skipped("scorer", "the ids of sample and reference differ")
    else:
        check_scorer(challenge, reference, sample, score=score, notes=notes)
    return notes


def _merged(folder: Path, notebooks: list[Notebook]) -> CheckReport:
    findings = tuple(finding for notes in notebooks for finding in notes.findings)
    return CheckReport(folder, findings, tuple(run for notes in notebooks for run in notes.checks))
