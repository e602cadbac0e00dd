"""Passwords that cost next to nothing: every page here signs somebody in. ``tests/people`` hashes at the real price."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from datathon.people import passwords


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Dearer than the hashes of ``factories``, so that signing in still makes a weak hash stronger.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    # The hash that stands for unknown accounts is kept: neither price may reach the other's tests.
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()
