"""Scoring a challenge again: what changed, the campaign, its preview, the act."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext
from sqlmodel import Session
from werkzeug.wrappers import Response as Answer

from datathon.editions.rules import Challenge
from datathon.kernel.errors import Invalid, NotFound, Refusal
from datathon.leaderboard.announcement import CHANGED, draft
from datathon.leaderboard.queries import Primary, primary
from datathon.leaderboard.rescored import Comparison, compare
from datathon.publication import rescore as act
from datathon.publication.queries import latest
from datathon.scoring.notice import Versions, versions
from datathon.scoring.queue import ring
from datathon.scoring.rescore import Progress, campaigns, cancel, progress
from datathon.scoring.tables import Rescoring
from datathon.web import show
from datathon.web.guards import NOWHERE, guarded, organiser, the_edition, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.organiser.pages import said
from datathon.web.organiser.views import blueprint


@dataclass(frozen=True, slots=True)
class ChallengeLine:
    """How the scores of one challenge stand. ``shape`` and ``word`` are its tag, ``sentence`` says what is due."""

    challenge: Challenge
    shape: str
    word: str
    sentence: str
    open: Rescoring | None


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign with what it would change; ``notes`` is the draft, or what was published."""

    campaign: Rescoring
    challenge: Challenge
    metric: Primary
    shape: str
    word: str
    standfirst: str
    progress: Progress
    found: Comparison
    obstacles: tuple[str, ...]
    notes: dict[str, str]
    moving: bool
    may_cancel: bool
    refusal: Refusal | None = None


@blueprint.get("/<edition>/rescoring")
@guarded(organiser)
def rescorings(edition: str) -> str:
    """Show how each challenge is scored now, and its campaigns."""
    return _campaigns(edition)


def _campaigns(edition: str, refusal: Refusal | None = None) -> str:
    here = the_edition()
    with read_db() as db:
        past, published = campaigns(db, edition), latest(db, edition) is not None
        lines = tuple(_line(db, challenge, past) for challenge in here.challenges if challenge.takes_predictions)
    titles = {challenge.id: show.text(challenge.title) for challenge in here.challenges}
    history = [
        {
            "id": one.id,
            "title": titles.get(one.challenge_id, one.challenge_id),
            "one": one,
            "word": _state(one.state)[1],
        }
        for one in past
    ]
    return render_template(
        "organiser/rescorings.html",
        page={"edition": here, "lines": lines, "history": history, "published": published, "refusal": refusal},
    )


@blueprint.post("/<edition>/rescoring")
@guarded(organiser)
def start_rescoring(edition: str) -> Answer | tuple[str, int]:
    """Start a campaign for one challenge; a refused reason comes back as it was typed."""
    challenge = _challenge(request.form.get("challenge", ""))
    try:
        with write_db() as db:
            campaign = act.start(
                db,
                edition=the_edition(),
                challenge=challenge,
                reason=request.form.get("reason", ""),
                include=frozenset(request.form.getlist("include")),
                actor=the_person().id,
                now=now(),
            )
    except Invalid as refusal:
        return _campaigns(edition, refusal), 422
    ring(house().settings, house().engine, house().catalogue)
    flash(_("The rescoring has begun. Nothing counts before you apply it."), "done")
    return redirect(url_for("organiser.rescoring", edition=edition, rescoring=campaign), 303)


@blueprint.get("/<edition>/rescoring/<uuid:rescoring>")
@guarded(organiser)
def rescoring(edition: str, rescoring: UUID) -> Response:
    """Show a campaign: how far it is, what it would change, the note, the two ways to end it."""
    del edition
    return _shown(rescoring)


def _shown(rescoring: UUID, refusal: Refusal | None = None) -> Response:
    with read_db() as db:
        page = replace(_page(db, rescoring), refusal=refusal)
    if refusal is not None:
        page = replace(page, notes={code: request.form.get(f"note_{code}", "") for code in page.notes})
    response = make_response(render_template("organiser/rescoring.html", page=page, edition=the_edition()))
    if request.headers.get("HX-Request") and not page.moving:
        # The part that looks again has seen the end: the comparison and the buttons below it are new too.
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/<edition>/rescoring/<uuid:rescoring>/apply")
@guarded(organiser)
def apply_rescoring(edition: str, rescoring: UUID) -> Answer | tuple[Response, int]:
    """Let the new scores count and publish the note, which comes back as it was typed where the line is not ticked."""
    if request.form.get("sure") != "1":
        return _shown(rescoring, Invalid("Confirm that you have read what changes.", field="sure")), 422
    with write_db() as db:
        campaign = _campaign(db, rescoring)
        found = act.apply(
            db,
            edition=the_edition(),
            challenge=_challenge(campaign.challenge_id),
            campaign_id=rescoring,
            actor=the_person().id,
            notes={language: request.form.get(f"note_{language}", "") for language in ("fr", "en")},
            now=now(),
        )
    count = found.scores_changed
    flash(ngettext("Applied: %(num)s score changed.", "Applied: %(num)s scores changed.", count), "done")
    return redirect(url_for("organiser.rescoring", edition=edition, rescoring=rescoring), 303)


