from datetime import datetime

import pytest
from factories import make_edition, make_person
from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, NotFound
from datathon.people.tables import Acceptance
from datathon.teams.accept_rules import accept_rules
from datathon.teams.queries import has_accepted


def test_accept_rules_records_version_digest_and_time_once(db: Session, edition: Edition, now: datetime) -> None:
    make_edition(db)
    person = make_person(db)
    text = edition.document("rules")
    assert text is not None
    for _ in range(2):
        accept_rules(db, edition=edition, person_id=person.id, version=text.version, now=now)
    (row,) = db.exec(select(Acceptance)).all()
    assert (row.document, row.version, row.digest, row.accepted_at) == ("rules", text.version, text.digest, now)
    assert has_accepted(db, edition, person.id)


def test_accept_rules_of_a_version_that_is_gone(db: Session, edition: Edition, now: datetime) -> None:
    make_edition(db)
    person = make_person(db)
    with pytest.raises(Conflict):
        accept_rules(db, edition=edition, person_id=person.id, version="0", now=now)
    assert not has_accepted(db, edition, person.id)


def test_accept_rules_of_a_text_that_is_not_there(db: Session, edition: Edition, now: datetime) -> None:
    make_edition(db)
    with pytest.raises(NotFound):
        accept_rules(db, edition=edition, person_id=make_person(db).id, version="1", document="none", now=now)
