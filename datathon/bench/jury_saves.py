"""What keeping one mark costs in a large jury: 60 jurors, 150 prototypes, 8 criteria, every sheet begun."""

import random
import re
import tempfile
import time
from dataclasses import asdict, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from sqlmodel import Session

from datathon.config import Settings
from datathon.demo.places import challenges_dir
from datathon.editions.catalogue import load_catalogue
from datathon.editions.register import register
from datathon.editions.rules import Criterion, Edition, PhaseKind, Rubric
from datathon.editions.tables import PhaseMove
from datathon.jury.freeze import digest_of
from datathon.jury.secrecy import undertaking
from datathon.jury.tables import Declaration, FrozenRubric, Sheet
from datathon.kernel.clock import utcnow
from datathon.people.tables import Acceptance, Person, Role
from datathon.store.db import make_engine, transaction
from datathon.store.migrate import upgrade
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team
from datathon.web.app import create_app

NAMES = ("jury-saves",)
JURORS, TEAMS, CRITERIA = 60, 150, 8
SAVES = 600
P95 = 0.95


def run(saves: int = SAVES) -> dict[str, Any]:
    """Return the 95th percentile of a mark that the page of a sheet keeps by itself, through the whole application.

    Each save is a signed-in juror's request with its token, answered after the commit (SQLite, synced to the disk). The
    floor is the same percentile of ``/health/live`` of that application, asked in turns; no network, one process.
    """
    with tempfile.TemporaryDirectory(prefix="dtb") as folder:
        settings = replace(
            Settings(), data_dir=Path(folder), challenges_dir=challenges_dir(Path("challenges")), secret_key="x" * 40
        )
        engine = make_engine(settings.sqlalchemy_url)
        upgrade(engine)
        edition = _edition(settings)
        with transaction(engine) as db:
            jurors = _fill(db, edition, now=utcnow())
        engine.dispose()
        app = create_app(settings)
        pages = [_enter(app.test_client(), edition.id, juror) for juror in jurors]
        draw = random.Random(20251208)  # noqa: S311 - made-up marks, the same every time
        taken: dict[str, list[float]] = {"save": [], "floor": []}
        for n in range(saves):
            client, token = pages[n % len(pages)]
            address, form = _change(edition.id, n, token, draw)
            taken["save"].append(_timed(lambda c=client, a=address, f=form: c.post(a, data=f)))
            taken["floor"].append(_timed(lambda c=client: c.get("/health/live")))
    save, floor = (sorted(taken[name])[int(P95 * saves)] for name in ("save", "floor"))
    return {
        "jury-saves": {
            "ratio": round(save / floor, 2), "aim": None, "best_ms": round(save * 1000, 2),
            "floor_ms": round(floor * 1000, 2), "rounds": saves,
        }
    }  # fmt: skip


def _timed(ask: Any) -> float:
    started = time.perf_counter()
    answer = ask()
    took = time.perf_counter() - started
    if answer.status_code != 200:
        raise RuntimeError(f"answered {answer.status_code}: {answer.get_data(as_text=True)[:200]}")
    return took


def _change(edition_id: str, n: int, token: str, draw: random.Random) -> tuple[str, dict[str, str]]:
    """Return the ``n``-th mark: each on a team of its own for its juror, so that nobody gave it yet."""
    team, criterion = (n + 13 * (n // JURORS)) % TEAMS, draw.randrange(1, CRITERIA)
    form = {"field": f"c{criterion}", "before": "", "after": f"{draw.randrange(26) / 2:g}", "csrf_token": token}
    return f"/jury/{edition_id}/equipe-{team}/field", form


def _edition(settings: Settings) -> Edition:
    catalogue = load_catalogue(settings.challenges_dir)
    return next(e for e in catalogue.editions.values() if e.rubric is not None)


def _fill(db: Session, edition: Edition, *, now: datetime) -> list[Person]:
    """Open the jury with its rubric, teams with a prototype, jurors who declared, and one mark on every sheet."""
    register(db, edition, now=now)
    jurors = [_person(f"Membre {n}", now) for n in range(JURORS)]
    captain = _person("Capitaine", now)
    db.add_all((*jurors, captain))
    db.flush()
    text, rubric = undertaking(edition), _rubric(edition)
    phase = next(p.id for p in edition.phases if p.kind is PhaseKind.JURY)
    db.add(PhaseMove(edition_id=edition.id, phase=phase, state="open", decided_at=now, decided_by=captain.id))
    db.add(FrozenRubric(edition_id=edition.id, digest=digest_of(rubric), rubric=asdict(rubric), frozen_at=now))
    for juror in jurors:
        db.add(Role(person_id=juror.id, edition_id=edition.id, role="juror", granted_at=now))
        db.add(Declaration(edition_id=edition.id, juror_id=juror.id, declared_at=now))
        db.add(
            Acceptance(
                person_id=juror.id,
                edition_id=edition.id,
                document=text.id,
                version=text.version,
                digest=text.digest,
                accepted_at=now,
            )
        )
    teams = [
        Team(edition_id=edition.id, name=f"Équipe {n}", slug=f"equipe-{n}", captain_id=captain.id, invitation=f"i{n}", created_at=now)
        for n in range(TEAMS)
    ]  # fmt: skip
    db.add_all(teams)
    db.flush()
    challenge = rubric.challenge
    db.add_all(
        Prototype(
            edition_id=edition.id,
            challenge_id=challenge,
            team_id=team.id,
            slug=f"p-{team.slug}",
            title=f"Prototype de {team.name}",
            state="submitted",
            updated_at=now,
            updated_by=captain.id,
        )
        for team in teams
    )
    db.add_all(
        Sheet(edition_id=edition.id, challenge_id=challenge, team_id=t.id, juror_id=j.id, marks={"c0": 8.5}, updated_at=now)
        for j, t in product(jurors, teams)
    )  # fmt: skip
    db.flush()
    return jurors


def _rubric(edition: Edition) -> Rubric:
    criteria = tuple(Criterion(f"c{n}", {"fr": f"Critère {n}"}, {"fr": ""}, 12.5) for n in range(CRITERIA))
    return Rubric("" if edition.rubric is None else edition.rubric.challenge, criteria, 50)


def _person(name: str, now: datetime) -> Person:
    email = f"{name.lower().replace(' ', '-')}@example.org"
    return Person(email=email, name=name, password_hash="", confirmed_at=now, created_at=now)


def _enter(client: Any, edition_id: str, juror: Person) -> tuple[Any, str]:
    """Sign in without the form, and read the token of a sheet's page."""
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{juror.id}:{juror.session_epoch}", True
    page = client.get(f"/jury/{edition_id}/equipe-0").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("the page of a sheet did not open")
    return client, found[1]
