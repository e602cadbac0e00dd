"""The page where organisers look at the final ranking and publish it, in words."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from datathon.editions.rules import Component, Edition
from datathon.kernel.errors import Refusal
from datathon.leaderboard.merge import strengths_of
from datathon.publication.preview import Preview
from datathon.publication.queries import Publication
from datathon.web import show
from datathon.web.compared_words import by_pairs_says
from datathon.web.organiser import words
from datathon.web.organiser.pages import said
from datathon.web.organiser.ranking_page import Key, RankingPage, Row, Segment, ranking_page
from datathon.web.vote_count import vote_count


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A ranked team in words."""

    rank: int
    name: str
    note: str
    jury: float | None
    metric: float | None
    total: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A team without rank in words."""

    name: str
    why: str
    jury: float | None


@dataclass(frozen=True, slots=True)
class FinalPage:
    """Everything the page shows."""

    edition: Edition
    title: str
    eyebrow: str
    standfirst: str
    weights: str
    rows: tuple[RankedRow, ...]
    others: tuple[OtherRow, ...]
    figure: str
    figure_says: str
    keys: tuple[tuple[str, str], ...]
    method: tuple[str, ...]
    remarks: tuple[str, ...]
    blockers: tuple[str, ...]
    publish_note: str
    published: Publication | None
    unchanged: bool
    version: int
    digest: str
    reason: str
    refusal: Refusal | None


NOTHING = RankingPage((), (), ())


def final_page(
    edition: Edition,
    preview: Preview,
    published: Publication | None,
    *,
    reason: str = "",
    refusal: Refusal | None = None,
) -> FinalPage:
    """Return the page of a preview beside what is published already; without figures while something is in the way."""
    # While marks and predictions can still change nobody reads them, organisers included.
    drawn = ranking_page(preview, preview.inputs.rubric) if not preview.blockers else NOTHING
    unchanged = published is not None and published.results.get("digest") == f"sha256:{preview.digest}"
    return FinalPage(
        edition=edition,
        title=_title(drawn),
        eyebrow=_("Published, version %(version)s", version=published.version) if published else _("Preview"),
        standfirst=_("Scores and marks are read once neither can change any more.")
        if preview.blockers
        else _standfirst(drawn, edition),
        weights=_weights(preview),
        rows=tuple(_row(row, preview) for row in drawn.rows),
        others=tuple(OtherRow(o.name, words.unranked(o.reason), o.jury) for o in drawn.others),
        figure=_figure(drawn.keys),
        figure_says="; ".join(f"{row.name} {show.decimal(row.total, 2)}" for row in drawn.rows[:12]),
        keys=tuple((key.label, _key(key, edition)) for key in drawn.keys),
        method=_method(preview, edition),
        remarks=tuple(said(r.message, r.params) for r in preview.remarks),
        blockers=tuple(said(b.message, b.params) for b in (*preview.blockers, *preview.awaits)),
        publish_note="" if unchanged else _("Version %(version)s. Public at once.", version=preview.version),
        published=published,
        unchanged=unchanged,
        version=preview.version,
        digest=preview.digest,
        reason=reason,
        refusal=refusal,
    )


def _title(drawn: RankingPage) -> str:
    first = [row.name for row in drawn.rows if row.rank == 1]
    if not first:
        return _("No ranking yet")
    if len(first) == 1:
        return _("%(team)s, first", team=first[0])
    return _("%(teams)s, first together", teams=", ".join(first))


def _standfirst(drawn: RankingPage, edition: Edition) -> str:
    said_ = [
        ngettext("One team is ranked.", "%(num)s teams are ranked.", len(drawn.rows))
        if drawn.rows
        else _("No team can be ranked yet.")
    ]
    below = sum(other.reason == "below_threshold" for other in drawn.others)
    if below and edition.rubric is not None:
        said_.append(
            ngettext(
                "One is under the jury’s threshold of %(threshold)s.",
                "%(num)s are under the jury’s threshold of %(threshold)s.",
                below,
                threshold=show.decimal(edition.rubric.threshold),
            )
        )
    if drawn.ties:
        said_.append(ngettext("One shares its rank.", "%(num)s share their rank.", drawn.ties))
    if len(drawn.rows) > 1 and drawn.rows[0].rank != drawn.rows[1].rank:
        gap = show.decimal(drawn.rows[0].total - drawn.rows[1].total, 2)
        said_.append(_("The first is ahead by %(gap)s points.", gap=gap))
    return " ".join(said_)


def _share(component: Component, preview: Preview) -> str:
    whole = sum(c.weight for c in preview.plan.components)
    return show.decimal(round(100 * component.weight / whole, 2))


def _weights(preview: Preview) -> str:
    parts = [show.weight_of(c.kind, _share(c, preview)) for c in preview.plan.components]
    return _("Weights: %(parts)s.", parts=", ".join(parts))


def _row(row: Row, preview: Preview) -> RankedRow:
    notes = []
    if row.submission is not None:
        notes.append(
            _("submission no. %(number)s, chosen by the team", number=row.submission)
            if row.chosen
            else _("submission no. %(number)s, best public score", number=row.submission)
        )
    if row.value is not None:
        notes.append(_("hidden score %(value)s", value=show.decimal(row.value)))
    if row.beside is not None and row.jury is not None:
        corrected = any(c.get("lambda") is not None for c in preview.results["components"])
        value = show.decimal(row.beside, 2)
        notes.append(
            _("jury before correction %(value)s", value=value)
            if corrected
            else _("jury after correction %(value)s", value=value)
        )
    if row.shared:
        notes.append(_("shares its rank: the tie rules do not separate it"))
    return RankedRow(row.rank, row.name, " · ".join(notes), row.jury, row.metric, row.total, row.segments)


def _figure(keys: tuple[Key, ...]) -> str:
    if any(key.kind == "vote" for key in keys):
        return _(
            "Contribution of each criterion (by its number), of the metric (M) and of the public vote (V), in points"
        )
    if any(key.kind == "criterion" for key in keys):
        return _("Contribution of each criterion (by its number) and of the metric (M), in points")
    return _("Contribution of each metric, in points")


def _key(key: Key, edition: Edition) -> str:
    criteria = edition.rubric.criteria if edition.rubric is not None else ()
    found = next((c for c in criteria if c.id == key.id), None)
    return show.part_name(key.kind) if found is None else show.text(found.title)


def _method(preview: Preview, edition: Edition) -> tuple[str, ...]:
    sentences = []
    if any(c.kind == "jury" for c in preview.plan.components):
        lam = next((c["lambda"] for c in preview.results["components"] if c.get("lambda") is not None), None)
        sentences.append(
            by_pairs_says()
            if preview.inputs.by_pairs
            else _("Jury: mean of the submitted sheets, without correction of severity.")
            if lam is None
            else _("Jury: submitted sheets, corrected for severity with lambda %(lam)s.", lam=show.decimal(lam))
        )
    sentences.extend(
        _(
            "Metric: %(baseline)s gives 0 and %(target)s gives 100, in a straight line between them.",
            baseline=show.decimal(component.baseline),
            target=show.decimal(component.target),
        )
        for component in preview.plan.components
        if component.kind == "metric" and component.baseline is not None and component.target is not None
    )
    if preview.inputs.rubric is not None:
        sentences.append(
            _(
                "Under %(threshold)s points of the jury, before rounding, a team is not eligible.",
                threshold=show.decimal(preview.inputs.rubric.threshold),
            )
        )
    sentences.append(_("Equal totals: %(rules)s, else the rank is shared.", rules=tie_rules(preview, edition)))
    counted = vote_count(preview.results)
    if counted is not None:
        sentences.append(f"{counted.says} {counted.rule}")
    if preview.inputs.compared is not None:
        names = {s.team: s.name for s in preview.standings}
        found = sorted(strengths_of(preview.inputs.compared).items(), key=lambda pair: (-pair[1], names[pair[0]]))
        teams = ", ".join(f"{names[team]} {show.signed(theta, 2)}" for team, theta in found)
        sentences.append(_("Compared two by two, the strongest first: %(teams)s.", teams=teams))
    return tuple(sentences)


def tie_rules(preview: Preview, edition: Edition) -> str:
    """Return what separates equal totals, in the order it is tried."""
    names = []
    for rule in preview.plan.tie_break:
        kind, _colon, name = rule.partition(":")
        criteria = edition.rubric.criteria if edition.rubric is not None else ()
        found = next((c for c in criteria if kind == "criterion" and c.id == name), None)
        component = next((c for c in preview.plan.components if rule in (c.id, c.kind)), None)
        if found is not None:
            names.append(_("“%(criterion)s”", criterion=show.text(found.title)))
        elif component is None:
            names.append(_("the comparisons two by two, where every team that ties was compared"))
        else:
            names.append({"jury": _("the jury"), "vote": _("the public vote")}.get(component.kind, _("the metric")))
    return ", ".join(names) if names else _("nothing")
