"""A team and a stranger to it, as the pages' tests need them."""

from dataclasses import dataclass
from uuid import UUID

from datathon.people.tables import Person


@dataclass(frozen=True, slots=True)
class Crew:
    """Two members of Marée haute and a stranger to it, committed, before the application is made."""

    captain: Person
    mate: Person
    stranger: Person
    team_id: UUID
    invitation: str
