"""The deliberation as the president and the organisers see it: what was computed, what is decided, how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict

from datathon.editions.rules import Edition
from datathon.kernel.errors import Conflict, Refusal
from datathon.leaderboard.merge import Standing
from datathon.publication.deliberate import Award, Decision, state_of
from datathon.publication.preview import Preview
from datathon.publication.queries import Publication
from datathon.publication.tables import Deliberation
from datathon.publication.why import marks_of
from datathon.web import show
from datathon.web.organiser.pages import said
from datathon.web.vote_count import VoteCount, vote_count

MENTIONS = 3
"""Special mentions that the form has room for."""


OPEN_PLACES = 10


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A ranked team: its computed rank and the decided one, as text where a form was refused."""

    team: str
    name: str
    computed: int
    shared: bool
    total: float
    rank: str
    reason: str
    error: str
    meanwhile: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The means of all teams on one criterion, in percent of the maximum, with the highest team's name."""

    title: str
    ticks: tuple[float, ...]
    low: float
    high: float
    maximum: float
    best: str


@dataclass(frozen=True, slots=True)
class AwardRow:
    """A prize or a mention in the form; ``team`` is the slug, "" for nobody."""

    field: str
    title: str
    prize: bool
    team: str
    meanwhile: str = ""


@dataclass(frozen=True, slots=True)
class DeliberationPage:
    """Everything the page shows; ``row`` is None before anything was decided.

    ``version`` is the deliberation's, ``correcting`` the number that a correction of what is published would get, else 0;
    ``meanwhile`` stands in places and awards where a refused form says otherwise than what somebody else recorded.
    """

    edition: Edition
    blockers: tuple[str, ...]
    state: str
    title: str
    standfirst: str
    row: Deliberation | None
    version: int
    places: tuple[PlaceRow, ...]
    strips: tuple[Strip, ...]
    awards: tuple[AwardRow, ...]
    teams: tuple[tuple[str, str], ...]
    present: str
    quorum: int
    casting: str
    stale: bool
    refusal: Refusal | None
    correcting: int
    answers: tuple[str, ...]
    vote: VoteCount | None

    @property
    def open_places(self) -> int:
        """Places shown at once; those after them fold away."""
        return OPEN_PLACES if len(self.places) > OPEN_PLACES + 2 else len(self.places)

    @property
    def moved_further(self) -> bool:
        """Whether a place that folds away was moved, explained or refused: then it is shown."""
        return any(
            place.rank.strip() != str(place.computed) or place.reason or place.error or place.meanwhile
            for place in self.places[self.open_places :]
        )


