"""``datathon verify``: recompute a published ranking offline and print it."""

import json
import sys
from pathlib import Path
from typing import Any

from datathon.publication.verify.compare import Verdict, verify
from datathon.publication.verify.compute import Worked
from datathon.publication.verify.read import NotResultsError

IN_ORDER, NOT_IN_ORDER, WRONG_USAGE = 0, 1, 2
LARGEST = 200_000_000
"""Bytes of a results file; 60 jurors, 150 teams and 8 criteria make about two million."""


def run(file: Path, *, as_json: bool) -> int:
    """Verify ``file``; return 0 when it is right, 1 naming the first difference or what is wrong, 2 when unreadable."""
    try:
        if file.stat().st_size > LARGEST:
            return _fail(f"{file}: larger than {LARGEST // 1_000_000} MB", as_json=as_json)
        content = file.read_bytes()
    except OSError as error:
        print(f"datathon: {file}: {error.strerror}", file=sys.stderr)  # noqa: T201 - the command's answer
        return WRONG_USAGE
    try:
        verdict = verify(content)
    except NotResultsError as error:
        return _fail(f"{file}: not a results file: {error}", as_json=as_json)
    print(json.dumps(_object(verdict), ensure_ascii=False) if as_json else _text(verdict))  # noqa: T201 - the answer
    return IN_ORDER if verdict.difference is None else NOT_IN_ORDER


def _fail(sentence: str, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"verified": False, "difference": sentence}, ensure_ascii=False))  # noqa: T201 - the answer
    print(f"datathon: {_plain(sentence)}", file=sys.stderr)  # noqa: T201 - the answer
    return NOT_IN_ORDER


def _plain(text: str) -> str:
    """Return a text of the file without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _object(verdict: Verdict) -> dict[str, Any]:
    return {
        "verified": verdict.difference is None,
        "difference": verdict.difference,
        "edition": verdict.published.edition,
        "sha256": verdict.sha256,
        "ranking": [{"team": w.team, "rank": w.rank, "total": w.total, "jury": w.jury} for w in verdict.ranking],
        "others": [{"team": w.team, "status": w.status, "reason": w.reason} for w in verdict.others],
    }


def _text(verdict: Verdict) -> str:
    published = verdict.published
    lines = [f"edition {published.edition}, scheme {published.scheme}, {_weights(verdict)}"]
    width = max((len(_plain(w.name)) for w in (*verdict.ranking, *verdict.others)), default=4)
    lines.append(f"{'rank':>4}  {'team':{width}}  {'total':>9}  {'jury':>9}")
    lines.extend(_line(w, published.decimals, width) for w in verdict.ranking)
    lines.extend(f"{'-':>4}  {_plain(w.name):{width}}  {w.status} ({w.reason})" for w in verdict.others)
    lines.extend(f"decided by the jury: {item['team']}: {item['reason']}" for item in published.decided)
    lines.append(f"sha256 of the file {verdict.sha256}")
    if verdict.difference is None:
        lines.append(
            f"verified: {len(verdict.ranking)} ranks and totals are what the marks and metrics give, to the last bit"
        )
    else:
        lines.append(f"NOT verified, first difference: {verdict.difference}")
    return "\n".join(_plain(line) for line in lines)


def _weights(verdict: Verdict) -> str:
    parts = []
    for part in verdict.published.components:
        corrected = f" corrected with lambda {part.lam:g}" if part.lam is not None else ""
        parts.append(f"{part.id} {part.weight}{corrected}")
    return "weights " + ", ".join(parts)


def _line(found: Worked, decimals: int, width: int) -> str:
    jury = "" if found.jury is None else f"{found.jury:.{decimals}f}"
    shared = "  shared" if found.shared else ""
    return f"{found.rank:>4}  {_plain(found.name):{width}}  {found.total or 0:>9.{decimals}f}  {jury:>9}{shared}"
