"""``datathon rescore``: a campaign from the command line, shown and then applied."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import typer
from sqlalchemy import Engine

from datathon import jobs
from datathon.config import Settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge, Edition
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import Refusal
from datathon.leaderboard.announcement import draft
from datathon.leaderboard.rescored import Comparison, compare
from datathon.publication import rescore as act
from datathon.scoring.queue import ring
from datathon.scoring.rescore import cancel, look_after, progress
from datathon.scoring.tables import Rescoring
from datathon.store.db import make_engine, reading, transaction

DONE, NOT_IN_ORDER, WRONG_USAGE, PLATFORM_FAILED = 0, 1, 2, 3
PATIENCE_S = 600.0
PAUSE_S = 0.5


def rescore(settings: Settings, challenge: str, *, preview: bool, reason: str, wait_s: float, as_json: bool) -> int:
    """Score a challenge of this installation again; print what changes, and apply it unless ``preview``.

    ``challenge`` is "EDITION/CHALLENGE" or a challenge folder. 0 applied or shown, 1 when something stands in the way,
    2 when there is no such challenge, 3 when no worker computed it within ``wait_s`` seconds. Whatever is not applied
    is cancelled and leaves everything as it was.
    """
    known = jobs.catalogue(settings.challenges_dir)
    found = _found(known, challenge)
    if found is None:
        typer.echo(f"datathon: no challenge {challenge} in {settings.challenges_dir}", err=True)
        return WRONG_USAGE
    engine = make_engine(settings.sqlalchemy_url)
    try:
        return _campaign(settings, engine, known, found, preview=preview, reason=reason, wait_s=wait_s, as_json=as_json)
    finally:
        engine.dispose()


def _campaign(
    settings: Settings,
    engine: Engine,
    known: Catalogue,
    found: tuple[Edition, Challenge],
    *,
    preview: bool,
    reason: str,
    wait_s: float,
    as_json: bool,
) -> int:
    edition, challenge = found
    jobs.notice_changes(engine, known)
    with transaction(engine) as db:
        key = act.start(db, edition=edition, challenge=challenge, reason=reason, actor=None, now=utcnow())
    applied = False
    try:
        ring(settings, engine)
        if not _done(engine, key, wait_s=wait_s, say=lambda line: print(line, file=sys.stderr)):  # noqa: T201 - progress
            typer.echo("datathon: no worker has computed it in time; is one running?", err=True)
            return PLATFORM_FAILED
        with reading(engine) as db:
            told = compare(db, edition, challenge, db.get_one(Rescoring, key))
        if not preview and not told.obstacles:
            told = _apply(engine, edition, challenge, key, reason, told)
            applied = True
    finally:
        if not applied:
            _give_up(engine, edition, key)
    typer.echo(_as_json(edition, challenge, told, applied=applied) if as_json else _as_text(told, applied=applied))
    return NOT_IN_ORDER if told.obstacles else DONE


def _found(known: Catalogue, challenge: str) -> tuple[Edition, Challenge] | None:
    folder = Path(challenge)
    names = (folder.absolute().parent.name, folder.absolute().name) if folder.is_dir() else tuple(challenge.split("/"))
    if len(names) != 2 or (folder.is_dir() and folder.absolute().parent.parent != known.root.absolute()):
        return None
    edition = known.edition(names[0])
    found = None if edition is None else edition.challenge(names[1])
    return None if edition is None or found is None or not found.takes_predictions else (edition, found)


def _done(engine: Engine, key: UUID, *, wait_s: float, say: Callable[[str], None]) -> bool:
    until, last = time.monotonic() + wait_s, ""
    while True:
        with transaction(engine) as db:
            state = look_after(db, key, now=utcnow())
            how_far = progress(db, key)
        line = f"{how_far.done} of {how_far.total} scored again"
        if line != last:
            say(line)
        last = line
        if state != "running":
            return state == "ready"
        if time.monotonic() >= until:
            return False
        time.sleep(PAUSE_S)


def _apply(
    engine: Engine, edition: Edition, challenge: Challenge, key: UUID, reason: str, told: Comparison
) -> Comparison:
    with transaction(engine) as db:
        campaign = db.get_one(Rescoring, key)
        notes = draft(
            titles={language: challenge.title.get(language) or challenge.title["fr"] for language in ("fr", "en")},
            reason=reason,
            changed=campaign.changed,
            submissions=told.submissions,
            scores_changed=told.scores_changed,
            ranks_changed=told.ranks_changed,
            at=utcnow(),
            zone=edition.zone,
        )
        return act.apply(
            db, edition=edition, challenge=challenge, campaign_id=key, actor=None, notes=notes, now=utcnow()
        )


def _give_up(engine: Engine, edition: Edition, key: UUID) -> None:
    with transaction(engine) as db:
        try:
            cancel(db, campaign_id=key, edition_id=edition.id, actor=None, now=utcnow())
        except Refusal:
            return  # somebody else ended it meanwhile


def _as_json(edition: Edition, challenge: Challenge, told: Comparison, *, applied: bool) -> str:
    values = {key: value for key, value in asdict(told).items() if key not in {"changes", "obstacles"}}
    return json.dumps(
        {
            "edition": edition.id,
            "challenge": challenge.id,
            "applied": applied,
            **values,
            "changes": [{**asdict(change), "same": change.same} for change in told.changes],
            "obstacles": [obstacle.message % obstacle.params for obstacle in told.obstacles],
        },
        ensure_ascii=False,
    )


def _as_text(told: Comparison, *, applied: bool) -> str:
    lines = [f"{'team':<30} {'before':>12} {'after':>12}  rank"]
    for one in told.changes:
        before, after = ("-" if v is None else format(v, ".9g") for v in (one.before, one.after))
        ranks = "" if one.same else f"{one.rank_before or '-'} -> {one.rank_after or '-'}"
        lines.append(f"{one.team[:30]:<30} {before:>12} {after:>12}  {ranks or one.rank_before or '-'}")
    lines += [obstacle.message % obstacle.params for obstacle in told.obstacles]
    lines.append(
        f"{told.submissions} submissions scored again: {told.scores_changed} scores and {told.ranks_changed} ranks change"
    )
    lines.append("applied" if applied else "not applied: everything stays as it was")
    return "\n".join(lines)
