"""The minutes of a deliberation: every parameter of the ranking, who sat, what was decided, lines to sign."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.jury.adopt import adopted
from datathon.jury.queries import Matrix, matrix
from datathon.publication.decided import order_of, with_decisions
from datathon.publication.preview import Preview
from datathon.publication.queries import REASONS
from datathon.publication.tables import Deliberation
from datathon.web import show
from datathon.web.organiser.facts import conflict_notes
from datathon.web.organiser.final_page import tie_rules
from datathon.web.organiser.pages import said
from datathon.web.organiser.sensitivity_page import scheme_name
from datathon.web.vote_count import vote_count


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A ranked team: the place that holds, the computed one, its scores and the reason of a change."""

    rank: int
    computed: int
    name: str
    jury: float | None
    total: float
    reason: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything the minutes say. ``names`` tells that members of the jury stand in them by name, not by pseudonym.

    ``head`` names who presides and ``organiser`` who validates, beside the lines to sign.
    """

    edition: Edition
    row: Deliberation
    jurors: tuple[tuple[str, bool, int], ...]
    conflicts: tuple[tuple[str, str, str], ...]
    quorum: int
    parameters: tuple[tuple[str, str], ...]
    places: tuple[PlaceLine, ...]
    unranked: tuple[tuple[str, str], ...]
    awards: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    changed: bool
    names: bool
    head: str
    organiser: str
    written_at: datetime


def minutes_of(
    db: Session,
    edition: Edition,
    preview: Preview,
    row: Deliberation,
    *,
    now: datetime,
    names: bool = True,
    organiser: str = "",
) -> Minutes:
    """Return the minutes of what the jury decided about ``preview``, whose content the deliberation must name.

    Without ``names`` members of the jury stand in them as in results.json (j1, j2, …), and of conflicts their number.
    """
    found = preview.results
    if edition.ranking is not None and row.digest == preview.computed:
        found = with_decisions({**found, "decided": [], "awards": []}, row, edition.ranking)
    teams = {t["id"]: t["name"] for t in found["teams"]}
    rows = {r["team"]: r for r in found["ranking"]}
    reasons = {item["team"]: item["reason"] for item in found["decided"]}
    sat = matrix(db, edition) if edition.rubric is not None else None
    return Minutes(
        edition=edition,
        row=row,
        jurors=_named(sat) if names else _pseudonyms(found),
        conflicts=_conflicts(db, edition.id) if names else _counted(db, edition.id),
        quorum=0 if edition.rubric is None else edition.rubric.quorum,
        parameters=(*_parameters(edition, preview), *_rubrics(db, edition)),
        places=tuple(
            PlaceLine(rank, rows[t]["rank"], teams[t], rows[t]["jury"], rows[t]["total"], reasons.get(t, ""))
            for t, rank in order_of(found).items()
        ),
        unranked=tuple(
            (t["name"], _(REASONS[t["reason"]]) if t.get("reason") in REASONS else t["status"])
            for t in found["teams"]
            if t["status"] != "ranked"
        ),
        awards=tuple((_award(a), teams.get(a["team"]) or _("withheld")) for a in found.get("awards", [])),
        remarks=tuple(
            said(
                r.message,
                r.params if names or "juror" not in r.params else {**r.params, "juror": _("a member of the jury")},
            )
            for r in preview.remarks
        ),
        changed=bool(found["decided"]),
        names=names,
        head="" if sat is None or not names else ", ".join(j.name for j in sat.jurors if j.president),
        organiser=organiser,
        written_at=now,
    )


def _named(sat: Matrix | None) -> tuple[tuple[str, bool, int], ...]:
    return () if sat is None else tuple((j.name, j.president, j.submitted) for j in sat.jurors)


def _pseudonyms(results: Mapping[str, Any]) -> tuple[tuple[str, bool, int], ...]:
    given = Counter(sheet["juror"] for sheet in results["sheets"])
    return tuple((juror, False, count) for juror, count in sorted(given.items(), key=lambda p: (len(p[0]), p[0])))


def _conflicts(db: Session, edition_id: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((c.juror, c.team, c.reason) for c in conflict_notes(db, edition_id))


def _counted(db: Session, edition_id: str) -> tuple[tuple[str, str, str], ...]:
    """Return how many members did not grade each team, without their names and reasons."""
    given = Counter(c.team for c in conflict_notes(db, edition_id))
    return tuple((ngettext("One member", "%(num)s members", count), team, "") for team, count in sorted(given.items()))


def _rubrics(db: Session, edition: Edition) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            _("Rubric, version %(version)s", version=one.version),
            " ".join((show.instant(one.at), one.reason, show.short_digest(one.digest))),
        )
        for one in adopted(db, edition.id)
    )


def _award(award: Mapping[str, Any]) -> str:
    title = award["title"]
    return str(title) if isinstance(title, str) else show.text(title)


def _vote(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    counted = vote_count(found)
    if counted is None:
        return ()
    lines = ", ".join(f"{line.name} {line.count}" for line in counted.lines)
    return ((show.text(counted.title), f"{counted.says} {counted.rule} {lines}"),)


def _parameters(edition: Edition, preview: Preview) -> tuple[tuple[str, str], ...]:
    found = preview.results
    whole = sum(c["weight"] for c in found["components"])
    lines = [(_("Scheme"), scheme_name(found["scheme"]))]
    for component in found["components"]:
        share = show.percent(100 * component["weight"] / whole, 1)
        if component["kind"] == "jury":
            lines.append((_("Jury, weight"), share))
            lam = component.get("lambda") or (component.get("shown") or {}).get("lambda")
            lines.append(
                (
                    _("Correction of severity"),
                    _("no correction") if lam is None
                    else _("%(method)s, lambda %(lam)s, counts", method=component["correction"], lam=show.decimal(lam))
                    if component["correction"] != "raw"
                    else _("%(method)s, lambda %(lam)s, shown only",
                           method=component["shown"]["correction"], lam=show.decimal(lam)),
                )
            )  # fmt: skip
            continue
        if component["kind"] == "vote":
            lines.append((_("Public vote, weight"), share))
            continue
        lines.append((_("Metric “%(metric)s”, weight", metric=component.get("metric") or component["id"]), share))
        if component.get("baseline") is not None:
            lines.append(
                (
                    _("Anchors"),
                    _("%(baseline)s is worth 0 points and %(target)s is worth 100.",
                      baseline=show.decimal(component["baseline"]), target=show.decimal(component["target"])),
                )
            )  # fmt: skip
    if edition.rubric is not None:
        criteria = "; ".join(f"{show.text(c.title)} {show.decimal(c.counts)}" for c in edition.rubric.criteria)
        lines.append((_("Criteria and maxima"), criteria))
        lines.append((_("Threshold of the jury, before rounding"), show.decimal(edition.rubric.threshold)))
        lines.extend(
            (_("Threshold of “%(criterion)s”", criterion=show.text(c.title)), show.decimal(c.threshold))
            for c in edition.rubric.criteria
            if c.threshold is not None
        )
    lines.extend(_vote(found))
    lines.append((_("Tie rules"), tie_rules(preview, edition)))
    lines.append((_("Decimals compared"), str(found["decimals"])))
    lines.append((_("Seed of the trials"), str(int(preview.digest[:12], 16))))
    lines.append((_("Code"), str(found["code"])))
    lines.extend(
        (str(name), show.short_digest(str(digest)))
        for name, digest in found["inputs"].items()
        if "/submissions/" not in name
    )
    lines.append((_("SHA-256 of the computed ranking"), preview.computed))
    return tuple(lines)
