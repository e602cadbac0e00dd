"""The public vote, for the organisers: print codes, open, follow, close. Whom people vote for is not shown here."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Edition
from datathon.editions.vote import VoteRules
from datathon.jury.freeze_vote import frozen_vote, vote_differs
from datathon.jury.void_codes import void_codes
from datathon.jury.vote import AT_ONCE, HIDES, close_vote, open_vote, print_codes, reopen_vote
from datathon.jury.voting import (
    Candidate,
    CodeSheet,
    Progress,
    candidates,
    code_sheets,
    is_revealed,
    progress,
    rules_of,
)
from datathon.kernel.errors import Conflict, Invalid, NotFound, Refusal
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.views import blueprint
from datathon.web.vote_count import frozen_says, weight_says


@dataclass(frozen=True, slots=True)
class OrganisersVote:
    """The page; ``number`` and ``reason`` as typed; ``phase`` names the one that opens the vote, "" for the button.

    ``frozen`` says since when the rules stand ("" before the opening), ``differs`` that the file says others meanwhile.
    ``sheets`` are the printed ones, ``good`` those that can be made void; ``voiding``, ``ballots`` and ``why`` are what
    was typed to do so. From ``least`` codes on ballots carry their sheet's number.
    """

    edition: Edition
    rules: VoteRules
    weight: str
    progress: Progress
    candidates: tuple[Candidate, ...]
    phase: str
    frozen: str
    differs: bool
    known: bool
    number: str
    reason: str
    most: int
    sheets: tuple[CodeSheet, ...]
    good: tuple[CodeSheet, ...]
    voiding: int
    ballots: str
    why: str
    least: int
    refusal: Refusal | None


@blueprint.get("/<edition>/jury/vote")
@guarded(organiser)
def vote(edition: str) -> str:
    """Show how far the vote is."""
    del edition
    return _page(None)


def _page(refusal: Refusal | None) -> str:
    edition = the_edition()
    rules = rules_of(edition)
    with read_db() as db:
        found, there, known = progress(db, edition, now=now()), candidates(db, edition), is_revealed(db, edition)
        kept, written = frozen_vote(db, edition.id), house().catalogue.edition(edition.id)
        sheets = code_sheets(db, edition.id)
        differs = written is not None and vote_differs(db, written)
    page = OrganisersVote(
        edition=edition,
        rules=rules,
        weight=weight_says(edition),
        progress=found,
        candidates=there,
        phase=next((show.text(p.title) for p in edition.phases if p.id == rules.phase), ""),
        frozen="" if kept is None else frozen_says(datetime.fromisoformat(kept["at"])),
        differs=differs,
        known=known,
        number=request.form.get("number", "50")[:10],
        reason=request.form.get("reason", ""),
        most=AT_ONCE,
        sheets=sheets,
        good=tuple(sheet for sheet in sheets if sheet.voided_at is None),
        voiding=request.form.get("sheet", 0, type=int),
        ballots=request.form.get("ballots", ""),
        why=request.form.get("why", ""),
        least=HIDES,
        refusal=refusal,
    )
    return render_template("organiser/vote.html", page=page)


@blueprint.post("/<edition>/jury/vote")
@guarded(organiser)
def move_vote(edition: str) -> Answer | tuple[str, int]:
    """Open the vote, close it, or open it again with a reason."""
    here, organiser_id = the_edition(), the_person().id
    version, do = request.form.get("version", 0, type=int), request.form.get("do")
    try:
        with write_db() as db:
            if do == "open":
                open_vote(db, edition=here, organiser_id=organiser_id, now=now())
                flash(_("The vote is open."), "done")
            elif do == "reopen":
                reason = request.form.get("reason", "")
                reopen_vote(db, edition=here, organiser_id=organiser_id, version=version, reason=reason, now=now())
                flash(_("The vote is open again."), "done")
            else:
                close_vote(db, edition=here, organiser_id=organiser_id, version=version, now=now())
                flash(_("The vote is closed."), "done")
    except (Conflict, Invalid) as refusal:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("organiser.vote", edition=edition), 303)


@blueprint.post("/<edition>/jury/vote/codes")
@guarded(organiser)
def vote_codes(edition: str) -> str | tuple[str, int]:
    """Make codes and answer with the sheet to print: they are kept nowhere, so the sheet cannot be shown again."""
    del edition
    here, typed = the_edition(), request.form.get("number", "").strip()
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    try:
        with write_db() as db:
            printed = print_codes(
                db,
                edition=here,
                secret=house().settings.secret_key,
                number=number,
                organiser_id=the_person().id,
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _page(refusal), status_of(refusal)
    address = house().settings.base_url.rstrip("/") + url_for("public.vote", edition=here.id)
    return render_template(
        "organiser/vote_codes.html",
        edition=here,
        rules=rules_of(here),
        codes=printed.codes,
        sheet=printed.sheet,
        address=address,
    )


@blueprint.post("/<edition>/jury/vote/void")
@guarded(organiser)
def void_vote_codes(edition: str) -> Answer | tuple[str, int]:
    """Make a lost sheet of codes void; its ballots stay or go as the organiser says."""
    number = request.form.get("sheet", 0, type=int)
    try:
        with write_db() as db:
            done = void_codes(
                db,
                edition=the_edition(),
                sheet=number,
                ballots=request.form.get("ballots", ""),
                reason=request.form.get("why", ""),
                organiser_id=the_person().id,
                now=now(),
            )
    except (Conflict, Invalid, NotFound) as refusal:
        return _page(refusal), status_of(refusal)
    flash(
        ngettext(
            "Sheet no. %(number)s is void; one ballot was taken out.",
            "Sheet no. %(number)s is void; %(num)s ballots were taken out.",
            done.removed,
            number=number,
        )
        if done.removed
        else _("Sheet no. %(number)s is void; every ballot stays.", number=number),
        "done",
    )
    return redirect(url_for("organiser.vote", edition=edition), 303)
