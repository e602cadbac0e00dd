"""Compute the final ranking without publishing it, with everything that does not count."""

import hashlib
import importlib.metadata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition, PhaseKind, RankingPlan, is_open
from datathon.jury.adopt import adopted
from datathon.jury.comparing import the_one_that_counts
from datathon.jury.counting import frozen_correction, why_not
from datathon.jury.freeze import with_frozen_rubric
from datathon.jury.freeze_vote import with_frozen_vote
from datathon.jury.grid import Marks
from datathon.jury.queries import KeptSheet, kept_sheets
from datathon.jury.reopened import closings
from datathon.jury.shrinkage import RAW
from datathon.jury.tables import JuryClosing
from datathon.kernel.errors import Invalid, NotFound
from datathon.leaderboard.final import FinalScore, final_scores
from datathon.leaderboard.merge import Contestant, Inputs, Standing, merge
from datathon.leaderboard.queries import pending, primary
from datathon.leaderboard.rules import quantise
from datathon.publication.compared import compared, compared_remarks, open_sessions
from datathon.publication.decided import awaited, with_decisions
from datathon.publication.remarks import Remark, ranking_remarks
from datathon.publication.reopen_sheet import corrected_sheets, reopened_sheets
from datathon.publication.results import Counted, MetricName, digest_of, results_object
from datathon.publication.tables import Deliberation, PublishedRanking
from datathon.publication.voted import open_vote, vote_remarks, with_votes
from datathon.scoring.notice import versions
from datathon.submissions.tables import Prototype
from datathon.teams.tables import Team


@dataclass(frozen=True, slots=True)
class Preview:
    """The ranking as it would be published now.

    ``remarks`` lists what does not count and why; while ``blockers`` is not empty it cannot be published. ``digest``
    names exactly this content; ``version`` is the number the publication would get. ``inputs`` is what was merged, with
    pseudonyms that ``jurors`` turns into names; neither leaves the house. ``computed`` is the digest without what the
    jury decided, ``awaits`` what the deliberation still lacks before anything may be announced.
    """

    standings: tuple[Standing, ...]
    plan: RankingPlan
    results: Mapping[str, Any]
    digest: str
    version: int
    remarks: tuple[Remark, ...]
    blockers: tuple[Remark, ...]
    inputs: Inputs
    jurors: Mapping[str, str]
    computed: str
    awaits: tuple[Remark, ...]


def preview(db: Session, edition: Edition, *, now: datetime) -> Preview:
    """Return the final ranking as the scores, choices and sheets give it now.

    Raises Invalid when the edition announces no ranking or its plan cannot be computed.
    """
    edition = with_frozen_vote(db, with_frozen_rubric(db, edition))
    if edition.ranking is None:
        raise Invalid("This edition announces no final ranking.")
    teams = list(
        db.exec(select(Team).where(Team.edition_id == edition.id).order_by(func.lower(col(Team.name)), col(Team.slug)))
    )
    by_component = {
        c.id: (challenge, final_scores(db, edition, challenge))
        for c in edition.ranking.components
        if c.kind == "metric"
        for challenge in (_challenge(edition, c.challenge),)
    }
    sheets = kept_sheets(db, edition) if edition.rubric is not None else ()
    inputs = _inputs(edition, edition.ranking, teams, by_component, sheets)
    in_play = {team.id: team.slug for team in teams if team.status != "withdrawn"}
    inputs = replace(inputs, correction=frozen_correction(db, edition.id), compared=compared(db, edition, in_play))
    inputs = with_votes(db, edition, _of_pairs(edition, inputs))
    standings = merge(inputs)
    results = results_object(
        edition=edition.id,
        inputs=inputs,
        standings=standings,
        metric_names={k: _metric_name(challenge) for k, (challenge, _) in by_component.items()},
        counted={k: _counted(finals, in_play) for k, (_, finals) in by_component.items()},
        digests=_digests(edition, by_component.values(), in_play),
        code="datathon " + importlib.metadata.version("datathon-platform"),
        rubrics=_rubrics(db, edition.id),
        closings=_closings(db, edition.id),
    )
    decided, computed = db.get(Deliberation, edition.id), digest_of(results)
    if decided is not None and decided.digest == computed:
        results = with_decisions(results, decided, edition.ranking)
    return Preview(
        standings,
        inputs.plan,
        results,
        digest_of(results),
        next_version(db, edition.id),
        (
            *_sheet_remarks(edition, teams, sheets),
            *_team_remarks(db, edition, teams),
            *ranking_remarks(inputs, standings),
            *compared_remarks(inputs, standings),
            *vote_remarks(inputs),
            *corrected_sheets(db, edition.id),
        ),
        tuple(_blockers(db, edition, [challenge for challenge, _ in by_component.values()], now)),
        inputs,
        _names(edition, teams, sheets),
        computed,
        awaited(edition, decided, computed, now=now),
    )