def deliberation_page(
    edition: Edition,
    preview: Preview,
    row: Deliberation | None,
    *,
    published: Publication | None,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> DeliberationPage:
    """Return the page; ``typed`` is a refused form, shown again as it was sent."""
    current = published is not None and published.results.get("digest") == f"sha256:{preview.digest}"
    state = state_of(row, announced=published is not None, current=current)
    correcting = published is not None and state != "announced"
    overtaken = typed is not None and isinstance(refusal, Conflict) and row is not None
    ranked = [] if preview.blockers else [s for s in preview.standings if s.status == "ranked"]
    stay = [] if preview.blockers else [s for s in preview.standings if s.status != "withdrawn"]
    places = tuple(_place(s, row, typed, refusal, overtaken=overtaken) for s in ranked)
    return DeliberationPage(
        edition=edition,
        blockers=tuple(said(b.message, b.params) for b in preview.blockers),
        state=state,
        title=_title(state, correcting=correcting),
        standfirst=_standfirst(state, row),
        row=row,
        version=0 if row is None else row.version,
        places=tuple(sorted(places, key=lambda p: int(p.rank)))
        if typed is None and state in ("validated", "announced")
        else places,
        strips=() if preview.blockers else _strips(edition, preview),
        awards=_awards(edition, row, typed, {s.team: s.name for s in stay} if overtaken else {}),
        teams=tuple((s.team, s.name) for s in stay),
        present=typed.get("present", "") if typed is not None else str(row.present or "" if row is not None else ""),
        quorum=0 if edition.rubric is None else edition.rubric.quorum,
        casting=typed.get("casting", "") if typed is not None else ("" if row is None else row.casting),
        stale=row is not None and not preview.blockers and row.digest != preview.computed,
        refusal=refusal,
        correcting=preview.version if correcting else 0,
        vote=None if preview.blockers else vote_count(preview.results),
        answers=_overtaken(row, typed) if overtaken and row is not None and typed is not None else (),
    )


def _overtaken(row: Deliberation, typed: Mapping[str, str]) -> tuple[str, ...]:
    """Return what somebody else recorded otherwise beside the places and awards."""
    said_ = []
    if str(row.present) != typed.get("present", "").strip():
        said_.append(_("Members present, as recorded meanwhile: %(present)s.", present=row.present))
    if row.casting != typed.get("casting", "").strip():
        said_.append(_("Casting vote, as recorded meanwhile: %(casting)s", casting=row.casting or "–"))
    return tuple(said_)


def _title(state: str, *, correcting: bool) -> str:
    if correcting:
        return _("Correction, to be announced") if state == "validated" else _("Correction, to be validated")
    return {
        "provisional": _("Deliberation"),
        "deliberated": _("Deliberated, to be validated"),
        "validated": _("Validated, to be announced"),
        "announced": _("Announced"),
    }[state]


def _standfirst(state: str, row: Deliberation | None) -> str:
    if state == "validated" and row is not None and row.embargo_until is not None:
        return _("Under embargo until %(until)s.", until=show.instant(row.embargo_until))
    return {
        "provisional": _("The computed order is a proposal. The jury confirms it or moves a place, with a reason; both stay visible."),
        "deliberated": _("An organiser reads the minutes and validates them; they are frozen then."),
        "validated": _("The minutes are frozen. Publishing the ranking announces it."),
        "announced": _("What is published is final; a correction is a new version."),
    }[state]  # fmt: skip


def _place(
    standing: Standing,
    row: Deliberation | None,
    typed: Mapping[str, str] | None,
    refusal: Refusal | None,
    *,
    overtaken: bool,
) -> PlaceRow:
    kept = next((p for p in row.places if p["team"] == standing.team), None) if row is not None else None
    rank = str(standing.rank if kept is None else kept["rank"])
    reason = "" if kept is None else str(kept["reason"])
    recorded = rank, reason
    if typed is not None:
        rank, reason = typed.get(f"rank-{standing.team}", rank), typed.get(f"reason-{standing.team}", reason)
    named = refusal is not None and getattr(refusal, "field", None) in {
        f"rank-{standing.team}",
        f"reason-{standing.team}",
    }
    return PlaceRow(
        standing.team,
        standing.name,
        standing.rank or 0,
        standing.shared,
        standing.total or 0.0,
        rank,
        reason,
        show.sentence(refusal) if named and refusal is not None else "",
        " ".join(recorded) if overtaken and recorded != (rank.strip(), reason.strip()) else "",
    )


def _strips(edition: Edition, preview: Preview) -> tuple[Strip, ...]:
    if edition.rubric is None:
        return ()
    graded = [s for s in preview.standings if s.jury_raw is not None and s.status != "withdrawn"]
    marks = {s.team: marks_of(preview.results, s.team) for s in graded}
    found = []
    for n, criterion in enumerate(edition.rubric.criteria):
        means = {s.name: marks[s.team][n].mean for s in graded if marks[s.team]}
        if not means:
            continue
        top = max(means.values())
        best = ", ".join(name for name, mean in means.items() if mean == top)
        ticks = tuple(round(100 * mean / criterion.maximum, 1) for mean in sorted(set(means.values())))
        found.append(Strip(show.text(criterion.title), ticks, min(means.values()), top, criterion.maximum, best))
    return tuple(found)


def _awards(
    edition: Edition, row: Deliberation | None, typed: Mapping[str, str] | None, overtaken: Mapping[str, str]
) -> tuple[AwardRow, ...]:
    kept = [] if row is None else row.awards
    prizes = edition.ranking.prizes if edition.ranking is not None else ()
    rows = [
        AwardRow(
            f"prize-{prize.id}",
            show.text(prize.title),
            prize=True,
            team=next((str(a["team"] or "") for a in kept if a.get("id") == prize.id), ""),
        )
        for prize in prizes
    ]
    mentions = [a for a in kept if "title" in a][:MENTIONS]
    mentions += [{"title": "", "team": ""}] * (MENTIONS - len(mentions))
    rows += [
        AwardRow(f"mention-{n}", str(m["title"]), prize=False, team=str(m["team"] or ""))
        for n, m in enumerate(mentions)
    ]
    if typed is None:
        return tuple(rows)
    return tuple(
        AwardRow(
            r.field,
            r.title if r.prize else typed.get(f"{r.field}-title", ""),
            r.prize,
            typed.get(r.field, ""),
            _other(r, typed, overtaken),
        )
        for r in rows
    )


def _other(row: AwardRow, typed: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return what somebody else recorded of an award, "" where the form says the same."""
    same = row.team == typed.get(row.field, "") and (row.prize or row.title == typed.get(f"{row.field}-title", ""))
    if not names or same:
        return ""
    team = names.get(row.team, "–")
    return team if row.prize else f"{row.title or '–'} ({team})"


def decision_of(edition: Edition, form: ImmutableMultiDict[str, str]) -> Decision:
    """Return the decision in a form; a rank that is no number becomes 0, which no ranking has."""
    ranks = {
        name.removeprefix("rank-"): int(value) if value.strip().isdecimal() and len(value) < 6 else 0
        for name, value in form.items()
        if name.startswith("rank-")
    }
    reasons = {name.removeprefix("reason-"): v for name, v in form.items() if name.startswith("reason-")}
    awards = [
        Award(prize.id, "", form.get(f"prize-{prize.id}") or None)
        for prize in (edition.ranking.prizes if edition.ranking is not None else ())
    ]
    awards += [
        Award(None, form.get(f"mention-{n}-title", ""), form.get(f"mention-{n}") or None)
        for n in range(MENTIONS)
        if form.get(f"mention-{n}-title", "").strip() and form.get(f"mention-{n}")
    ]
    present = form.get("present", "").strip()
    return Decision(
        ranks,
        reasons,
        tuple(awards),
        form.get("casting", ""),
        int(present) if present.isdecimal() and len(present) < 5 else 0,
    )
