"""Links that carry a right, signed with the installation's key: confirm an address, choose a new password.

A link names the account, its end and the hash of the account's password as it was: choosing another password, or
registering the same address again, makes older links void.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from datathon.people.tables import Person

Purpose = Literal["confirm", "reset"]
LASTS: dict[Purpose, timedelta] = {"confirm": timedelta(days=3), "reset": timedelta(hours=2)}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says. ``seal`` is the trace of the password hash, ``onward`` the path to go to afterwards or ""."""

    person_id: UUID
    seal: str
    until: datetime
    onward: str = ""

    def fits(self, person: Person | None, *, now: datetime) -> bool:
        """Whether the link is still good for the account as it stands now."""
        return person is not None and now < self.until and hmac.compare_digest(self.seal, _seal(person))


def make(secret: str, purpose: Purpose, person: Person, *, now: datetime, onward: str = "") -> str:
    """Return the token of a link, safe in an address."""
    until = int((now + LASTS[purpose]).timestamp())
    return str(_signer(secret, purpose).dumps([person.id.hex, _seal(person), until, onward]))


def read(secret: str, purpose: Purpose, token: str) -> Link | None:
    """Return what a token says, whether or not it is still good; None when this installation never signed it."""
    try:
        key, seal, until, onward = _signer(secret, purpose).loads(token)
    except BadSignature:
        return None
    return Link(UUID(hex=key), seal, datetime.fromtimestamp(until, UTC), onward)


def _signer(secret: str, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=f"datathon.people.{purpose}", signer_kwargs={"digest_method": hashlib.sha256})


def _seal(person: Person) -> str:
    return hashlib.sha256(person.password_hash.encode()).hexdigest()[:16]
