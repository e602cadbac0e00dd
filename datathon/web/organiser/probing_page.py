"""Who tries how often on the public board, and what remained of it: for organisers, as a page and as CSV."""

import csv
import io
from dataclasses import dataclass
from datetime import date

from flask import Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.probing import Probing, Report, report
from datathon.leaderboard.queries import Primary, closed_since, primary
from datathon.publication.queries import latest
from datathon.scoring.notice import rows_known
from datathon.web import show
from datathon.web.guards import NOWHERE, guarded, organiser, scope, the_challenge, the_edition
from datathon.web.house import now, read_db
from datathon.web.organiser.views import blueprint
from datathon.web.paging import Leaf, leaf

PER_PAGE = 20
TOLD = 4
"""Sentences about single teams."""
FIELDS = (
    "team", "status", "files", "last_24_hours", "busiest_day", "files_on_it", "improvements", "small_steps",
    "public_gain", "private_gain",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProbingPage:
    """Everything the page shows; ``bars`` draws the files of each day in a square of 100, the day with most full high."""

    edition: Edition
    challenge: Challenge
    metric: Primary
    found: Report
    closed: bool
    shown: Leaf[Probing]
    finding: str
    sayings: tuple[str, ...]
    bars: str
    first: date | None
    last: date | None
    most: int


@blueprint.get("/<edition>/probing")
@guarded(organiser)
def probing(edition: str) -> str:
    """Show the report of the first challenge that is scored."""
    del edition
    challenge = next((c for c in the_edition().challenges if c.takes_predictions), None)
    if challenge is None:
        raise NotFound("This edition scores no predictions: a jury grades its prototypes.")
    return _show(challenge)


@blueprint.get("/<edition>/probing/<challenge>")
@guarded(organiser)
def probing_of_challenge(edition: str, challenge: str) -> str:
    """Show the report of one challenge."""
    del edition, challenge
    return _show(_scored())


@blueprint.get("/<edition>/probing/<challenge>/report.csv")
@guarded(organiser)
def probing_csv(edition: str, challenge: str) -> Response:
    """Give the report to spreadsheets; the private gain is empty until the results are published."""
    del edition
    with read_db() as db:
        found = _report(db, the_edition(), _scored())
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(FIELDS)
    for one in found.teams:
        name = f"'{one.team}" if one.team[:1] in "=+-@\t\r" else one.team
        numbers = (one.files, one.late, one.busy_day.isoformat(), one.busiest, one.improved)
        small, kept = "" if one.small is None else one.small, "" if one.kept is None else one.kept
        writer.writerow((name, one.status, *numbers, small, one.gained, kept))
    answer = Response(out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{challenge}-probing.csv"'
    return answer


def _scored() -> Challenge:
    if not the_challenge().takes_predictions:
        raise NotFound(NOWHERE)
    return the_challenge()


def _report(db: Session, edition: Edition, challenge: Challenge) -> Report:
    known, closed = rows_known(db, edition.id, challenge.id), closed_since(scope().windows)
    return report(
        db,
        edition,
        challenge,
        rows=None if known is None else known[0],
        until=closed or now(),
        # Before the announcement nobody reads private values, organisers included.
        with_private=latest(db, edition.id) is not None,
    )


def _show(challenge: Challenge) -> str:
    with read_db() as db:
        found = _report(db, the_edition(), challenge)
    page = probing_page(the_edition(), challenge, found, closed=closed_since(scope().windows) is not None,
                        number=request.args.get("page", 1, type=int))  # fmt: skip
    return render_template("organiser/probing.html", page=page)


def probing_page(edition: Edition, challenge: Challenge, found: Report, *, closed: bool, number: int) -> ProbingPage:
    """Return page ``number`` (from 1) of a report."""
    metric = primary(challenge)
    days = dict(found.days)
    first, last = (min(days), max(days)) if days else (None, None)
    most = max(days.values(), default=0)
    return ProbingPage(
        edition=edition,
        challenge=challenge,
        metric=metric,
        found=found,
        closed=closed,
        shown=leaf(found.teams, number, per_page=PER_PAGE),
        finding=_finding(found),
        sayings=_sayings(found, metric, closed=closed),
        bars="" if first is None or last is None else _bars(days, first, last, most),
        first=first,
        last=last,
        most=most,
    )


def _bars(days: dict[date, int], first: date, last: date, most: int) -> str:
    step = 100 / ((last - first).days + 1)
    path = []
    for day, count in sorted(days.items()):
        left, high = step * (day - first).days, 100 * count / most
        path.append(f"M{left + 0.1 * step:.4g} 100V{100 - high:.4g}h{0.8 * step:.4g}V100z")
    return "".join(path)


def _finding(found: Report) -> str:
    if not found.teams:
        return _("No file has a score yet.")
    said = ngettext("One team", "%(num)s teams", len(found.teams))
    sentence = ngettext(
        "%(teams)s had one file scored.", "%(teams)s had %(num)s files scored.", found.files, teams=said
    )
    kept = found.share_kept
    if kept is None:
        return sentence
    if kept <= 0:
        return f"{sentence} {_('Of what they gained on the public part, nothing remained on the hidden rows.')}"
    share = show.percent(min(999, 100 * kept))
    return (
        f"{sentence} {_('Of what they gained on the public part, %(share)s remained on the hidden rows.', share=share)}"
    )


def _sayings(found: Report, metric: Primary, *, closed: bool) -> tuple[str, ...]:
    """Return in plain words what stands out, at most TOLD sentences of each kind."""
    late = [t for t in found.teams if t.files >= 5 and t.share_late >= 0.5]
    small = [t for t in found.teams if t.small is not None and t.files >= 5 and 2 * t.small >= t.files]
    lost = [t for t in found.teams if t.share_kept is not None and t.files >= 5 and t.share_kept < 0.5]
    said = [
        _("%(team)s made %(late)s of its %(files)s submissions in the last 24 hours before the end.", team=t.team, late=t.late, files=t.files)
        if closed
        else _("%(team)s made %(late)s of its %(files)s submissions in the last 24 hours.", team=t.team, late=t.late, files=t.files)
        for t in sorted(late, key=lambda t: -t.share_late)[:TOLD]
    ]  # fmt: skip
    said += [
        _("%(team)s changed its score by no more than two rows in %(small)s of %(files)s files: so does who tries out single rows.", team=t.team, small=t.small, files=t.files)
        for t in sorted(small, key=lambda t: -(t.small or 0))[:TOLD]
    ]  # fmt: skip
    said += [
        _("%(team)s gained %(gained)s on the public part; %(kept)s of it remained on the hidden rows.", team=t.team, gained=show.decimal(t.gained, metric.decimals), kept=show.decimal(t.kept or 0.0, metric.decimals))
        for t in sorted(lost, key=lambda t: t.share_kept or 0.0)[:TOLD]
    ]  # fmt: skip
    return tuple(said)
