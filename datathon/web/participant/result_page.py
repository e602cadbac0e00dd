"""A team's own result: its metric and place so far, then all that explains its rank, and what the jury wrote for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlmodel import Session
from werkzeug.wrappers import Response

from datathon.editions.rules import Challenge, Edition, PhaseKind, Window
from datathon.kernel.errors import Conflict, Invalid, Refusal
from datathon.leaderboard.intervals import lay
from datathon.leaderboard.queries import board, primary
from datathon.leaderboard.rules import quantise
from datathon.publication.appeal import TEXT_LIMIT, AppealView, appeals, file_appeal, window
from datathon.publication.certainty import metric_rows, with_certainty
from datathon.publication.decided import order_of
from datathon.publication.feedback import released
from datathon.publication.queries import Publication, latest
from datathon.publication.why import LEAST_SHEETS, why
from datathon.teams.tables import Team
from datathon.web import show
from datathon.web.errors import status_of
from datathon.web.guards import guarded, member, scope, the_edition, the_own_team, the_person
from datathon.web.house import house, now, read_db, write_db
from datathon.web.participant.door import blueprint
from datathon.web.why_words import WhyPage, why_page


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A team on the public board of a challenge; ``facts`` are labels and values, ``score`` and ``rank`` its own."""

    challenge: Challenge
    score: str
    rank: int | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InTheEnd:
    """What counted of a team's predictions: the hidden value, its points out of 100, the submission's number."""

    challenge: Challenge
    metric: str
    value: str
    points: float | None
    submission: int | None
    chosen: bool
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AppealPart:
    """The team's appeals and whether it may file one: ``until`` the window ends, None where there is none any more."""

    ends: datetime | None
    open: bool
    filed: tuple[AppealView, ...]
    typed: str
    refusal: Refusal | None
    limit: int


@dataclass(frozen=True, slots=True)
class ResultPage:
    """Everything the page shows. Before the announcement ``why`` is None and nothing of the jury is there."""

    edition: Edition
    title: str
    standfirst: str
    announced: bool
    boards: tuple[OnBoard, ...]
    metrics: tuple[InTheEnd, ...]
    why: WhyPage | None
    comments: tuple[str, ...]
    graded: bool
    spread_from: int
    appeal: AppealPart | None


@blueprint.get("/e/<edition>/team/result")
@guarded(member)
def team_result(edition: str) -> str:
    """Show the team's own result: what everybody may see before the announcement, all of its own from then on."""
    del edition
    return _shown()


@blueprint.post("/e/<edition>/team/result/appeal")
@guarded(member)
def contest(edition: str) -> Response | tuple[str, int]:
    """File the team's appeal; a refusal shows the page again with what was typed."""
    text = request.form.get("text", "")
    try:
        with write_db() as db:
            file_appeal(
                db,
                edition=the_edition(),
                team_id=the_own_team().id,
                person_id=the_person().id,
                text=text,
                base_url=house().settings.base_url.rstrip("/"),
                now=now(),
            )
    except (Conflict, Invalid) as refusal:
        return _shown(text, refusal), status_of(refusal)
    flash(_("Your appeal is filed; the organisers are told."), "done")
    return redirect(url_for("participant.team_result", edition=edition) + "#appeal", 303)


def _shown(typed: str = "", refusal: Refusal | None = None) -> str:
    with read_db() as db:
        page = result_page(db, the_edition(), the_own_team(), scope().windows)
        part = appeal_part(db, the_edition(), the_own_team(), typed=typed, refusal=refusal, at=now())
    return render_template("participant/result.html", page=replace(page, appeal=part))


def appeal_part(
    db: Session, edition: Edition, team: Team, *, typed: str, refusal: Refusal | None, at: datetime
) -> AppealPart | None:
    """Return what the page says of appeals, None where the rules provide none and nothing was ever filed."""
    found, filed = window(db, edition), appeals(db, edition.id, team_id=team.id)
    if found is None and not filed:
        return None
    may = found is not None and found.is_open(at) and all(a.ranking != found.ranking for a in filed)
    return AppealPart(None if found is None else found.ends, may, filed, typed, refusal, TEXT_LIMIT)


