"""Where texts that people wrote name somebody: found for an organiser to decide, replaced where they say so."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select

from datathon.jury.grading_tables import RubricVersion, SheetReopening, SheetVersion
from datathon.jury.tables import ConflictOfInterest, Sheet
from datathon.jury.vote_tables import VoteSheet
from datathon.people.tables import Person
from datathon.publication.tables import Appeal, CommentReview, Deliberation, FrozenMinutes, PublishedRanking
from datathon.store import audit
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team

AROUND = 60
"""Characters shown on each side of a name."""

SHORTEST = 3
"""Letters of a part of a name from which it is looked for by itself."""

COLUMNS: tuple[tuple[type[SQLModel], str, str], ...] = (
    (Sheet, "comment_team", "comment for a team"),
    (Sheet, "comment_private", "private note on a sheet"),
    (ConflictOfInterest, "reason", "reason of a conflict of interest"),
    (ConflictOfInterest, "lifted_why", "reason of a conflict of interest"),
    (CommentReview, "reason", "reason to withhold a comment"),
    (SheetReopening, "reason", "reason to open a sheet again"),
    (VoteSheet, "voided_why", "reason to make vote codes void"),
    (Deliberation, "casting", "deliberation"),
    (Appeal, "text", "appeal"),
    (Appeal, "answer", "answer to an appeal"),
    (RubricVersion, "reason", "reason to correct the rubric"),
    (FrozenMinutes, "replaced_why", "reason to replace minutes"),
    (Prototype, "title", "dossier of a prototype"),
)
"""Columns of free text by table, and what such a text is called."""


@dataclass(frozen=True, slots=True)
class Place:
    """One text that names somebody. ``team`` is the one it is about, "" where there is none.

    ``before``, ``name`` and ``after`` are what stands around the first place and the name as written there. ``fixed``:
    the text was published for good and only a corrected publication takes the name out.
    """

    key: str
    edition: str
    kind: str
    team: str
    before: str
    name: str
    after: str
    fixed: bool


@dataclass(frozen=True, slots=True)
class _Text:
    key: str
    edition: str
    kind: str
    team_id: UUID | None
    text: str
    put: Callable[[str], None] | None


def occurrences(text: str, name: str) -> tuple[tuple[int, int], ...]:
    """Return where a text has a name: whole in either order, or a part of three letters or more; no case, no accents."""
    plain, place = [], []
    for n, letter in enumerate(text):
        for one in _plain(letter):
            plain.append(one)
            place.append(n)
    parts = [part for part in re.split(r"[\W_]+", "".join(_plain(c) for c in name)) if part]
    if not parts:
        return ()
    whole = [r"[\W_]+".join(map(re.escape, order)) for order in (parts, parts[1:] + parts[:1], parts[::-1])]
    ways = [*whole, *(re.escape(part) for part in parts if len(part) >= SHORTEST)]
    found = re.finditer(rf"(?<!\w)(?:{'|'.join(ways)})(?!\w)", "".join(plain))
    return tuple((place[one.start()], place[one.end() - 1] + 1) for one in found)


def renamed(text: str, name: str, pseudonym: str) -> str:
    """Return a text with the pseudonym wherever the name stands."""
    pieces, last = [], 0
    for start, end in occurrences(text, name):
        pieces += [text[last:start], pseudonym]
        last = end
    return "".join([*pieces, text[last:]])


def places_named(db: Session, person: Person, editions: Sequence[str]) -> tuple[Place, ...]:
    """Return the texts of these editions that name a person, in a fixed order."""
    teams = dict(db.exec(select(Team.id, Team.name).where(col(Team.edition_id).in_(editions))).all())
    found = []
    for one in _texts(db, editions):
        spots = occurrences(one.text, person.name)
        if spots:
            start, end = spots[0]
            team = "" if one.team_id is None else teams.get(one.team_id, "")
            found.append(
                Place(
                    one.key,
                    one.edition,
                    one.kind,
                    team,
                    ("…" if start > AROUND else "") + one.text[max(0, start - AROUND) : start],
                    one.text[start:end],
                    one.text[end : end + AROUND] + ("…" if len(one.text) > end + AROUND else ""),
                    one.put is None,
                )
            )
    return tuple(found)


def replace_named(
    db: Session,
    person: Person,
    editions: Sequence[str],
    *,
    chosen: Collection[str] | None,
    pseudonym: str,
    actor: UUID,
    now: datetime,
) -> int:
    """Put the pseudonym into the ``chosen`` texts (keys of places; None: all that can change); return how many changed.

    What is published for good stays. The journal of each edition says how many texts changed, not which words.
    """
    changed: dict[str, int] = {}
    for one in list(_texts(db, editions)):
        if one.put is None or (chosen is not None and one.key not in chosen):
            continue
        text = renamed(one.text, person.name, pseudonym)
        if text != one.text:
            one.put(text)
            changed[one.edition] = changed.get(one.edition, 0) + 1
    for edition, count in changed.items():
        audit.record(
            db, "erase_from_texts", edition, now=now, actor=actor, edition=edition, pseudonym=pseudonym, texts=count
        )
    db.flush()
    return sum(changed.values())


def _plain(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", letter.casefold()) if not unicodedata.combining(c))


def _texts(db: Session, editions: Sequence[str]) -> Iterator[_Text]:
    """Yield every free text of these editions that is not empty."""
    for table, column, kind in COLUMNS:
        edition_id = table.edition_id  # type: ignore[attr-defined]  # every table above has it
        for row in db.exec(select(table).where(edition_id.in_(editions), getattr(table, column) != "")):
            yield _of_row(db, row, column, kind, row.edition_id)  # type: ignore[attr-defined]  # as above
    versions = select(SheetVersion, Sheet).join(Sheet, col(Sheet.id) == col(SheetVersion.sheet_id))
    for version, sheet in db.exec(versions.where(col(Sheet.edition_id).in_(editions), SheetVersion.reason != "")):
        found = _of_row(db, version, "reason", "reason of a correction of marks", sheet.edition_id)
        yield _Text(found.key, found.edition, found.kind, sheet.team_id, found.text, found.put)
    yield from _in_json(db, editions)


def _of_row(db: Session, row: Any, column: str, kind: str, edition: str) -> _Text:
    table = type(row).__table__
    length = table.c[column].type.length
    keys = "|".join(str(getattr(row, key.name)) for key in table.primary_key.columns)

    def put(text: str) -> None:
        before = getattr(row, column)
        setattr(row, column, text if length is None else text[:length])
        db.add(row)
        if isinstance(row, Sheet) and column == "comment_team":
            _keep_review(db, row, before)

    return _Text(
        f"{table.name}|{keys}|{column}", edition, kind, getattr(row, "team_id", None), getattr(row, column), put
    )


def _keep_review(db: Session, sheet: Sheet, before: str) -> None:
    """Let an organiser's decision on a comment hold for the same comment without the name."""
    review = db.get(CommentReview, sheet.id)
    if review is not None and review.digest == hashlib.sha256(before.encode()).hexdigest():
        review.digest = hashlib.sha256(sheet.comment_team.encode()).hexdigest()
        db.add(review)


