"""Hash and check passwords with Argon2id."""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from datathon.kernel.errors import Invalid

SHORTEST, LONGEST = 12, 200

_hasher = PasswordHasher()
# Each hash takes 64 MiB and a core: two at a time keep a flood of sign-ins from taking the machine.
_turns = BoundedSemaphore(2)


def hash_password(password: str, *, field: str = "password") -> str:
    """Return the hash that the account keeps. Raises Invalid when the password is too short or too long.

    Takes a while by design: call it outside any transaction.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            "At least %(count)s characters: three or four words are a good password.", field=field, count=SHORTEST
        )
    if len(password) > LONGEST:
        raise Invalid("At most %(count)s characters.", field=field, count=LONGEST)
    with _turns:
        return _hasher.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether ``password`` belongs to the hash ``kept``; None (no such account) takes as long and is False."""
    if len(password) > LONGEST:
        return False
    with _turns:
        try:
            _hasher.verify(_nobody() if kept is None else kept, password)
        except (Argon2Error, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    try:
        return _hasher.check_needs_rehash(kept)
    except InvalidHashError:
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("the password of nobody")
