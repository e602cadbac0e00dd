"""The public vote: a printed code and some prototypes, for anybody."""

from dataclasses import dataclass

from flask import Response, render_template, request

from datathon.editions.rules import Edition
from datathon.editions.vote import VoteRules
from datathon.jury.vote import HIDES, cast
from datathon.jury.vote_tables import VotePoll
from datathon.jury.voting import Candidate, State, candidates, rules_of, state_of
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.web.errors import status_of
from datathon.web.guards import anyone, guarded, the_edition
from datathon.web.house import house, now, read_db, write_db
from datathon.web.limits import limiter
from datathon.web.public.door import blueprint
from datathon.web.vote_count import weight_says


@dataclass(frozen=True, slots=True)
class VotePage:
    """The ballot with what was typed, or why there is none. ``taken`` counts the names of a ballot that just came in."""

    edition: Edition
    rules: VoteRules
    state: State
    candidates: tuple[Candidate, ...]
    code: str
    chosen: frozenset[str]
    taken: int
    weight: str
    least: int
    refusal: Refusal | None


def _refused(response: Response) -> bool:
    """Whether a ballot was refused: a hall behind one address votes freely, guessing codes does not."""
    return response.status_code >= 400


def _page(*, refusal: Refusal | None = None, taken: int = 0) -> str:
    edition = the_edition()
    rules = rules_of(edition)
    with read_db() as db:
        state = state_of(db, edition, db.get(VotePoll, edition.id), now=now())
        # Before the vote opens prototypes are nobody's business yet.
        there = candidates(db, edition) if state == "open" else ()
    page = VotePage(
        edition=edition,
        rules=rules,
        state=state,
        candidates=there,
        code="" if taken else request.form.get("code", "")[:40],
        chosen=frozenset() if taken else frozenset(request.form.getlist("choice")),
        taken=taken,
        weight=weight_says(edition),
        least=HIDES,
        refusal=refusal,
    )
    return render_template("public/vote.html", page=page)


@blueprint.get("/e/<edition>/vote")
@guarded(anyone)
def vote(edition: str) -> str:
    """Show the ballot while the vote is open."""
    del edition
    return _page()


@blueprint.post("/e/<edition>/vote")
@guarded(anyone)
@limiter.limit("20/minute", deduct_when=_refused)
def cast_ballot(edition: str) -> str | tuple[str, int]:
    """Take a ballot; a refusal shows it again as it was filled in."""
    del edition
    try:
        with write_db() as db:
            taken = cast(
                db,
                edition=the_edition(),
                secret=house().settings.secret_key,
                code=request.form.get("code", "")[:40],
                choices=request.form.getlist("choice"),
                now=now(),
            )
    except (Conflict, Invalid, NotFound) as refusal:
        return _page(refusal=refusal), status_of(refusal)
    # Shown at once and kept nowhere: a session that remembered it would join a person to a ballot.
    return _page(taken=taken)