def _rubrics(db: Session, edition_id: str) -> list[dict[str, Any]]:
    return [
        {"version": v.version, "sha256": v.digest, "since": v.at.isoformat(), "reason": v.reason}
        for v in adopted(db, edition_id)
    ]


def _of_pairs(edition: Edition, inputs: Inputs) -> Inputs:
    """Return the inputs of a jury that compares two by two: no mark is among them."""
    if edition.rubric is None or not edition.rubric.by_pairs:
        return inputs
    return replace(inputs, rubric=None, sheets=(), correction=RAW, by_pairs=True)


def _closings(db: Session, edition_id: str) -> list[dict[str, Any]]:
    return [
        {"version": c.version, "at": c.at.isoformat(), "correction": c.correction, "lambda": c.lam}
        for c in closings(db, edition_id)
    ]


def next_version(db: Session, edition_id: str) -> int:
    """Return the number of the next publication, 1 for the first."""
    last = db.exec(select(func.max(PublishedRanking.version)).where(PublishedRanking.edition_id == edition_id)).one()
    return (last or 0) + 1


def _challenge(edition: Edition, challenge_id: str) -> Challenge:
    challenge = edition.challenge(challenge_id)
    if challenge is None:
        raise NotFound("The edition has no challenge %(challenge)s.", challenge=challenge_id)
    return challenge


def _metric_name(challenge: Challenge) -> MetricName:
    metric = primary(challenge)
    return MetricName(metric.name, metric.decimals)


def _inputs(
    edition: Edition,
    plan: RankingPlan,
    teams: list[Team],
    by_component: Mapping[str, tuple[Challenge, Mapping[UUID, FinalScore]]],
    sheets: tuple[KeptSheet, ...],
) -> Inputs:
    slugs = {team.id: team.slug for team in teams if team.status != "withdrawn"}
    metrics = {
        component: {
            slugs[team]: quantise(final.value, primary(challenge).decimals)
            for team, final in finals.items()
            if team in slugs
        }
        for component, (challenge, finals) in by_component.items()
    }
    contestants = tuple(Contestant(team.slug, team.name, team.status) for team in teams)
    return Inputs(plan, edition.rubric, contestants, metrics, _counting(edition, slugs, sheets))


def _counting(edition: Edition, slugs: Mapping[UUID, str], sheets: tuple[KeptSheet, ...]) -> tuple[Marks, ...]:
    counting = [s for s in sheets if s.team_id in slugs and why_not(edition.rubric, s) is None]
    pseudonyms = _pseudonyms(counting)
    return tuple(Marks(pseudonyms[s.juror_id], slugs[s.team_id], dict(s.marks)) for s in counting)


def _pseudonyms(counting: Iterable[KeptSheet]) -> dict[UUID, str]:
    # Keys are random, so that their order says nothing about the people.
    return {juror: f"j{n}" for n, juror in enumerate(sorted({s.juror_id for s in counting}), start=1)}


def _names(edition: Edition, teams: list[Team], sheets: tuple[KeptSheet, ...]) -> dict[str, str]:
    """Return pseudonym -> name of the jurors whose sheets count."""
    stay = {team.id for team in teams if team.status != "withdrawn"}
    counting = [s for s in sheets if s.team_id in stay and why_not(edition.rubric, s) is None]
    names = {s.juror_id: s.juror for s in counting}
    return {pseudonym: names[juror] for juror, pseudonym in _pseudonyms(counting).items()}


