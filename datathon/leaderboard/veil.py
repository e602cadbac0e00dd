"""Keep boards as a freeze found them: what happens to teams, files and scores afterwards shows when organisers reveal it.

Standings go on following the scores, for the organisers and for the day of the reveal. Public boards read the copy that
is made here once, at the first change or look of the keeper after the freeze began. Only scores of files that had come
before it are still added.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, select

from datathon.editions.calendar import windows_of
from datathon.editions.rules import Challenge, Edition, Window
from datathon.editions.tables import EditionRow
from datathon.leaderboard.notices import notes, rescoring_due
from datathon.leaderboard.queries import Cutoff, cutoff
from datathon.leaderboard.standings import Basis, ScoredRow, basis_of, count_row, folded, rows_of
from datathon.leaderboard.tables import BoardSnapshot, Reached, Standing, VeiledBoard, VeiledEdition, VeiledStanding
from datathon.leaderboard.teams_shown import ON_BOARDS, TeamShown, teams_now, teams_shown, written
from datathon.submissions.tables import Submission

SKEW = timedelta(hours=1)
"""A clock that went back by less than this does not end a freeze that had begun."""
WAITING = ("received", "running")


def veiled_since(db: Session, edition: Edition, windows: tuple[Window, ...], *, now: datetime) -> datetime | None:
    """Return when the freeze began that is in force, None while boards show everything."""
    end = cutoff(windows)
    if end is not None and end.veiled:
        return end.at
    kept = db.get(VeiledEdition, edition.id)
    return kept.since if kept is not None and now < kept.since <= now + SKEW else None


def hold(db: Session, edition: Edition, *, now: datetime, landing: UUID | None = None) -> datetime | None:
    """Make sure that a freeze in force has its copy of everything, and return when it began; None without a freeze.

    Call it before writing what boards would show: a withdrawal, another name, other scores. ``landing`` is a submission
    that has just got a score which no standing knows of.
    """
    since = veiled_since(db, edition, windows_of(db, edition, now=now), now=now)
    if since is None:
        return None
    # Two doors that find a freeze at the same time: one of them makes the copy.
    db.exec(select(EditionRow.id).where(EditionRow.id == edition.id).with_for_update(key_share=True)).one_or_none()
    kept = db.get(VeiledEdition, edition.id)
    if kept is None:
        kept = VeiledEdition(edition_id=edition.id, since=since, teams={})
    if kept.since != since or not kept.teams:
        kept.since, kept.teams = since, written(_teams_then(db, edition, since))
        db.add(kept)
    for challenge in edition.challenges:
        if challenge.takes_predictions:
            _hold_board(db, edition, challenge, since=since, landing=landing)
    db.flush()
    return since


def line_of(db: Session, edition: Edition, windows: tuple[Window, ...], team_id: UUID, *, now: datetime) -> str | None:
    """Return what boards call a team in addresses and files now, None where they do not know it."""
    shown = teams_shown(db, edition, since=veiled_since(db, edition, windows, now=now)).get(team_id)
    return shown.slug if shown is not None and shown.slug else None


def veiled_board(db: Session, edition_id: str, challenge_id: str, *, since: datetime | None) -> VeiledBoard | None:
    """Return what a board frozen at ``since`` says, None where it has no copy of that freeze."""
    found = None if since is None else db.get(VeiledBoard, (edition_id, challenge_id))
    return found if found is not None and found.since == since else None


def veiled_standings(db: Session, edition_id: str, challenge_id: str) -> list[VeiledStanding]:
    """Return the standings of a frozen board."""
    return list(db.exec(select(VeiledStanding).where(*_of(VeiledStanding, edition_id, challenge_id))))


def let_in(db: Session, basis: Basis, board: VeiledBoard) -> None:
    """Add the scores that came since of files from before the freeze; ``basis`` is that of the frozen board."""
    if not board.awaited:
        return
    awaited = [UUID(key) for key in board.awaited]
    held = []
    for row in rows_of(db, basis, col(Submission.id).in_(awaited)):
        if row.held:
            held.append(row.submission_id)
            continue
        standing = db.get(VeiledStanding, (basis.edition_id, basis.challenge_id, row.owner))
        if standing is None:
            standing = _blank(basis, row)
        count_row(standing, row, basis)
        standing.steps = sorted([*standing.steps, *_step(row, basis)])
        db.add(standing)
    still = select(Submission.id).where(col(Submission.id).in_(awaited), col(Submission.state).in_(WAITING))
    board.awaited = sorted(str(key) for key in (*db.exec(still), *held))
    db.add(board)
    db.flush()


def _teams_then(db: Session, edition: Edition, since: datetime) -> dict[UUID, TeamShown]:
    """Return the teams as they are, but with the status that boards from before the freeze gave them."""
    found = teams_now(db, edition.id)
    by_slug = {team.slug: key for key, team in teams_shown(db, edition, since=None).items()}
    for board in db.exec(select(BoardSnapshot).where(BoardSnapshot.edition_id == edition.id)):
        for row in board.payload.get("rows", ()) if board.as_of < since else ():
            key = by_slug.get(row.get("slug") or "")
            statuses = {kind: status for status, kind in ON_BOARDS.items()}
            if key is not None and row.get("kind") in statuses:
                team = found[key]
                found[key] = replace(team, status=statuses[row["kind"]])
    return found


def _hold_board(db: Session, edition: Edition, challenge: Challenge, *, since: datetime, landing: UUID | None) -> None:
    board = db.get(VeiledBoard, (edition.id, challenge.id))
    if board is not None and board.since == since:
        # A file may have been on its way into the database when the freeze began.
        board.awaited = sorted({*board.awaited, *_landing(db, edition.id, challenge.id, since, landing)})
        db.add(board)
        return
    if board is None:
        board = VeiledBoard(edition_id=edition.id, challenge_id=challenge.id, since=since)
    basis = basis_of(db, edition, challenge, Cutoff(since, veiled=True))
    kept = db.get(BoardSnapshot, (edition.id, challenge.id))
    # What stands is what the freeze found, unless something changed between the two or standings cannot be trusted.
    sound = kept is not None and kept.as_of < since and kept.made_with == basis_of(db, edition, challenge, None).digest
    board.since, board.shown = since, basis.shown
    db.execute(delete(VeiledStanding).where(*_of(VeiledStanding, edition.id, challenge.id)))
    # On a ladder a file may wait for its answer although it is scored: standings count it, a frozen board not yet.
    found = _copied(db, basis, landing) if sound and not basis.ladder else _computed(db, basis, landing)
    db.add_all(found)
    board.awaited = _awaited(db, basis, since, landing)
    board.said = {"rescoring": rescoring_due(db, basis, found), "notes": notes(db, edition.id, challenge.id)}
    if kept is not None and sound:
        board.said = {name: kept.payload.get(name, said) for name, said in board.said.items()}
    db.add(board)


def _copied(db: Session, basis: Basis, landing: UUID | None) -> list[VeiledStanding]:
    steps = _steps(db, basis, landing)
    standing = db.exec(select(Standing).where(*_of(Standing, basis.edition_id, basis.challenge_id)))
    return [
        VeiledStanding(**{name: getattr(one, name) for name in Reached.model_fields}, steps=steps.get(one.owner, []))
        for one in standing
    ]


def _computed(db: Session, basis: Basis, landing: UUID | None) -> list[VeiledStanding]:
    steps = _steps(db, basis, landing)
    known = (row for row in rows_of(db, basis) if row.submission_id != landing and not row.held)
    found = folded(known, basis, _blank)
    for owner, standing in found.items():
        standing.steps = steps.get(owner, [])
    return list(found.values())


def _blank(basis: Basis, row: ScoredRow) -> VeiledStanding:
    return VeiledStanding(
        edition_id=basis.edition_id,
        challenge_id=basis.challenge_id,
        owner=row.owner,
        team_id=row.team_id,
        baseline=row.baseline,
        steps=[],
    )


def _steps(db: Session, basis: Basis, landing: UUID | None) -> dict[str, list[list[Any]]]:
    """Return by owner the scored files from before the freeze, by number."""
    found: dict[str, list[list[Any]]] = {}
    for row in rows_of(db, basis, col(Submission.team_id).is_not(None)):
        if row.submission_id != landing:
            found.setdefault(row.owner, []).extend(_step(row, basis))
    return {owner: sorted(steps) for owner, steps in found.items()}


def _step(row: ScoredRow, basis: Basis) -> list[list[Any]]:
    if row.told is None or not basis.counts(row):
        return []
    return [[row.number, row.received_at.isoformat(), row.told]]


def _awaited(db: Session, basis: Basis, since: datetime, landing: UUID | None) -> list[str]:
    waiting = select(Submission.id).where(
        *_before(basis.edition_id, basis.challenge_id, since), col(Submission.state).in_(WAITING)
    )
    landed = _landing(db, basis.edition_id, basis.challenge_id, since, landing)
    held = [str(row.submission_id) for row in rows_of(db, basis) if row.held] if basis.ladder else []
    return sorted({*(str(key) for key in db.exec(waiting)), *landed, *held})


def _landing(db: Session, edition_id: str, challenge_id: str, since: datetime, landing: UUID | None) -> list[str]:
    if landing is None:
        return []
    found = db.exec(select(Submission.id).where(*_before(edition_id, challenge_id, since), Submission.id == landing))
    return [str(key) for key in found]


def _before(edition_id: str, challenge_id: str, since: datetime) -> tuple[Any, ...]:
    return (
        Submission.edition_id == edition_id,
        Submission.challenge_id == challenge_id,
        Submission.received_at < since,
    )


def _of(table: Any, edition_id: str, challenge_id: str) -> tuple[Any, ...]:
    return col(table.edition_id) == edition_id, col(table.challenge_id) == challenge_id
