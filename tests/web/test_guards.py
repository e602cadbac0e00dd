"""Deny by default: every address as every persona, with rows behind it that could leak or be changed."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from factories import (
    NOW,
    PASSWORD,
    accept_rules,
    grant,
    make_edition,
    make_person,
    make_prototype,
    make_score,
    make_submission,
    make_team,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func
from sqlmodel import select
from werkzeug.routing import Rule

from datathon.config import Settings
from datathon.jury.comparison_tables import Comparison
from datathon.jury.tables import ConflictOfInterest, JuryInvitation, Sheet
from datathon.leaderboard.snapshot import refresh
from datathon.publication.tables import Appeal
from datathon.schema import metadata
from datathon.scoring.tables import Rescoring, RescoringItem, ScoringLog
from datathon.store.db import make_engine, reading, transaction
from datathon.store.files import FileStore
from datathon.store.migrate import upgrade
from datathon.web.app import create_app
from datathon.web.guards import guard_of

# Who passes which guard, over the edition of the address (2025). "outsider" is a participant of another team,
# "neighbour" organises another edition only.
PASSES = {
    "anyone": {"stranger", "newcomer", "outsider", "member", "juror", "president", "neighbour", "organiser"},
    "demonstration": set(),
    "signed_in": {"newcomer", "outsider", "member", "juror", "president", "neighbour", "organiser"},
    "member": {"member"},
    "member_or_organiser": {"member", "organiser"},
    "juror": {"juror", "president"},
    "juror_somewhere": {"juror", "president"},
    "president": {"president"},
    "presiding": {"organiser", "president"},
    "organiser": {"organiser"},
    "organiser_somewhere": {"neighbour", "organiser"},
}
PERSONAS = ("stranger", "newcomer", "outsider", "member", "juror", "president", "neighbour", "organiser")
# Pages of a team as such, not of one of its things: another team's member sees the same page about their own team.
OF_ONES_OWN_TEAM = {"member", "member_or_organiser"}
PLANTED = "0.7318294"
DIGITS = "23456789"  # beyond the declared decimals of the challenge
LABEL = "étiquette-cachée-7f3a"
WEIGHT, GROUP = "8642.97531", "groupe-caché-91c4"  # of every row, in columns of the reference only

_SECRETS = (WEIGHT, WEIGHT.replace(".", ","), "8\u202f642,97531", GROUP)


@dataclass(frozen=True)
class World:
    """An application on a database where something stands behind every address."""

    app: Flask
    engine: Engine
    emails: dict[str, str]
    names: dict[str, str]


def _challenges(folder: Path) -> Path:
    """Return the shipped editions, one metric weighted; weights and groups are in its reference only."""
    shutil.copytree(Path(__file__).parents[2] / "challenges", folder)
    track = '\n[[tracks]]\nid = "jobs"\ntitle = { fr = "Métiers" }\nchallenges = ["metiers-secteurs"]\n'
    edition = folder / "2025" / "edition.toml"
    edition.write_text(edition.read_text(encoding="utf-8") + track, encoding="utf-8")
    challenge = folder / "2025" / "metiers-secteurs"
    header, *lines = (challenge / "reference" / "reference.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{header},importance,place", *(f"{line},{WEIGHT},{GROUP}" for line in lines), ""]
    (challenge / "reference" / "reference.csv").write_text("\n".join(rows), encoding="utf-8")
    toml = (challenge / "challenge.toml").read_text(encoding="utf-8")
    metric = '{ name = "lrap", decimals = 4'
    assert metric in toml
    asked = toml.replace(metric, f'{metric}, weight = "importance"')
    (challenge / "challenge.toml").write_text(asked, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("guards")
    settings = replace(
        Settings(),
        data_dir=folder / "data",
        challenges_dir=_challenges(folder / "challenges"),
        secret_key="a secret of the tests, long enough to sign",
        min_free_bytes=0,
    )
    settings.data_dir.mkdir()
    engine = make_engine(settings.sqlalchemy_url)
    upgrade(engine)
    with transaction(engine) as db:
        make_edition(db)
        make_edition(db, "atelier")
        people = {name: make_person(db, name) for name in PERSONAS if name != "stranger"}
        for person in people.values():
            accept_rules(db, person)
        team = make_team(db, "Marée haute", captain=people["member"])
        elsewhere = make_team(db, "Cap Cotentin", captain=people["outsider"])
        grant(db, people["juror"], "juror")
        grant(db, people["president"], "juror", president=True)
        grant(db, people["organiser"], "organiser")
        grant(db, people["neighbour"], "organiser", edition="atelier")
        stored = FileStore(settings.files_dir).put(BytesIO(b"job,naf_1\nm0943,0.5\n"), limit_bytes=1000)
        submission = make_submission(db, team, state="scored", digest=stored.digest)
        make_score(db, submission, public=float(f"0.3391{DIGITS}"), private=float(PLANTED))
        make_prototype(db, team, title="Greffe")
        failed = make_submission(db, team, number=2, state="failed")
        for row in (submission, failed):
            text = f"ValueError: {LABEL}"
            log = ScoringLog(submission_id=row.id, attempt=1, stage="score", code="scorer_error", text=text, at=NOW)
            db.add(log)
        campaign = Rescoring(
            edition_id="2025",
            challenge_id="metiers-secteurs",
            reason="Correction",
            from_basis="a",
            to_basis="b",
            started_at=NOW,
        )
        db.add(campaign)
        db.flush()
        db.add(RescoringItem(rescoring_id=campaign.id, submission_id=submission.id))
        invitation = JuryInvitation(
            edition_id="2025",
            email="invitee@example.org",
            name="Invitée",
            invited_by=people["organiser"].id,
            invited_at=NOW,
            expires_at=NOW,
        )
        conflict = ConflictOfInterest(
            edition_id="2025",
            juror_id=people["juror"].id,
            team_id=elsewhere.id,
            source="organiser",
            declared_by=people["organiser"].id,
            declared_at=NOW,
        )
        sheet = Sheet(
            edition_id="2025",
            challenge_id="competences",
            team_id=elsewhere.id,
            juror_id=people["president"].id,
            comment_team="Bravo.",
            state="submitted",
            updated_at=NOW,
        )
        comparison = Comparison(
            edition_id="2025", title="Finale", minutes=10, seed=1, opened_at=NOW, opened_by=people["organiser"].id
        )
        appeal = Appeal(
            edition_id="2025",
            team_id=elsewhere.id,
            ranking=1,
            text="Réclamation",
            filed_at=NOW,
            filed_by=people["outsider"].id,
        )
        db.add_all((invitation, conflict, sheet, appeal, comparison))
        db.flush()
        names = {
            "rescoring": str(campaign.id),
            "edition": "2025",
            "challenge": "metiers-secteurs",
            "team": team.slug,
            "line": team.slug,
            "track": "jobs",
            "submission": str(submission.id),
            "prototype": "greffe",
            "document": "rules",
            "page": "legal",
            "phase": "submissions",
            "field": "screenshot",
            "name": "train.csv",
            "token": "x" * 43,
            "juror": str(people["juror"].id),
            "person": str(people["juror"].id),
            "invitation": str(invitation.id),
            "conflict": str(conflict.id),
            "sheet": str(sheet.id),
            "comparison": str(comparison.id),
            "appeal": str(appeal.id),
        }
        emails = {name: person.email for name, person in people.items()}
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    known = app.extensions["datathon"].catalogue
    with transaction(engine) as db:
        refresh(db, known.editions["2025"], known.challenge("2025", "metiers-secteurs"), now=NOW)
    yield World(app, engine, emails, names)
    engine.dispose()


def _client(world: World, persona: str) -> FlaskClient:
    client = world.app.test_client()
    if persona != "stranger":
        answer = client.post("/account/sign-in", data={"email": world.emails[persona], "password": PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def _rules(world: World) -> Iterator[tuple[Rule, str, str]]:
    for rule in world.app.url_map.iter_rules():
        values = {name: world.names.get(name, "x") for name in rule.arguments}
        if rule.endpoint == "static_file":
            values["name"] = "css/base.css"
        if "dossier" in str(rule) or "prototype" in rule.endpoint:
            values = {**values, **({"challenge": "competences"} if "challenge" in values else {})}
        converted = {name: UUID(value) if "uuid:" + name in rule.rule else value for name, value in values.items()}
        with world.app.test_request_context():
            url = world.app.url_map.bind("localhost").build(rule.endpoint, converted)
        guard = guard_of(world.app.view_functions[rule.endpoint])
        assert guard is not None
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, f"{guard.name} {url}"


def _counts(engine: Engine) -> dict[str, int]:
    # Letters and the audit log too: a refused request leaves no trace anywhere.
    with reading(engine) as db:
        return {table.name: db.exec(select(func.count()).select_from(table)).one() for table in metadata.sorted_tables}


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_address_refuses_those_it_is_not_for(world: World, persona: str) -> None:
    client, before = _client(world, persona), _counts(world.engine)
    wrong = []
    walked = 0
    for rule, method, named in _rules(world):
        guard, url = named.split(" ", 1)
        if persona in PASSES[guard]:
            continue
        own = (
            guard in OF_ONES_OWN_TEAM
            and persona == "outsider"
            and not rule.arguments & {"submission", "prototype", "team"}
        )
        if own:
            continue
        walked += 1
        answer = client.open(url, method=method)
        text = answer.get_data(as_text=True)
        answer.close()
        allowed = {403, 404}
        if persona == "stranger" and guard != "demonstration":
            allowed = {401} if url.endswith(".json") else {303}  # programs are told, people are led to sign in
        if answer.status_code not in allowed:
            wrong.append(f"{method} {named}: {answer.status_code}")
        if persona == "stranger" and answer.status_code == 303 and "/account/sign-in" not in answer.headers["Location"]:
            wrong.append(f"{method} {named}: sent to {answer.headers['Location']}")
        if PLANTED in text:
            wrong.append(f"{method} {named}: shows the private score")
        if any(secret in text for secret in _SECRETS):
            wrong.append(f"{method} {named}: shows a column of the reference")
    assert wrong == []
    assert walked > 0 or persona == "organiser"
    assert _counts(world.engine) == before, "a refused request changed something"


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_address_opens_to_those_it_is_for(world: World, persona: str) -> None:
    client = _client(world, persona)
    wrong = []
    for _rule, method, named in _rules(world):
        guard, url = named.split(" ", 1)
        if method != "GET" or persona not in PASSES[guard]:
            continue
        if "<edition>" in _rule.rule and persona == "neighbour" and guard.startswith("organiser"):
            continue
        answer = client.get(url)
        text = answer.get_data(as_text=True)
        answer.close()
        if answer.status_code in {401, 403} or answer.status_code >= 500:
            wrong.append(f"{method} {named}: {answer.status_code}")
        if PLANTED in text and guard != "organiser":
            wrong.append(f"{method} {named}: shows the private score")
        if DIGITS in text:
            wrong.append(f"{method} {named}: shows more decimals than the challenge declares")
        if LABEL in text:
            wrong.append(f"{method} {named}: shows what the scorer said beside the labels")
        if any(secret in text for secret in _SECRETS):
            wrong.append(f"{method} {named}: shows a column of the reference")
    assert wrong == []


def test_every_guard_has_its_personas(world: World) -> None:
    names = {guard.name for view in world.app.view_functions.values() if (guard := guard_of(view))}
    assert names <= set(PASSES)