def _counted(finals: Mapping[UUID, FinalScore], in_play: Mapping[UUID, str]) -> dict[str, Counted]:
    return {
        in_play[team]: Counted(final.number, final.chosen, final.submission_digest)
        for team, final in sorted(finals.items(), key=lambda pair: in_play.get(pair[0], ""))
        if team in in_play
    }


def _digests(
    edition: Edition,
    components: Iterable[tuple[Challenge, Mapping[UUID, FinalScore]]],
    in_play: Mapping[UUID, str],
) -> dict[str, str]:
    digests = {}
    config = edition.folder / "edition.toml"
    if config.is_file():
        digests["edition.toml"] = "sha256:" + hashlib.sha256(config.read_bytes()).hexdigest()
    for challenge, finals in components:
        for team, final in finals.items():
            if team not in in_play:
                continue
            digests[f"{challenge.id}/submissions/{in_play[team]}"] = final.submission_digest
            for part in ("reference", "scorer", "environment"):
                value = str(getattr(final, f"{part}_digest"))
                known = digests.setdefault(f"{challenge.id}/{part}", value)
                if known != value:
                    digests[f"{challenge.id}/{part}/{in_play[team]}"] = value
    return digests


def _sheet_remarks(edition: Edition, teams: list[Team], sheets: tuple[KeptSheet, ...]) -> list[Remark]:
    withdrawn = {team.id for team in teams if team.status == "withdrawn"}
    remarks: list[Remark] = []
    if edition.rubric is not None and edition.rubric.by_pairs:
        return remarks
    for sheet in sheets:
        why = why_not(edition.rubric, sheet)
        if sheet.team_id in withdrawn:
            why = "The sheet of %(juror)s for %(team)s does not count: the team withdrew."
        if why is not None:
            remarks.append(Remark(why, {"juror": sheet.juror, "team": sheet.team}))
    return remarks


def _team_remarks(db: Session, edition: Edition, teams: list[Team]) -> list[Remark]:
    if edition.rubric is None:
        return []
    handed_in = set(
        db.exec(
            select(Prototype.team_id).where(
                Prototype.edition_id == edition.id,
                Prototype.challenge_id == edition.rubric.challenge,
                Prototype.state == "submitted",
            )
        )
    )
    return [
        Remark("%(team)s handed in no dossier; the jury does not grade it.", {"team": team.name})
        for team in teams
        if team.status != "withdrawn" and team.id not in handed_in
    ]


def _blockers(db: Session, edition: Edition, challenges: list[Challenge], now: datetime) -> list[Remark]:
    blockers = []
    windows = windows_of(db, edition, now=now)
    if edition.ranking is not None and any(c.kind == "jury" for c in edition.ranking.components):
        if db.get(JuryClosing, edition.id) is None:
            blockers.append(Remark("The jury is not closed yet.", {}))
        if edition.rubric is not None and edition.rubric.by_pairs and the_one_that_counts(db, edition.id) is None:
            blockers.append(Remark("The jury compares two by two, and no comparisons are closed yet.", {}))
        if is_open(windows, PhaseKind.PROTOTYPES):
            blockers.append(Remark("Dossiers can still be handed in; close this phase first.", {}))
    if challenges and is_open(windows, PhaseKind.SUBMISSIONS):
        blockers.append(
            Remark("Predictions can still be submitted; close this phase first, or hidden scores would leak.", {})
        )
    for challenge in challenges:
        found = versions(db, edition.id, challenge.id)
        if found is not None and found.mixed:
            blockers.append(
                Remark(
                    "Scores of %(challenge)s were computed in two ways; rescore its submissions first.",
                    {"challenge": challenge.id},
                )
            )
        waiting = pending(db, edition.id, challenge.id)
        if waiting:
            blockers.append(Remark("%(count)s submissions still wait for their score.", {"count": waiting}))
    blockers += (*open_sessions(db, edition.id), *reopened_sheets(db, edition.id), *open_vote(db, edition))
    return blockers
