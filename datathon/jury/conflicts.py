"""Conflicts of interest that nobody has to declare: own team, same structure, mentor. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Known:
    """A person as far as conflicts go: name, address and structure ("" when it was never said)."""

    id: UUID
    name: str
    email: str
    structure: str


@dataclass(frozen=True, slots=True)
class Party:
    """A team as far as conflicts go: its present members, and its mentors (a name or an address each)."""

    id: UUID
    members: tuple[Known, ...]
    mentors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A juror who must not grade a team. ``source`` is member, structure or mentor, ``reason`` what they share."""

    juror_id: UUID
    team_id: UUID
    source: str
    reason: str


def folded(text: str) -> str:
    """Return a name as it is compared: no case, no accents, no punctuation, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^\w\s]|_", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def findings(jurors: Sequence[Known], teams: Iterable[Party]) -> tuple[Finding, ...]:
    """Return one finding per juror and team that must not meet, the strongest reason of each, in the given order.

    An empty structure is shared with nobody.
    """
    found = []
    for team in teams:
        inside = {member.id for member in team.members}
        structures = {folded(m.structure): m.structure for m in team.members if folded(m.structure)}
        mentors = {folded(mentor): mentor for mentor in team.mentors if folded(mentor)}
        for juror in jurors:
            structure = structures.get(folded(juror.structure))
            mentor = mentors.get(folded(juror.email)) or mentors.get(folded(juror.name))
            if juror.id in inside:
                found.append(Finding(juror.id, team.id, "member", ""))
            elif mentor:
                found.append(Finding(juror.id, team.id, "mentor", mentor))
            elif structure:
                found.append(Finding(juror.id, team.id, "structure", structure))
    return tuple(found)