def result_page(db: Session, edition: Edition, team: Team, windows: Sequence[Window]) -> ResultPage:
    """Return the page of ``team`` as one of its members sees it."""
    published = latest(db, edition.id)
    boards = tuple(one for c in edition.challenges if c.takes_predictions for one in _on_board(db, edition, c, team))
    found = None if published is None else why(published.results, team.slug)
    if published is None or found is None:
        return ResultPage(
            edition=edition,
            title=_("Your result"),
            standfirst=_("Your team is not in the ranking that was announced.")
            if published is not None
            else _coming(windows),
            announced=published is not None,
            boards=boards,
            metrics=(),
            why=None,
            comments=(),
            graded=False,
            spread_from=LEAST_SHEETS,
            appeal=None,
        )
    explained = why_page(edition, published.results, found, version=published.version)
    return ResultPage(
        edition=edition,
        title=_title(published.results, team, explained),
        standfirst=explained.standfirst,
        announced=True,
        boards=boards,
        metrics=tuple(_in_the_end(edition, with_certainty(db, edition, published), team)),
        why=explained,
        comments=released(db, edition, team.id),
        graded=bool(found.marks),
        spread_from=LEAST_SHEETS,
        appeal=None,
    )


def _title(results: Mapping[str, Any], team: Team, explained: WhyPage) -> str:
    rank = order_of(results).get(team.slug)
    return explained.title if rank is None else _("%(team)s, %(rank)s", team=team.name, rank=show.ordinal(rank))


def _coming(windows: Sequence[Window]) -> str:
    opens = next((w.opens for w in windows if w.phase.kind is PhaseKind.ANNOUNCEMENT), None)
    if opens is None:
        return _("Marks and comments of the jury come with the announcement.")
    return _(
        "Marks and comments of the jury come with the announcement, planned for %(when)s.", when=show.instant(opens)
    )


def _on_board(db: Session, edition: Edition, challenge: Challenge, team: Team) -> list[OnBoard]:
    shown = board(db, edition, challenge)
    rows = [] if shown is None else [row for row in shown.payload["rows"] if row["kind"] == "team"]
    own = next((row for row in rows if row.get("slug") == team.slug), None)
    if own is None:
        return []
    metric = primary(challenge)
    facts = _sure(own)
    above = None if own["rank"] is None else [r for r in rows if r["rank"] is not None and r["rank"] < own["rank"]]
    if above:
        gap = abs(quantise(own["score"], metric.decimals) - quantise(above[-1]["score"], metric.decimals))
        ahead = _("%(gap)s behind %(team)s", gap=show.decimal(gap, metric.decimals), team=above[-1]["team"])
        facts.append((_("To the next rank"), ahead))
    return [OnBoard(challenge, show.decimal(own["score"], metric.decimals), own["rank"], tuple(facts))]


def _sure(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what is known of the certainty of a rank, by label: its interval, who cannot be told apart."""
    facts = []
    if row.get("interval"):
        low, high = row["interval"]
        said = str(low) if low == high else _("between %(low)s and %(high)s", low=low, high=high)
        facts.append((_("Interval of its rank"), said))
    if row.get("tied"):
        facts.append((_("Not to be told apart from"), ", ".join(row["tied"])))
    return facts


def _hidden(results: Mapping[str, Any], component: str, team: str) -> tuple[tuple[str, str], ...]:
    known = results.get("intervals", {}).get(component)
    if known is None:
        return ()
    rows = metric_rows(results, component)
    lay(rows, known)
    own = next((row for row in rows if row["slug"] == team), None)
    if own is None:
        return ()
    return ((_("Rank by this metric alone"), str(own["rank"])), *_sure(own))


def _in_the_end(edition: Edition, published: Publication, team: Team) -> list[InTheEnd]:
    results = published.results
    row = next((r for r in results["ranking"] if r["team"] == team.slug), None)
    row = row or next(t for t in results["teams"] if t["id"] == team.slug)
    found = []
    for component in results["components"]:
        values = results.get("metrics", {}).get(component["id"], results["metric"])
        challenge = edition.challenge(component.get("challenge", ""))
        if component["kind"] != "metric" or challenge is None or team.slug not in values:
            continue
        counted = results.get("counted", {}).get(component["id"], {}).get(team.slug, {})
        found.append(
            InTheEnd(
                challenge,
                component.get("metric", ""),
                show.decimal(values[team.slug], component.get("metric_decimals")),
                row.get("scores", {}).get(component["id"]),
                counted.get("submission"),
                bool(counted.get("chosen")),
                _hidden(results, component["id"], team.slug),
            )
        )
    return found
