"""The keyed public/private split of a reference without a usage column. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from math import floor


def position(key: bytes, name: str) -> float:
    """Return where ``name`` falls in [0, 1): the first 8 bytes (big-endian) of HMAC-SHA256(key, name) over 2**64."""
    digest = hmac.new(key, name.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def key_of(hidden: bytes) -> bytes:
    """Return the key for the reference file ``hidden``: the file itself, as secret as the labels and frozen with them."""
    return b"sha256:" + hashlib.sha256(hidden).hexdigest().encode()


def public_rows(
    ids: Sequence[str],
    *,
    key: bytes,
    share: float,
    strata: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
) -> list[bool]:
    """Return for each row whether it is public.

    Within each stratum (None: one stratum for all) rows come in the order of ``position`` and the first
    floor(share x rows) are public. With ``groups``, whole groups move together: they come in the order of their own
    position and a group is public as long as the stratum's public rows stay within that number; a group over several
    strata belongs to the first of them by name. The order of the rows does not matter.
    """
    units = list(ids) if groups is None else list(groups)
    members: dict[str, list[int]] = {}
    for row, unit in enumerate(units):
        members.setdefault(unit, []).append(row)
    by_stratum: dict[str, list[str]] = {}
    for unit, rows in members.items():
        by_stratum.setdefault("" if strata is None else min(strata[r] for r in rows), []).append(unit)
    public = [False] * len(ids)
    for stratum_units in by_stratum.values():
        room = floor(share * sum(len(members[u]) for u in stratum_units))
        for unit in sorted(stratum_units, key=lambda u: (position(key, u), u)):
            if len(members[unit]) <= room:
                room -= len(members[unit])
                for row in members[unit]:
                    public[row] = True
    return public
