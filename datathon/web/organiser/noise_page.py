"""How much chance there is in the scores of a test set of this size: before anybody submits, in plain words."""

from dataclasses import dataclass

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlmodel import Session

from datathon.editions.noise import DISAGREEMENT, GAPS, Noise, noise_of, rows_needed
from datathon.editions.rules import Challenge, Edition
from datathon.kernel.errors import NotFound
from datathon.leaderboard.intervals import (
    LOSSES_MISSING,
    NO_LOSSES_DECLARED,
    PUBLIC,
    TOO_FEW_ROWS,
    TRIES,
    VERSIONS,
    Progress,
    progress_of,
)
from datathon.scoring.losses import by_row
from datathon.scoring.notice import rows_known, versions
from datathon.web import show
from datathon.web.guards import NOWHERE, guarded, organiser, the_challenge, the_edition
from datathon.web.house import now, read_db
from datathon.web.organiser.views import blueprint

DISAGREEMENTS = (0.05, DISAGREEMENT, 0.20, 0.40)
"""Shares of rows on which two submissions may differ, to choose from."""
WIDEST = 0.05
"""The largest gap of the drawing: five rows in a hundred."""
STEPS = 25
DRAWS = 2000
"""Draws of the intervals: ``bootstrap.DRAWS``, which needs numpy."""
RIGHT_OR_WRONG = frozenset({"accuracy", "exact_match", "hamming_loss", "hit_at_k", "top_k_accuracy"})
"""Metrics that count rows, or cells, right or wrong: what the table is made for."""
FEW = 0.25
"""Above this share of wrong orders for a gap of two hundredths a public part is called small."""


@dataclass(frozen=True, slots=True)
class GapLine:
    """One true gap, in hundredths of the rows, with what chance makes of it on each part (None: no row there)."""

    gap: float
    public: Noise | None
    private: Noise | None
    needed: int


@dataclass(frozen=True, slots=True)
class NoisePage:
    """Everything the page shows. ``counted``: the metric is a share of right answers. ``public_path`` and ``private_path`` draw P(wrong order), 50 % at the top, by gap.

    ``within``: the largest difference of two means within chance at 95 %, as a share of how much the difference varies
    from row to row; for metrics whose errors are of any size.
    """

    edition: Edition
    challenge: Challenge
    public: int | None
    private: int | None
    trouble: str
    disagreement: float
    disagreements: tuple[float, ...]
    lines: tuple[GapLine, ...]
    finding: str
    advice: tuple[str, ...]
    counted: bool
    within: float
    public_path: str
    private_path: str
    computed: tuple[tuple[str, str], ...]


@blueprint.get("/<edition>/noise")
@guarded(organiser)
def noise(edition: str) -> str:
    """Show the noise of the first challenge that is scored."""
    del edition
    challenge = next((c for c in the_edition().challenges if c.takes_predictions), None)
    if challenge is None:
        raise NotFound("This edition scores no predictions: a jury grades its prototypes.")
    return _show(challenge)


@blueprint.get("/<edition>/noise/<challenge>")
@guarded(organiser)
def noise_of_challenge(edition: str, challenge: str) -> str:
    """Show the noise of one challenge."""
    del edition, challenge
    if not the_challenge().takes_predictions:
        raise NotFound(NOWHERE)
    return _show(the_challenge())


def _show(challenge: Challenge) -> str:
    asked = request.args.get("differ", DISAGREEMENT, type=float)
    with read_db() as db:
        page = noise_page(db, the_edition(), challenge, asked if asked in DISAGREEMENTS else DISAGREEMENT)
    return render_template("organiser/noise.html", page=page)


