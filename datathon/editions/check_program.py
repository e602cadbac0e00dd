"""Check what a challenge that asks for programs gives them; the programs under ``baselines/`` are run by the scorer's check."""

from datathon.editions.check_report import Notebook
from datathon.editions.folder_files import header
from datathon.editions.rules import Challenge


def check_program(challenge: Challenge, notes: Notebook) -> None:
    """Note a program without inputs, inputs in which the ids to predict are nowhere, and that no program is there to try."""
    if challenge.program is None:
        return
    since = len(notes.findings)
    config = challenge.folder / "challenge.toml"
    inputs = challenge.program.inputs
    key = "" if challenge.submission is None else challenge.submission.id
    if not inputs:
        notes.error(config, "[program] has no input: public/ is empty, a program would see nothing")
    elif not any(key in header(challenge.folder / name) for name in inputs if name.endswith(".csv")):
        notes.warning(config, f"no input of [program] has the column {key!r}: a program cannot know what to predict")
    notes.ran("program", since, f"{len(inputs)} inputs")
    if not any(name.endswith((".py", ".zip")) for name in challenge.baselines):
        notes.skipped("program of a baseline", "no baselines/*.py to try")
