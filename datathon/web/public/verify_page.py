"""How anybody can compute a published ranking again: the file, its digest, the command, one total by hand."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from datathon.editions.rules import Edition
from datathon.kernel.errors import NotFound
from datathon.publication.certainty import with_certainty
from datathon.publication.queries import Publication, latest
from datathon.web import show
from datathon.web.compared_words import by_pairs_says, counts_pairs
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import read_db
from datathon.web.public.door import blueprint


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """Everything the page shows. ``example`` works the first total out; empty where the scheme has no such line."""

    edition: Edition
    version: int
    sha256: str
    size: int
    digest: str
    code: str
    team: str
    example: str
    scheme: str
    anchored: bool
    voted: bool
    pairs: str
    corrected: str
    settling: bool


@blueprint.get("/e/<edition>/verify")
@guarded(anyone)
def verify_results(edition: str) -> str:
    """Say how to compute the published ranking again."""
    with read_db() as db:
        published = latest(db, edition)
        published = None if published is None else with_certainty(db, the_edition(), published)
    if published is None:
        raise NotFound("The results of this edition are not published yet.")
    return render_template("public/verify.html", page=verify_page(the_edition(), published))


def results_file(published: Publication) -> bytes:
    """Return the bytes of results.json as it is served."""
    return json.dumps(published.results, ensure_ascii=False).encode()


def verify_page(edition: Edition, published: Publication) -> VerifyPage:
    """Return the page of the publication that holds."""
    found, content = published.results, results_file(published)
    first = next(iter(found["ranking"]), None)
    names = {team["id"]: team["name"] for team in found["teams"]}
    return VerifyPage(
        edition=edition,
        version=published.version,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        digest=str(found.get("digest", "")),
        code=str(found.get("code", "")),
        team="" if first is None else names[first["team"]],
        example="" if first is None else _example(found, first),
        scheme=scheme_says(str(found.get("scheme", "fixed"))),
        anchored=any(c["kind"] == "metric" and c.get("baseline") is not None for c in found["components"]),
        pairs=by_pairs_says() if counts_pairs(found) else "",
        voted=any(c["kind"] == "vote" for c in found["components"]),
        corrected=corrected_says(found),
        settling=any(one["state"] == "computing" for one in found.get("intervals", {}).values()),
    )


def _example(found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Return "65 × 40/100 + 76 × 60/100 = 71.6", "" where the total is no weighted mean."""
    scores = row.get("scores")
    if found.get("scheme") not in {"fixed", "rank"} or not scores:
        return ""
    whole = sum(c["weight"] for c in found["components"])
    terms = [
        f"{show.decimal(scores[c['id']], 4)} × {c['weight']}/{whole}" for c in found["components"] if c["id"] in scores
    ]
    return f"{' + '.join(terms)} = {show.decimal(row['total'], found['decimals'])}"


def scales_say(found: Mapping[str, Any]) -> str:
    """Return which parts are brought to 0 to 100, in one sentence that names those that count."""
    named = {
        "metric": _("the value of the metric"),
        "jury": _("the jury’s score from its comparisons") if counts_pairs(found) else _("the mean of the jury"),
        "vote": _("the share of the ballots of the public vote"),
    }
    kinds = list(dict.fromkeys(c["kind"] for c in found["components"] if c["weight"]))
    parts = [named[kind] for kind in kinds if kind in named]
    if len(parts) == 1:
        return _("What counts is %(part)s, on a scale from 0 to 100 fixed before the start.", part=parts[0])
    return _(
        "What counts is %(parts)s and %(last)s, each on a scale from 0 to 100 fixed before the start.",
        parts=", ".join(parts[:-1]),
        last=parts[-1],
    )


def scheme_says(scheme: str) -> str:
    """Return how the total is made of its parts, in one sentence."""
    said = {
        "fixed": _("The total is the mean of the scores, weighted by the rules of the edition."),
        "geometric": _(
            "The total is the geometric mean of the scores, weighted by the rules: a zero is not compensated."
        ),
        "lexicographic": _("The part with the greatest weight ranks; the others only separate equals."),
        "rank": _(
            "Each part counts as the share of the other teams that a team beats. A team that comes or goes can therefore change the order of two others."
        ),
    }
    return said.get(scheme, "")


def corrected_says(found: Mapping[str, Any]) -> str:
    """Return how the jury's severity was dealt with, in one sentence; "" where every member graded every team."""
    jury: Mapping[str, Any] = next((c for c in found["components"] if c["kind"] == "jury"), {})
    if jury.get("lambda") is not None:
        return _(
            "Not every member of the jury graded every team: scores are corrected for severity, with lambda %(lam)s frozen when the jury closed.",
            lam=show.decimal(jury["lambda"]),
        )
    if jury.get("shown"):
        return _(
            "Not every member of the jury graded every team. The raw means count, as announced; the corrected scores are shown beside."
        )
    return ""
