"""Hold what a results file says against what its own facts give, and name the first difference."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datathon.publication.verify.beside import beside
from datathon.publication.verify.certain import uncertain
from datathon.publication.verify.compute import Worked, recompute
from datathon.publication.verify.read import Pairs, Published, read

ADDED_AFTERWARDS = ("digest", "version", "published_at", "reason", "changes", "intervals")
"""Keys that the publication, or what was computed after it, puts beside the content that its digest names."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verified file: the recomputed ranking, best first, and the first difference (None: equal to the last bit)."""

    published: Published
    ranking: tuple[Worked, ...]
    others: tuple[Worked, ...]
    difference: str | None
    sha256: str


def verify(content: bytes) -> Verdict:
    """Recompute the results in ``content`` and compare. Raises NotResultsError for what is no results file."""
    published = read(content)
    worked = recompute(published)
    ranked = sorted((w for w in worked.values() if w.rank), key=lambda w: (w.rank or 0, w.name, w.team))
    others = [w for w in worked.values() if not w.rank]
    difference = next(_differences(published, worked, ranked), None)
    return Verdict(published, tuple(ranked), tuple(others), difference, hashlib.sha256(content).hexdigest())


def canonical_digest(whole: Mapping[str, Any]) -> str:
    """Return "sha256:…" of the content as canonical JSON, without what the publication added afterwards."""
    content = {key: value for key, value in whole.items() if key not in ADDED_AFTERWARDS}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _differences(published: Published, worked: Mapping[str, Worked], ranked: list[Worked]) -> Iterator[str]:
    if published.pairs is not None:
        yield from _pairs(published.pairs)
    yield from _vote_share(published)
    yield from _closing(published)
    for n, team in enumerate(published.teams):
        yield from _team(f"teams[{n}] ({team.id})", team.given, worked[team.id])
    for n, row in enumerate(published.ranking):
        if n >= len(ranked) or row["team"] != ranked[n].team:
            yield f"ranking[{n}]: {row['team']} in the file, {ranked[n].team if n < len(ranked) else 'nobody'} recomputed"
            return
        yield from _row(f"ranking[{n}] ({row['team']})", row, ranked[n], published)
    if len(ranked) > len(published.ranking):
        yield f"ranking: {ranked[len(published.ranking)].team} is missing"
    for scheme, totals in published.also_shown.items():
        yield from _differ(f"also_shown.{scheme}", totals, beside(published, worked, scheme))
    yield from uncertain(published)
    if published.digest is not None and published.digest != canonical_digest(published.whole):
        yield f"digest: {published.digest} in the file, {canonical_digest(published.whole)} recomputed"


def _pairs(pairs: Pairs) -> Iterator[str]:
    from datathon.publication.verify.pairs import worked_pairs  # noqa: PLC0415 - most rankings need no equations

    found = worked_pairs(pairs)
    for key in ("theta", "sd", "connected"):
        yield from _differ(f"pairwise.{key}", pairs.given.get(key), getattr(found, key))


def _closing(published: Published) -> Iterator[str]:
    """Hold the lambda of the jury against the one that was frozen last."""
    jury = next((c for c in published.components if c.kind == "jury"), None)
    used = None if jury is None else jury.lam if jury.lam is not None else jury.shown
    if published.last_closing is not None and used is not None and used != published.last_closing[0]:
        yield f"closings: lambda {published.last_closing[0]} frozen last, {used} in the jury's component"


def _vote_share(published: Published) -> Iterator[str]:
    """Hold the vote's share of the weights against the one it had when it opened."""
    frozen = published.vote_frozen
    if frozen is None:
        return
    weight, whole = frozen
    now = sum(c.weight for c in published.components if c.kind == "vote")
    every = sum(c.weight for c in published.components)
    if now * whole != weight * every:
        yield f"components: the public vote weighs {now} of {every} in the file, {weight} of {whole} when it opened"


def _team(where: str, given: Mapping[str, Any], found: Worked) -> Iterator[str]:
    yield from _differ(f"{where}: status", given["status"], found.status)
    yield from _differ(f"{where}: reason", given.get("reason"), found.reason)
    yield from _differ(f"{where}: sensitive", given.get("sensitive", False), found.sensitive)
    for key in ("jury_raw", "jury", "jury_fair", "total", "scores"):
        if key in given:
            yield from _differ(f"{where}: {key}", given[key], getattr(found, key))


def _row(where: str, row: Mapping[str, Any], found: Worked, published: Published) -> Iterator[str]:
    # Causes before consequences: the first difference should say where to look.
    metric = next((c.id for c in published.components if c.kind == "metric"), None)
    yield from _differ(f"{where}: metric", row.get("metric"), found.scores.get(metric) if metric else None)
    for key in ("jury_raw", "jury_fair", "jury"):
        if key != "jury_fair" or key in row or found.jury_fair is not None:
            yield from _differ(f"{where}: {key}", row.get(key), getattr(found, key))
    for key in ("scores", "contributions", "criteria"):
        if key in row:
            yield from _differ(f"{where}: {key}", row[key], getattr(found, key))
    yield from _differ(f"{where}: total", row.get("total"), found.total)
    yield from _differ(f"{where}: rank", row.get("rank"), found.rank)
    if "shared" in row:
        yield from _differ(f"{where}: shared", row["shared"], found.shared)


def _differ(where: str, given: object, found: object) -> Iterator[str]:
    """Compare to the last bit; true and false are not numbers here."""
    if isinstance(found, Mapping):
        if not isinstance(given, Mapping) or set(given) != set(found):
            yield f"{where}: {_said(given)} in the file, {_said(dict(found))} recomputed"
            return
        for key, value in found.items():
            yield from _differ(f"{where}.{key}", given[key], value)
    elif isinstance(given, bool) != isinstance(found, bool) or given != found:
        yield f"{where}: {_said(given)} in the file, {_said(found)} recomputed"


def _said(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
