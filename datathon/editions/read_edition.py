"""Read one edition folder: ``edition.toml``, its documents, its challenges."""

import hashlib
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from datathon.editions.problems import Problem
from datathon.editions.read_challenge import read_challenge, read_texts
from datathon.editions.read_ranking import read_jury, read_ranking
from datathon.editions.read_toml import NAME, Source, Table, unique
from datathon.editions.rules import (
    Challenge,
    Document,
    Edition,
    Milestone,
    Moment,
    Phase,
    PhaseKind,
    TeamRules,
)

DOCUMENTS = ("rules", "privacy", "conduct", "legal", "accessibility")
_ORGANISER = (
    "name",
    "address",
    "email",
    "controller",
    "data_protection_officer",
    "director",
    "host",
    "phone",
    "website",
)


def read_edition(folder: Path, problems: list[Problem]) -> Edition | None:
    """Return the edition in ``folder``, or None when its file cannot be read at all; mistakes go to ``problems``."""
    source = Source(folder / "edition.toml", problems)
    top = source.read()
    if top is None:
        return None
    head = top.table("edition")
    if head is None:
        top.note("[edition] is missing: title, theme, zone, starts and days expected")
        return None
    if not NAME.match(folder.name):
        top.note(f"the folder name {folder.name!r} must be lower-case letters, digits, '-' or '_'")
    challenges = _challenges(folder, problems)
    days = head.integer("days", low=1, high=400)
    zone = _zone(head)
    colours = head.table("colours")
    result = Edition(
        id=folder.name,
        folder=folder,
        title=head.texts("title"),
        theme=head.texts("theme"),
        pitch=head.texts("pitch"),
        zone=zone,
        starts=_starts(head),
        offset_days=head.integer("offset_days", 0, low=-400, high=400),
        days=days,
        fictitious=head.boolean("fictitious", default=False),
        organiser=_organiser(top),
        teams=_teams(top),
        phases=_phases(top),
        milestones=_milestones(top),
        documents=_documents(top, folder, problems),
        rubric=read_jury(top, challenges),
        ranking=read_ranking(top, challenges),
        challenges=challenges,
        ink=colours.colour("ink") if colours else None,
        accent=colours.colour("accent") if colours else None,
    )
    if colours:
        colours.done()
    if result.starts is not None and result.offset_days:
        head.note('offset_days: only with starts = "installation"', "offset_days")
    if not challenges:
        top.note("no challenge: a folder with a challenge.toml expected beside edition.toml")
    head.done()
    top.done()
    return result


def _challenges(folder: Path, problems: list[Problem]) -> tuple[Challenge, ...]:
    folders = sorted(p.parent for p in folder.glob("*/challenge.toml"))
    found = (read_challenge(p, edition=folder.name, problems=problems) for p in folders)
    return tuple(c for c in found if c is not None)


def _zone(head: Table) -> ZoneInfo:
    name = head.text("zone", "Europe/Paris")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        head.note(f'zone: no time zone {name!r}; a name such as "Europe/Paris" expected', "zone")
        return ZoneInfo("Europe/Paris")


def _starts(head: Table) -> date | None:
    if head.data.get("starts") == "installation":
        head.has("starts")
        return None
    return head.day("starts")


def _organiser(top: Table) -> dict[str, str]:
    table = top.table("organiser")
    if table is None:
        top.note("[organiser] is missing: name and email at least")
        return {"name": "", "email": ""}
    found = {"name": table.text("name"), "email": table.text("email")}
    found.update({key: table.text(key, "") for key in _ORGANISER if table.has(key)})
    table.done()
    return found


def _teams(top: Table) -> TeamRules:
    table = top.table("teams")
    if table is None:
        return TeamRules()
    rules = TeamRules(table.integer("min", 1, low=1, high=100), table.integer("max", 6, low=1, high=100))
    if rules.min_size > rules.max_size:
        table.note(f"min {rules.min_size} is above max {rules.max_size}", "min")
    table.done()
    return rules


def _phases(top: Table) -> tuple[Phase, ...]:
    entries = top.tables("phases")
    phases = []
    for entry in entries:
        kind = entry.choice("kind", tuple(PhaseKind))
        opens = entry.moment("opens")
        closes = entry.moment("closes") if entry.has("closes") else None
        if closes is not None and _order(closes) <= _order(opens):
            entry.note("closes: must come after opens", "closes")
        priority = entry.boolean("priority", default=False)
        if priority and kind != PhaseKind.SUBMISSIONS:
            entry.note("priority: only a phase of submissions can go first in the scoring queue", "priority")
        phases.append(Phase(entry.name("id"), PhaseKind(kind), entry.texts("title"), opens, closes, priority))
        entry.done()
    unique(zip(entries, (p.id for p in phases), strict=True), "id")
    if not phases:
        top.note("no [[phases]]: nobody could register or submit")
    return tuple(phases)


def _order(moment: Moment) -> tuple[int, object]:
    return moment.day, moment.at


def _milestones(top: Table) -> tuple[Milestone, ...]:
    found = []
    for entry in top.tables("milestones"):
        found.append(Milestone(entry.when(), entry.texts("title")))
        entry.done()
    return tuple(sorted(found, key=lambda m: (m.when.day, m.when.at)))


def _documents(top: Table, folder: Path, problems: list[Problem]) -> tuple[Document, ...]:
    table = top.table("documents")
    if table is None:
        top.note('[documents] is missing: rules = "1" and privacy = "1" at least')
        return ()
    documents = []
    for name in (*DOCUMENTS, *sorted(set(table.data) - set(DOCUMENTS))):
        if name not in table.data:
            if name in {"rules", "privacy"}:
                table.note(f"documents.{name} is missing: people must be able to read and accept it")
            continue
        version = table.text(name)
        text = read_texts(folder / "documents", name, problems, required=True)
        digest = hashlib.sha256()
        for language in sorted(text):
            digest.update(f"{language}\0{text[language]}\0".encode())
        documents.append(Document(name, version, digest.hexdigest(), text))
    table.done()
    return tuple(documents)
