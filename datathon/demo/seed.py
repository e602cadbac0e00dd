"""Fill the demonstration: everybody in the story does what they did, at their own past instants, by the same acts.

Each step looks at what is there before it does anything, so that a start killed halfway is completed by the next one.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, select

from datathon.config import Settings
from datathon.demo.acts import (
    Scene,
    announce,
    choose,
    enter,
    grade_prototypes,
    hand_in,
    send,
    send_baselines,
    withdraw_files,
)
from datathon.demo.comparisons import compare_prototypes
from datathon.demo.places import CannotStart
from datathon.demo.story import Story, load_story
from datathon.jobs import catalogue, refresh_all_boards
from datathon.scoring.queue import ring
from datathon.store.db import make_engine, reading
from datathon.submissions.rules import MOVING
from datathon.submissions.tables import Submission

PATIENCE_S = 300.0
"""Seconds without any progress after which the demonstration opens with submissions still waiting."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How one of the invented people signs in."""

    role: str
    email: str
    password: str


def seed(
    settings: Settings, *, secrets_dir: Path, tick: Callable[[], None], say: Callable[[str], None]
) -> list[SignIn]:
    """Complete the demonstration and return the sign-ins to show: participants, then jurors, then organisers.

    ``tick`` is called a few times a second so that the caller can look after its children. Passwords are made on first
    start and kept in ``secrets_dir``, readable by this user alone.
    """
    story = load_story()
    passwords = _passwords(secrets_dir / "sign-ins.json", story)
    done = secrets_dir / "seeded"
    if not done.exists():
        engine = make_engine(settings.sqlalchemy_url)
        scene = Scene(settings, engine, catalogue(settings.challenges_dir), story)
        try:
            if _enact(scene, secrets_dir / "story", passwords, tick, say):
                done.touch(mode=0o600)
        finally:
            engine.dispose()
    return _shown(story, passwords)


def _enact(
    scene: Scene, folder: Path, passwords: dict[str, str], tick: Callable[[], None], say: Callable[[str], None]
) -> bool:
    """Go through the story; False when the worker did not finish, so that the next start goes on."""
    say("first start: filling the demonstration")
    making = subprocess.Popen(  # noqa: S603 - this program again
        [sys.executable, "-m", "datathon.demo.files", str(scene.settings.challenges_dir), str(folder)],
        stdout=sys.stderr,
        # One thread each: the services that start meanwhile need the processors too.
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        enter(scene, passwords)
        say(f"{len(scene.story.people)} people and {len(scene.story.teams)} teams are in")
        send_baselines(scene)
        for position, one in enumerate(scene.story.submissions):
            _wait_for_file(folder / f"{position}.csv", making, tick)
            send(scene, one, folder / f"{position}.csv", key=f"story-{position}")
            ring(scene.settings, scene.engine)
    finally:
        making.kill()
        making.wait()
    if not _wait_for_scores(scene, tick, say):
        return False
    choose(scene)
    withdraw_files(scene)
    hand_in(scene)
    grade_prototypes(scene)
    compare_prototypes(scene)
    refresh_all_boards(scene.engine, scene.catalogue)
    announce(scene)
    refresh_all_boards(scene.engine, scene.catalogue)
    say("the demonstration is complete")
    return True


def _wait_for_file(path: Path, making: subprocess.Popen[bytes], tick: Callable[[], None]) -> None:
    while not path.exists():
        if making.poll() is not None and not path.exists():
            raise CannotStart("the prediction files of the story could not be made")
        tick()
        time.sleep(0.05)


def _wait_for_scores(scene: Scene, tick: Callable[[], None], say: Callable[[str], None]) -> bool:
    """Wait until the real worker has answered every submission; False when nothing moved for PATIENCE_S seconds."""
    before, moved, told = -1, time.monotonic(), time.monotonic()
    while True:
        with reading(scene.engine) as db:
            states = Counter(db.exec(select(col(Submission.state))).all())
        open_ones = sum(states[state] for state in MOVING)
        if not open_ones:
            say("submissions: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
            return True
        if open_ones != before:
            before, moved = open_ones, time.monotonic()
        if time.monotonic() - moved > PATIENCE_S:
            say(f"{open_ones} submissions still wait for the worker; the next start completes the demonstration")
            return False
        if time.monotonic() - told > 3:
            told = time.monotonic()
            say(f"the worker is scoring: {open_ones} submissions to go")
        tick()
        time.sleep(0.2)


def _password() -> str:
    # Letters and figures only, none that looks like another: it is read off a terminal and typed.
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(14))


def _passwords(path: Path, story: Story) -> dict[str, str]:
    """Return a password for each captain, juror and organiser, the same at each start; the others never sign in."""
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    heads = {team.members[0] for team in story.teams} | {role.person for role in story.roles}
    missing = [p.email for p in story.people if p.key in heads and p.email not in kept]
    if missing:
        kept |= {email: _password() for email in missing}
        begun = path.with_suffix(".part")
        begun.unlink(missing_ok=True)
        descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False, indent=1)
        begun.replace(path)
    return kept


def _shown(story: Story, passwords: dict[str, str]) -> list[SignIn]:
    """Return the captains of the running edition, its jury and its organisers; jurors with most left to do first."""
    captains = [team.members[0] for team in story.teams if team.edition == RUNNING]
    written = Counter(sheet.juror for sheet in story.sheets if sheet.edition == RUNNING)
    roles = sorted((role for role in story.roles if role.edition == RUNNING), key=lambda role: written[role.person])
    keys = [("participant", key) for key in captains]
    keys += [(kind, role.person) for kind in ("juror", "organiser") for role in roles if role.role == kind]
    people = {person.key: person.email for person in story.people}
    return [SignIn(kind, people[key], passwords[people[key]]) for kind, key in keys]


RUNNING = "atelier"
"""The edition in which people can submit now; its sign-ins are printed."""
