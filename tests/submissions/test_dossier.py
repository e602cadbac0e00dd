from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from factories import make_person, make_prototype, make_team
from sqlalchemy import Engine
from sqlmodel import Session
from submissions.scene import Scene

from datathon.editions.rules import Challenge, DossierField
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from datathon.store.db import transaction
from datathon.store.files import Stored
from datathon.submissions.attach import Attachment, attach, detach
from datathon.submissions.dossier import Incomplete, Stale, reopen, save_draft, submit
from datathon.submissions.queries import Dossier, dossier, dossier_of

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
FIELDS = (
    DossierField("summary", "text", {"fr": "Résumé"}, {"fr": ""}, max_length=40),
    DossierField("code", "url", {"fr": "Code"}, {"fr": ""}),
    DossierField("demo", "url", {"fr": "Démo"}, {"fr": ""}, required=False),
    DossierField("shot", "file", {"fr": "Capture"}, {"fr": ""}, max_bytes=1000, formats=("png", "jpg")),
)


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Return the scene with a dossier of four fields."""
    return replace(scene, prototype=replace(scene.prototype, dossier=FIELDS))


def _save(
    db: Session,
    scene: Scene,
    fields: dict[str, str],
    *,
    version: int = 0,
    title: str = "Greffe",
    at: datetime | None = None,
    challenge: Challenge | None = None,
) -> Dossier:
    return save_draft(
        db,
        edition=scene.edition,
        windows=scene.windows(at),
        challenge=challenge or scene.prototype,
        team_id=scene.team_id,
        person_id=scene.person_id,
        title=title,
        fields=fields,
        version=version,
        now=at or scene.now,
    )


def _attach(db: Session, scene: Scene, *, field: str = "shot", head: bytes = PNG, size: int = 500) -> None:
    attach(
        db,
        edition=scene.edition,
        windows=scene.windows(),
        challenge=scene.prototype,
        team_id=scene.team_id,
        person_id=scene.person_id,
        field=field,
        file=Attachment(Stored("c" * 64, size), "écran.png", head),
        now=scene.now,
    )


def _submit(db: Session, scene: Scene, *, at: datetime | None = None) -> Dossier:
    return submit(
        db,
        edition=scene.edition,
        windows=scene.windows(at),
        challenge=scene.prototype,
        team_id=scene.team_id,
        person_id=scene.person_id,
        public=True,
        now=at or scene.now,
    )


def _reopen(db: Session, scene: Scene) -> Dossier:
    return reopen(
        db,
        edition=scene.edition,
        windows=scene.windows(),
        challenge=scene.prototype,
        team_id=scene.team_id,
        person_id=scene.person_id,
        now=scene.now,
    )


def test_save_draft_begins_and_goes_on(db: Session, scene: Scene) -> None:
    first = _save(db, scene, {"summary": "Un"})
    second = _save(db, scene, {"code": "https://exemple.fr"}, version=1, title=" Greffe  2 ")
    assert (first.version, first.state, first.updated_by) == (1, "draft", "Camille")
    assert (second.version, second.title) == (2, "Greffe 2")
    assert second.fields == {"summary": "Un", "code": "https://exemple.fr"}


def test_save_draft_ignores_what_is_no_field(db: Session, scene: Scene) -> None:
    assert _save(db, scene, {"summary": "Un", "rank": "1"}).fields == {"summary": "Un"}


def test_save_draft_of_a_stale_version_shows_what_stands(db: Session, scene: Scene) -> None:
    _save(db, scene, {"summary": "Un"})
    _save(db, scene, {"summary": "Deux"}, version=1)
    with pytest.raises(Stale) as refusal:
        _save(db, scene, {"summary": "Trois"}, version=1)
    assert (refusal.value.current.version, refusal.value.current.fields["summary"]) == (2, "Deux")
    present = dossier_of(db, team_id=scene.team_id, challenge_id=scene.prototype.id)
    assert present is not None
    assert present.fields == {"summary": "Deux"}


def test_save_draft_from_two_tabs_keeps_one(engine: Engine, scene: Scene) -> None:
    with transaction(engine) as db:
        _save(db, scene, {"summary": "Un"})

    def attempt(number: int) -> bool:
        try:
            with transaction(engine) as db:
                _save(db, scene, {"summary": f"Onglet {number}"}, version=1)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_save_draft_that_does_not_fit_names_its_field(db: Session, scene: Scene) -> None:
    with pytest.raises(Invalid) as long:
        _save(db, scene, {"summary": "x" * 41})
    with pytest.raises(Invalid) as link:
        _save(db, scene, {"code": "javascript:alert(1)"})
    with pytest.raises(Invalid) as title:
        _save(db, scene, {}, title="t" * 121)
    assert [e.value.field for e in (long, link, title)] == ["summary", "code", "title"]
    assert dossier_of(db, team_id=scene.team_id, challenge_id=scene.prototype.id) is None


def test_save_draft_after_the_deadline(db: Session, scene: Scene) -> None:
    with pytest.raises(Conflict, match="closed since"):
        _save(db, scene, {"summary": "Un"}, at=datetime(2025, 12, 1, 17, 0, tzinfo=UTC))


def test_save_draft_by_a_stranger(db: Session, scene: Scene) -> None:
    with pytest.raises(NotAllowed):
        _save(db, replace(scene, person_id=make_person(db).id), {"summary": "Un"})


def test_save_draft_where_no_prototype_is_asked(db: Session, scene: Scene) -> None:
    with pytest.raises(NotFound):
        _save(db, scene, {"summary": "Un"}, challenge=scene.challenge)


def test_submit_needs_everything_that_is_required(db: Session, scene: Scene) -> None:
    with pytest.raises(Incomplete) as nothing:
        _submit(db, scene)
    _save(db, scene, {"summary": "Un"}, title="")
    with pytest.raises(Incomplete) as some:
        _submit(db, scene)
    assert nothing.value.fields == ("title", "summary", "code", "shot")
    assert some.value.fields == ("title", "code", "shot")


def test_submit_then_reopen(db: Session, scene: Scene) -> None:
    _save(db, scene, {"summary": "Un", "code": "https://exemple.fr"})
    _attach(db, scene)
    handed = _submit(db, scene)
    assert (handed.state, handed.submitted_at, handed.public, handed.slug) == ("submitted", scene.now, True, "greffe")
    assert dossier(db, handed.id) == handed
    with pytest.raises(Conflict, match="Reopen"):
        _save(db, scene, {"summary": "Deux"}, version=handed.version)
    with pytest.raises(Conflict, match="already"):
        _submit(db, scene)
    again = _reopen(db, scene)
    assert (again.state, again.submitted_at) == ("draft", None)
    assert _save(db, scene, {"summary": "Deux"}, version=again.version).fields["summary"] == "Deux"


def test_submit_with_a_title_that_another_has(db: Session, scene: Scene) -> None:
    make_prototype(db, make_team(db, "Autre"), title="Greffe")
    _save(db, scene, {"summary": "Un", "code": "https://exemple.fr"})
    _attach(db, scene)
    assert _submit(db, scene).slug == "greffe-2"


def test_submit_after_the_deadline(db: Session, scene: Scene) -> None:
    _save(db, scene, {"summary": "Un"})
    with pytest.raises(Conflict, match="closed since"):
        _submit(db, scene, at=datetime(2025, 12, 1, 17, 0, tzinfo=UTC))


def test_attach_replaces_the_file_of_a_field(db: Session, scene: Scene) -> None:
    _attach(db, scene)
    _attach(db, scene, head=b"\xff\xd8\xff\xe0", size=700)
    present = dossier_of(db, team_id=scene.team_id, challenge_id=scene.prototype.id)
    assert present is not None
    assert [(f.field, f.file_name, f.media_type, f.size_bytes) for f in present.files] == [
        ("shot", "écran.png", "image/jpeg", 700)
    ]


def test_attach_what_does_not_fit(db: Session, scene: Scene) -> None:
    with pytest.raises(Invalid, match="accepted format"):
        _attach(db, scene, head=b"<svg onload=alert(1)>")
    with pytest.raises(Invalid, match="empty"):
        _attach(db, scene, size=0)
    with pytest.raises(TooLarge):
        _attach(db, scene, size=1001)
    with pytest.raises(NotFound):
        _attach(db, scene, field="summary")


def test_detach_takes_the_file_out(db: Session, scene: Scene) -> None:
    _attach(db, scene)
    detach(
        db,
        edition=scene.edition,
        windows=scene.windows(),
        challenge=scene.prototype,
        team_id=scene.team_id,
        person_id=scene.person_id,
        field="shot",
        now=scene.now,
    )
    present = dossier_of(db, team_id=scene.team_id, challenge_id=scene.prototype.id)
    assert present is not None
    assert present.files == ()