def _in_json(db: Session, editions: Sequence[str]) -> Iterator[_Text]:
    """Yield texts inside structured columns: dossiers, decided places, the journal, published decisions."""
    for dossier in db.exec(select(Prototype).where(col(Prototype.edition_id).in_(editions))):
        yield from _in_column(db, dossier, "fields", dossier.fields, "dossier of a prototype", dossier.team_id)
    for decided in db.exec(select(Deliberation).where(col(Deliberation.edition_id).in_(editions))):
        for n, place in enumerate(decided.places):
            yield from _in_list(db, decided, n, place)
    for line in db.exec(select(AuditEntry).where(col(AuditEntry.edition_id).in_(editions))):
        said = {key: value for key, value in line.details.items() if key in {"reason", "note"}}
        yield from _in_column(db, line, "details", said, "journal", None)
    for published in db.exec(select(PublishedRanking).where(col(PublishedRanking.edition_id).in_(editions))):
        texts = [published.reason, *(str(one.get("reason", "")) for one in published.results.get("decided", []))]
        for n, text in enumerate(filter(None, texts)):
            yield _Text(f"published|{published.id}|{n}", published.edition_id, "published ranking", None, text, None)


def _in_column(
    db: Session, row: Any, column: str, texts: Mapping[str, Any], kind: str, team_id: UUID | None
) -> Iterator[_Text]:
    for key, text in texts.items():
        if isinstance(text, str) and text:

            def put(changed: str, key: str = key) -> None:
                setattr(row, column, {**getattr(row, column), key: changed})
                db.add(row)

            yield _Text(f"{type(row).__tablename__}|{row.id}|{key}", row.edition_id or "", kind, team_id, text, put)


def _in_list(db: Session, row: Deliberation, place: int, item: Mapping[str, Any]) -> Iterator[_Text]:
    def put(changed: str) -> None:
        row.places = [{**one, "reason": changed} if n == place else one for n, one in enumerate(row.places)]
        db.add(row)

    if item.get("reason"):
        yield _Text(f"deliberation|{row.edition_id}|{place}", row.edition_id, "deliberation", None, item["reason"], put)