@blueprint.post("/<edition>/rescoring/<uuid:rescoring>/cancel")
@guarded(organiser)
def cancel_rescoring(edition: str, rescoring: UUID) -> Answer:
    """Give a campaign up."""
    with write_db() as db:
        cancel(db, campaign_id=rescoring, edition_id=edition, actor=the_person().id, now=now())
    flash(_("Cancelled: every score stays as it was."), "done")
    return redirect(url_for("organiser.rescorings", edition=edition), 303)


def _challenge(challenge_id: str) -> Challenge:
    challenge = the_edition().challenge(challenge_id)
    if challenge is None or not challenge.takes_predictions:
        raise NotFound(NOWHERE)
    return challenge


def _campaign(db: Session, key: UUID) -> Rescoring:
    found = db.get(Rescoring, key)
    if found is None or found.edition_id != the_edition().id:
        raise NotFound(NOWHERE)
    return found


def _line(db: Session, challenge: Challenge, past: Sequence[Rescoring]) -> ChallengeLine:
    found = versions(db, challenge.edition, challenge.id)
    opened = next((c for c in past if c.challenge_id == challenge.id and c.state in {"running", "ready"}), None)
    if found is None:
        return ChallengeLine(
            challenge, "", pgettext("versions", "not looked at"), _("No worker has looked at it yet."), opened
        )
    if found.trouble:
        return ChallengeLine(challenge, "fail", pgettext("versions", "cannot be scored"), found.trouble, opened)
    if found.mixed:
        return ChallengeLine(challenge, "wait", pgettext("versions", "changed"), difference(found), opened)
    return ChallengeLine(
        challenge, "full", pgettext("versions", "in order"), _("All scores were computed alike."), opened
    )


def difference(found: Versions) -> str:
    """Return what changed, and how many scores that concerns."""
    french = show.language() == "fr"
    names = [CHANGED[name][0 if french else 1] for name in found.changed]
    what = _("Changed: %(parts)s.", parts=", ".join(names)) + " " if names else ""
    behind = ngettext("%(num)s score was computed before.", "%(num)s scores were computed before.", found.behind)
    later = ngettext("%(num)s newer score waits.", "%(num)s newer scores wait.", found.waiting)
    return what + behind + (f" {later}" if found.waiting else "")


def _state(state: str) -> tuple[str, str]:
    return {
        "running": ("run", pgettext("rescoring", "under way")),
        "ready": ("half", pgettext("rescoring", "ready to apply")),
        "stale": ("fail", pgettext("rescoring", "overtaken")),
        "applied": ("full", pgettext("rescoring", "applied")),
        "cancelled": ("off", pgettext("rescoring", "cancelled")),
    }[state]


def _page(db: Session, key: UUID) -> CampaignPage:
    campaign = _campaign(db, key)
    challenge = _challenge(campaign.challenge_id)
    found, how_far = compare(db, the_edition(), challenge, campaign), progress(db, key)
    over = campaign.state in {"applied", "cancelled"}
    notes = {"fr": campaign.note_fr, "en": campaign.note_en}
    if not over:
        titles = {language: challenge.title.get(language) or challenge.title["fr"] for language in ("fr", "en")}
        notes = draft(
            titles=titles,
            reason=campaign.reason,
            changed=campaign.changed,
            submissions=found.submissions,
            scores_changed=found.scores_changed,
            ranks_changed=found.ranks_changed,
            at=now(),
            zone=the_edition().zone,
        )
    return CampaignPage(
        campaign,
        challenge,
        primary(challenge),
        *_state(campaign.state),
        _standfirst(campaign, how_far, found),
        how_far,
        found,
        tuple(said(o.message, o.params) for o in found.obstacles),
        notes,
        campaign.state == "running",
        campaign.state in {"running", "ready", "stale"},
    )


def _standfirst(campaign: Rescoring, how_far: Progress, found: Comparison) -> str:
    if campaign.state == "running":
        return _(
            "%(done)s submissions of %(total)s scored again. Live submissions go first.",
            done=how_far.done,
            total=how_far.total,
        )
    if campaign.state == "stale":
        return _("The challenge has changed since this rescoring began. Cancel it and start another one.")
    if campaign.state == "cancelled":
        return _("Cancelled: every score stays as it was.")
    scores, ranks = found.scores_changed, found.ranks_changed
    if campaign.state == "applied":
        scores, ranks = campaign.scores_changed, campaign.ranks_changed
    return " ".join(
        (
            ngettext("%(num)s score changes,", "%(num)s scores change,", scores),
            ngettext("%(num)s rank changes.", "%(num)s ranks change.", ranks),
        )
    )
