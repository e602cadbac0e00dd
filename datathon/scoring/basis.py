"""What the values of a score depend on besides the file: scorer, metrics, reference, split, public contract, ids.

Two scores may be compared when they have the same basis. It is made of what the challenge folder says and holds, and
of the versions and sources of the shipped metrics; not of limits, texts, decimals or directions, which change no value.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from datathon.editions.rules import Challenge
from datathon.scoring.reference import Prepared, prepare
from scorers import catalogue, sources

PARTS = ("scorer", "metrics", "reference", "split", "contract", "ids")


@dataclass(frozen=True, slots=True)
class Basis:
    """The digest of everything ("sha256:<hex>") and one short digest for each of ``PARTS``, to tell what changed.

    ``rows`` are the numbers of public and private rows, beside the digest: they follow from reference and split.
    """

    digest: str
    parts: Mapping[str, str]
    rows: tuple[int, int] | None = None


def basis_of(challenge: Challenge, prepared: Prepared, source: bytes | None) -> Basis:
    """Return the basis of scores of ``challenge`` with this prepared reference and this custom scorer."""
    form, reference = challenge.submission, challenge.reference
    versions = {m.function: [_version(m.function), _meaning(m.function)] for m in challenge.metrics}
    of = {
        "scorer": hashlib.sha256(source).hexdigest() if source is not None else versions,
        "metrics": [[m.name, m.function, m.params] for m in challenge.metrics],
        "reference": prepared.digest,
        "split": None if reference is None else _said(reference, but={"file"}),
        "contract": None if form is None else _said(form, but={"max_bytes"}),
        "ids": hashlib.sha256(prepared.ids).hexdigest(),
    }
    parts = {name: _digest(of[name])[:16] for name in PARTS}
    return Basis("sha256:" + _digest(parts), parts, (prepared.parts["public"], prepared.parts["private"]))


def present_basis(challenge: Challenge) -> Basis:
    """Return the basis that a submission scored now would have; raises ReferenceFault, and OSError without its scorer."""
    prepared = prepare(challenge)
    source = None if challenge.scorer is None else (challenge.folder / challenge.scorer).read_bytes()
    return basis_of(challenge, prepared, source)


def changed_parts(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that differ, in their order; empty when one side is not known."""
    return tuple(name for name in PARTS if before and after and before.get(name) != after.get(name))


def _version(metric: str) -> str:
    declaration = catalogue.declared(metric)
    return "" if declaration is None else declaration.version


def _meaning(metric: str) -> str:
    """Return the digest of what a shipped metric computes: comments and the reading of files are not in it."""
    return "" if catalogue.declared(metric) is None else sources.meaning(metric)


def _said(thing: Any, *, but: set[str]) -> dict[str, Any]:
    """Return the fields of a dataclass that say more than their default: a field added later changes no basis."""
    return {
        f.name: getattr(thing, f.name)
        for f in fields(thing)
        if f.name not in but and (f.default is MISSING or getattr(thing, f.name) != f.default)
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _said(value, but=set())
    return dict(value) if isinstance(value, Mapping) else str(value)
