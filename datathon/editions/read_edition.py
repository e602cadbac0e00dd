"""Read one edition folder: ``edition.toml``, its documents, its challenges."""

import hashlib
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from datathon.editions.problems import Problem
from datathon.editions.read_challenge import read_challenge, read_texts
from datathon.editions.read_groups import read_brackets, read_tracks
from datathon.editions.read_places import read_places
from datathon.editions.read_ranking import read_jury, read_ranking
from datathon.editions.read_toml import NAME, Source, Table, unique
from datathon.editions.read_vote import read_vote
from datathon.editions.rules import (
    Challenge,
    Document,
    DossierField,
    Edition,
    Milestone,
    Moment,
    Phase,
    PhaseKind,
    SubmissionFormat,
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


Flaws = dict[str, tuple[Problem, ...]]
"""The mistakes of each challenge that has some, by the name of its folder."""


def read_edition(folder: Path, problems: list[Problem], flaws: Flaws | None = None) -> Edition | None:
    """Return the edition in ``folder``, or None when its file cannot be read at all; mistakes go to ``problems``.

    With ``flaws`` the mistakes of a challenge go there, and the edition is returned without that challenge; its rubric
    and ranking may still name it.
    """
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
    own: Flaws = {}
    challenges = _challenges(folder, own)
    if flaws is None:
        problems += [problem for some in own.values() for problem in some]
    else:
        flaws.update(own)
    days = head.integer("days", low=1, high=400)
    zone = _zone(head)
    colours = head.table("colours")
    phases = _phases(top)
    vote, ranking = read_vote(top, challenges, phases, read_ranking(top, challenges))
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
        phases=phases,
        milestones=_milestones(top),
        documents=_documents(top, folder, problems),
        rubric=read_jury(top, challenges),
        ranking=ranking,
        challenges=challenges if flaws is None else tuple(c for c in challenges if c.id not in flaws),
        ink=colours.colour("ink") if colours else None,
        accent=colours.colour("accent") if colours else None,
        places=read_places(top),
        tracks=read_tracks(top, challenges),
        brackets=read_brackets(top),
        anonymous=head.boolean("anonymous", default=False),
        vote=vote,
    )
    if colours:
        colours.done()
    _finish(top, head, result, challenges)
    return result


def _finish(top: Table, head: Table, result: Edition, challenges: tuple[Challenge, ...]) -> None:
    if result.starts is not None and result.offset_days:
        head.note('offset_days: only with starts = "installation"', "offset_days")
    if not challenges:
        top.note("no challenge: a folder with a challenge.toml expected beside edition.toml")
    head.done()
    top.done()


def _challenges(folder: Path, flaws: Flaws) -> tuple[Challenge, ...]:
    """Return the folder's challenges; in the place of one with mistakes a stand-in, that a ranking may still name."""
    found = []
    for path in sorted(p.parent for p in folder.glob("*/challenge.toml")):
        problems: list[Problem] = []
        challenge = read_challenge(path, edition=folder.name, problems=problems)
        if problems:
            flaws[path.name] = tuple(problems)
        found.append(_stand_in(path) if challenge is None or problems else challenge)
    return tuple(found)


def _stand_in(folder: Path) -> Challenge:
    nothing: dict[str, str] = {"fr": ""}
    form, field = SubmissionFormat("id", ()), DossierField("summary", "text", nothing, nothing)
    return Challenge(folder.name, folder.parent.name, folder, nothing, nothing, nothing, form, dossier=(field,))


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
