"""Texts that name somebody: found whatever the case, accents or order, replaced only where an organiser says so."""

import hashlib
from pathlib import Path

import pytest
from factories import grant, make_person
from judged import JURY_TIME, Judged, make_judged
from sqlmodel import Session, select

from datathon.editions.catalogue import Catalogue
from datathon.jury.tables import Sheet
from datathon.people.erase_account import pseudonym_of
from datathon.people.tables import Person
from datathon.publication.erase import erase
from datathon.publication.named import occurrences, places_named, renamed
from datathon.publication.tables import CommentReview
from datathon.store import audit
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Prototype


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Merci à Zoé Lemaître-Dó.", ["Zoé Lemaître-Dó"]),
        ("merci ZOE  LEMAITRE DO !", ["ZOE  LEMAITRE DO"]),
        ("Lemaître-Dó Zoé a aidé", ["Lemaître-Dó Zoé"]),
        ("Vu avec Zoé, puis avec Mme Lemaître.", ["Zoé", "Lemaître"]),
        ("Un do majeur, zoétrope, Lemaîtres", []),
        ("", []),
    ],
)
def test_name_is_found_whole_or_in_part(text: str, found: list[str]) -> None:
    name = "Zoé Lemaître-Dó"
    assert [text[start:end] for start, end in occurrences(text, name)] == found
    assert not occurrences(renamed(text, name, "p1"), name)


def test_ligatures_and_odd_letters_keep_their_place() -> None:
    assert renamed("ﬁn, Straße: Ana Weiß dit oui", "Ana Weiss", "p1") == "ﬁn, Straße: p1 dit oui"


def written(db: Session) -> tuple[Judged, Person]:
    """A juror's note, a comment that was approved and a dossier name a participant; the journal does once."""
    judged = make_judged(db, teams="AB", jurors=1)
    named = make_person(db, "Odile Ferrand")
    grant(db, named, "juror")
    note = "Odile Ferrand présente très bien."
    sheet = Sheet(
        edition_id="2025", challenge_id="competences", team_id=judged.teams["A"].id, juror_id=judged.jurors[0].id,
        comment_team=note, comment_private="Relancer odile.", state="submitted", updated_at=JURY_TIME,
    )  # fmt: skip
    db.add(sheet)
    db.flush()
    db.add(
        CommentReview(
            sheet_id=sheet.id, edition_id="2025", state="approved", digest=hashlib.sha256(note.encode()).hexdigest(),
            decided_at=JURY_TIME, decided_by=judged.organiser.id,
        )
    )  # fmt: skip
    dossier = db.exec(select(Prototype).where(Prototype.team_id == judged.teams["B"].id)).one()
    dossier.fields = {"summary": "Idée de M. Ferrand.", "other": "Rien."}
    audit.record(
        db,
        "set_team_status",
        "b",
        now=JURY_TIME,
        actor=judged.organiser.id,
        edition="2025",
        reason="Vu avec O. Ferrand.",
    )
    db.flush()
    return judged, named


def test_places_are_listed_with_what_stands_around(db: Session) -> None:
    judged, named = written(db)
    found = places_named(db, named, ("2025",))
    assert [(p.kind, p.team, p.before, p.name, p.after) for p in found] == [
        ("comment for a team", "A", "", "Odile Ferrand", " présente très bien."),
        ("private note on a sheet", "A", "Relancer ", "odile", "."),
        ("dossier of a prototype", "B", "Idée de M. ", "Ferrand", "."),
        ("journal", "", "Vu avec O. ", "Ferrand", "."),
    ]
    assert not places_named(db, named, ("2024",))
    assert not places_named(db, judged.jurors[0], ("2024",))


def test_only_the_chosen_texts_change_and_an_approval_holds(db: Session) -> None:
    judged, named = written(db)
    pseudonym, first = pseudonym_of(named), places_named(db, named, ("2025",))[0]
    done = erase(
        db,
        Catalogue(Path("nowhere"), {"2025": judged.edition}),
        person_id=named.id,
        actor=judged.organiser.id,
        now=JURY_TIME,
        texts=[first.key, "stray"],
    )
    sheet = db.exec(select(Sheet)).one()
    assert (done.texts, sheet.comment_team) == (1, f"{pseudonym} présente très bien.")
    assert sheet.comment_private == "Relancer odile."
    assert db.exec(select(CommentReview)).one().digest == hashlib.sha256(sheet.comment_team.encode()).hexdigest()
    told = next(line for line in db.exec(select(AuditEntry)) if line.act == "erase_from_texts")
    assert told.details == {"pseudonym": pseudonym, "texts": 1}


def test_everywhere_leaves_no_text_with_the_name(db: Session) -> None:
    judged, named = written(db)
    name = named.name
    done = erase(
        db,
        Catalogue(Path("nowhere"), {"2025": judged.edition}),
        person_id=named.id,
        actor=judged.organiser.id,
        now=JURY_TIME,
        texts=None,
    )
    assert done.texts == 4
    named.name = name  # looked for once more, under the name that is gone
    assert not places_named(db, named, ("2025",))
