"""What a session of comparisons shows: its progress while it is open, strengths and agreement once it is closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from datathon.editions.rules import Edition
from datathon.jury.comparing import Stand, Votes, seats, stands, votes
from datathon.jury.comparison_tables import Comparison
from datathon.jury.pairwise import Strengths, Vote, agreement_with, strengths
from datathon.kernel.errors import Refusal
from datathon.leaderboard.merge import STRENGTH_DECIMALS, settles_by_pairs
from datathon.leaderboard.rules import quantise, shared_ranks
from datathon.web import show
from datathon.web.paging import Leaf, leaf

PER_PAGE = 15


@dataclass(frozen=True, slots=True)
class StandLine:
    """One prototype. Rank, theta, sd, the chance to be preferred to the next one and the drawing only once closed.

    ``low``, ``middle`` and ``high`` place theta and one sd around it on 0 to 100.
    """

    prototype: str
    team: str
    compared: int
    rank: int | None
    theta: float
    sd: float
    beats_next: float | None
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class JurorLine:
    """One juror: what they did, and how often their votes go the way of the result (words)."""

    name: str
    did: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """The whole page; ``role`` says what the result is used for."""

    edition: Edition
    session: Comparison
    standfirst: str
    linked: str
    islands: bool
    left_out: tuple[str, ...]
    role: str
    lines: Leaf[StandLine]
    jurors: tuple[JurorLine, ...]
    refusal: Refusal | None


def comparison_page(
    db: Session, edition: Edition, session: Comparison, *, counts: bool, number: int, refusal: Refusal | None
) -> SessionPage:
    """Return the page. While the session is open nobody sees who is ahead: the last votes would follow it."""
    found = votes(db, session)
    there = [s for s in stands(db, edition, session.id) if s.status != "withdrawn"]
    fitted = strengths([str(s.team_id) for s in there], found.counting)
    closed = session.closed_at is not None
    return SessionPage(
        edition=edition,
        session=session,
        standfirst=_standfirst(session, found),
        linked=_linked(fitted, {str(s.team_id): s.team for s in there}),
        islands=not fitted.connected,
        left_out=_left_out(found),
        role=_role(edition, closed=closed, counts=counts),
        lines=leaf(_lines(there, found.counting, fitted, closed=closed), number, per_page=PER_PAGE),
        jurors=tuple(
            JurorLine(
                one.name, _did(one.decided, one.set_aside, _agrees(str(one.juror_id), found, fitted, closed=closed))
            )
            for one in seats(db, session.id)
        ),
        refusal=refusal,
    )


def _standfirst(session: Comparison, found: Votes) -> str:
    counting = ngettext("%(num)s comparison counts.", "%(num)s comparisons count.", len(found.counting))
    if session.closed_at is not None:
        return _("Closed on %(when)s.", when=show.instant(session.closed_at)) + " " + counting
    return _("Open since %(when)s.", when=show.instant(session.opened_at)) + " " + counting


def _linked(fitted: Strengths, names: Mapping[str, str]) -> str:
    if fitted.connected:
        return _("Comparisons link every prototype with every other: one order for all.")
    parts = " | ".join(", ".join(names[t] for t in part) for part in fitted.parts)
    return _(
        "The comparisons fall into %(count)s parts that nobody compared with one another: %(parts)s. Between them the order is not known.",
        count=len(fitted.parts),
        parts=parts,
    )


def _left_out(found: Votes) -> tuple[str, ...]:
    said = [
        (found.aside, ngettext("%(num)s pair was set aside.", "%(num)s pairs were set aside.", found.aside)),
        (found.undone, ngettext("%(num)s answer was taken back.", "%(num)s answers were taken back.", found.undone)),
        (
            found.conflicts,
            ngettext(
                "%(num)s comparison does not count: a conflict of interest.",
                "%(num)s comparisons do not count: a conflict of interest.",
                found.conflicts,
            ),
        ),
        (
            found.withdrawn,
            ngettext(
                "%(num)s comparison does not count: the team withdrew.",
                "%(num)s comparisons do not count: the team withdrew.",
                found.withdrawn,
            ),
        ),
    ]
    return tuple(words for count, words in said if count)


def _role(edition: Edition, *, closed: bool, counts: bool) -> str:
    if closed and not counts:
        return _("Another session was closed later; the ranking reads that one.")
    if edition.ranking is not None and settles_by_pairs(edition.ranking):
        return _(
            "The rules settle ties of the final ranking by these strengths, where all the teams that tie were compared."
        )
    return _("Shown beside the final ranking. It changes no rank: the rules do not name it among the tie rules.")


def _lines(there: Sequence[Stand], counting: Sequence[Vote], fitted: Strengths, *, closed: bool) -> list[StandLine]:
    met = {str(s.team_id): 0 for s in there}
    for vote in counting:
        for team in (vote.winner, vote.loser):
            if team in met:
                met[team] += 1
    if not closed:
        lines = [StandLine(s.prototype, s.team, met[str(s.team_id)], None, 0, 0, None, 0, 0, 0) for s in there]
        return sorted(lines, key=lambda line: line.compared)
    theta = {key: quantise(value, STRENGTH_DECIMALS) for key, value in fitted.theta.items()}
    order = sorted(there, key=lambda s: -theta[str(s.team_id)])
    ranks = shared_ranks([(-theta[str(s.team_id)],) for s in order])
    ends = [theta[t] + side * fitted.sd[t] for t in theta for side in (-1, 1)]
    low, width = min(ends, default=0.0), max(ends, default=1.0) - min(ends, default=0.0) or 1.0
    lines = []
    for n, (stand, rank) in enumerate(zip(order, ranks, strict=True)):
        key = str(stand.team_id)
        following = str(order[n + 1].team_id) if n + 1 < len(order) else None
        at, sd = theta[key], fitted.sd[key]
        lines.append(
            StandLine(
                stand.prototype, stand.team, met[key], rank, at, sd,
                None if following is None else fitted.beats(key, following),
                *(round(100 * (x - low) / width, 2) for x in (at - sd, at, at + sd)),
            )
        )  # fmt: skip
    return lines


def _agrees(juror: str, found: Votes, fitted: Strengths, *, closed: bool) -> float | None:
    return agreement_with(juror, found.counting, fitted) if closed else None


def _did(decided: int, aside: int, agrees: float | None) -> str:
    said = [ngettext("%(num)s pair decided", "%(num)s pairs decided", decided)]
    if aside:
        said.append(ngettext("%(num)s set aside", "%(num)s set aside", aside))
    if agrees is not None:
        said.append(_("with the result in %(share)s of those without a tie", share=show.percent(100 * agrees)))
    return ", ".join(said)