def noise_page(db: Session, edition: Edition, challenge: Challenge, disagreement: float) -> NoisePage:
    """Return the page of a challenge for submissions that differ on this share of the rows."""
    known, found = rows_known(db, edition.id, challenge.id), versions(db, edition.id, challenge.id)
    public, private = known or (None, None)
    gaps = tuple(gap for gap in GAPS if gap <= disagreement)
    lines = tuple(
        GapLine(
            gap, _noise(public, gap, disagreement), _noise(private, gap, disagreement), rows_needed(gap, disagreement)
        )
        for gap in gaps
    )
    return NoisePage(
        edition=edition,
        challenge=challenge,
        public=public,
        private=private,
        trouble="" if found is None else found.trouble,
        disagreement=disagreement,
        disagreements=DISAGREEMENTS,
        lines=lines if known else (),
        finding=_finding(lines) if known else "",
        advice=_advice(challenge, lines) if known else (),
        counted=not challenge.scorer and challenge.metrics[0].function in RIGHT_OR_WRONG,
        within=1.96 / public**0.5 if public else 0.0,
        public_path=_path(public, disagreement),
        private_path=_path(private, disagreement),
        computed=tuple(
            (_("Board") if one.part == PUBLIC else _("Final ranking"), _progress(one))
            for one in progress_of(db, edition.id, challenge.id, now=now())
        ),
    )


def _progress(one: Progress) -> str:
    """Return how far the intervals of a part are, in words."""
    if one.state == "ready":
        return _("computed on %(at)s", at=show.instant_short(one.since))
    if one.state == "none":
        return _("not available: %(why)s", why=_why_none(one.reason))
    if one.state == "running":
        draws = show.decimal(round(DRAWS * one.share))
        return _("being computed: %(done)s of %(draws)s draws", done=draws, draws=show.decimal(DRAWS))
    if one.silent:
        return _("the worker that computed them fell silent; another one takes over within a minute")
    if one.tries:
        return ngettext(
            "waiting since %(at)s, after %(num)s failure", "waiting since %(at)s, after %(num)s failures", one.tries,
            at=show.instant_short(one.since),
        )  # fmt: skip
    return _("waiting since %(at)s", at=show.instant_short(one.since))


def _why_none(reason: str) -> str:
    said = {
        NO_LOSSES_DECLARED: _("this metric is not made of one error per row."),
        LOSSES_MISSING: _("the errors row by row of an older score were not kept."),
        VERSIONS: _("the scores were computed with different references."),
        TOO_FEW_ROWS: _("there are fewer than two rows to compare."),
    }
    return said.get(reason) or _("the computation failed %(times)s times; the worker’s log says why.", times=TRIES)


def _noise(rows: int | None, gap: float, disagreement: float) -> Noise | None:
    return noise_of(rows, gap, disagreement) if rows else None


def _path(rows: int | None, disagreement: float) -> str:
    if not rows:
        return ""
    gaps = [min(WIDEST, disagreement) * n / STEPS for n in range(STEPS + 1)]
    points = (f"{100 * gap / WIDEST:.4g} {100 - 200 * noise_of(rows, gap, disagreement).wrong:.4g}" for gap in gaps)
    return "M" + "L".join(points)


def _times(share: float) -> str:
    """Return a probability as people say it."""
    if share < 0.005:
        return _("less than once in 200")
    return _("%(times)s times in 100", times=round(100 * share))


def _finding(lines: tuple[GapLine, ...]) -> str:
    first = lines[0]
    gap = show.decimal(100 * first.gap)
    if first.public is None:
        return _("No row is public: the board has nothing to show.")
    if first.private is None:
        return _(
            "A team that is truly better by %(gap)s right answer in 100 stands behind the other on the board %(public)s.",
            gap=gap, public=_times(first.public.wrong),
        )  # fmt: skip
    return _(
        "A team that is truly better by %(gap)s right answer in 100 stands behind the other %(public)s on the board, and %(private)s in the final ranking.",
        gap=gap, public=_times(first.public.wrong), private=_times(first.private.wrong),
    )  # fmt: skip


def _advice(challenge: Challenge, lines: tuple[GapLine, ...]) -> tuple[str, ...]:
    said = []
    second = next((line for line in lines if line.gap == 0.02), lines[-1])
    if second.public is not None and second.public.wrong > FEW:
        said.append(_("The public part is small: tell the teams not to trust small gaps on the board."))
        if not challenge.board.ladder and by_row(challenge):
            said.append(
                _('A ladder keeps them from climbing by many small tries: mode = "ladder" under [leaderboard].')
            )
    if second.private is not None and second.private.wrong > FEW:
        said.append(
            _("The part that decides is small too: let the jury weigh, or keep more rows for the final ranking.")
        )
    return tuple(said)
