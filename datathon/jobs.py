"""What a worker runs: a bell in, submissions scored in their fair order. Called by RQ by name, or by the keeper."""

import io
import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from datathon.config import Settings, load_settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.rules import Challenge
from datathon.editions.tables import EditionRow
from datathon.editions.watch import Watch
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import NotFound
from datathon.kernel.ids import new_id
from datathon.leaderboard.ladder import scored_change
from datathon.leaderboard.snapshot import distrust, refresh
from datathon.leaderboard.standings import Change, Extent
from datathon.scoring import losses
from datathon.scoring.alert import tell_organisers, untold
from datathon.scoring.basis import Basis, present_basis
from datathon.scoring.claim import Claim, claim, release, renew, set_back
from datathon.scoring.examine import examined_level, level_of
from datathon.scoring.finish import finish, log
from datathon.scoring.held import demanding, not_held_again
from datathon.scoring.line import waiting
from datathon.scoring.notice import TROUBLE_LENGTH, note_trouble, notice, settled, versions
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.queue import ring
from datathon.scoring.reference import ReferenceFault, prepare, sample_path
from datathon.scoring.rescore import digests_needed, look_after, open_campaigns
from datathon.scoring.rescore_item import (
    ItemClaim,
    claim_item,
    finish_item,
    no_truth,
    release_item,
    renew_item,
    set_item_back,
    waiting_items,
)
from datathon.scoring.run import score_file
from datathon.scoring.sandbox.client import ChildLost, ScorerClient, ScorerUnavailable
from datathon.scoring.tables import Rescoring
from datathon.scoring.truth_file import truth_file
from datathon.store.db import make_engine, reading, transaction
from datathon.store.files import FileStore
from datathon.submissions.forget_files import Terms, forgettable, note_forgotten, remove
from datathon.submissions.tables import Submission

logger = logging.getLogger(__name__)

WAITING = "waiting"
TAKEN = "taken"
NOBODY = "nobody"

TURN_S = 2.0
"""How long one bell keeps its process at work: long enough that forking costs little, short enough to stop soon."""

TRIES = 8
"""Submissions tried before the order is read again, when other workers take them first."""


@dataclass(frozen=True, slots=True)
class House:
    """What a job needs from around it."""

    settings: Settings
    engine: Engine
    catalogue: Catalogue
    scorer: ScorerClient
    worker: str


_warm: dict[str, Engine] = {}
"""Engines without connections whose statements are compiled already, by URL: made before the fork, used after it."""


def warm(settings: Settings) -> None:
    """Do once, in the process that forks, what every job would do again: read the catalogue, compile the statements.

    Nothing is written. A database that does not answer only makes the first jobs slower.
    """
    engine = make_engine(settings.sqlalchemy_url)
    known = catalogue(settings.challenges_dir)
    for edition in known.editions.values():
        for challenge in filter(lambda c: c.takes_predictions, edition.challenges):
            with suppress(ReferenceFault):  # the job itself says so, where organisers read it
                prepare(challenge)
    nobody = Claim(new_id(), 1, "warm")
    try:
        examined_level(engine, "warm")
        with reading(engine) as db:
            waiting(db, known, now=utcnow())
        with transaction(engine) as db:
            claim(db, nobody.submission_id, attempt=1, worker=nobody.worker, lease_s=1, now=utcnow())
            db.get(Submission, nobody.submission_id)
            renew(db, nobody, lease_s=1, now=utcnow())
            finish(db, nobody, ScoringOutcome("failed"), now=utcnow())
        refresh_all_boards(engine, known)
    except SQLAlchemyError as error:
        logger.warning("the database did not answer while warming up: %s", type(error).__name__)
    # No connection may be shared with a fork.
    engine.dispose()
    _warm[settings.sqlalchemy_url] = engine


def take_turn() -> str:
    """Score whoever is next in the fair order, again and again for about TURN_S; return the last state reached.

    Called by RQ for a bell, which names nobody. Safe to run any number of times: each attempt is claimed once. Rings
    for what still waits at the end.
    """
    settings = load_settings()
    engine = _warm.get(settings.sqlalchemy_url) or make_engine(settings.sqlalchemy_url)
    engine.dispose(close=False)
    try:
        reached = serve(settings, engine, for_s=TURN_S)
        if reached not in {NOBODY, WAITING}:
            ring(settings, engine, catalogue(settings.challenges_dir))
        return reached
    finally:
        engine.dispose()


def serve(settings: Settings, engine: Engine, *, for_s: float, stopped: Callable[[], bool] = lambda: False) -> str:
    """Take submissions in their fair order for about ``for_s`` seconds, at least one; return the last state reached.

    The order is read anew before each, so that who comes meanwhile is not behind those who came in numbers. NOBODY when
    none waits, WAITING when the scorer service cannot take them.
    """
    until, reached = time.monotonic() + for_s, NOBODY
    while not stopped():
        house, now = open_house(settings, engine), utcnow()
        level = level_of(engine, house.scorer) if demanding(house.catalogue) else ""
        with reading(engine) as db:
            order = waiting(db, house.catalogue, now=now, level=level)
            # A campaign's items come when no live submission waits.
            free = [] if order else not_held_again(db, house.catalogue, now=now, level=level)
            again = () if order else waiting_items(db, limit=TRIES, where=free)
        if not order and not again:
            return NOBODY
        for one in order[:TRIES]:
            reached = score_attempt(house, one.id, one.attempt)
            if reached != TAKEN:
                break
        for item, attempt in again:
            reached = score_item(house, item, attempt)
            if reached != TAKEN:
                break
        if reached == WAITING or time.monotonic() >= until:
            break
    return reached


def open_house(settings: Settings, engine: Engine) -> House:
    """Return what jobs need, reading the catalogue again only when one of its files changed."""
    worker = f"{socket.gethostname()[:60]}:{os.getpid()}"
    return House(
        settings, engine, catalogue(settings.challenges_dir), ScorerClient(settings.scorer_socket_path), worker
    )


def catalogue(root: Path) -> Catalogue:
    """Return the catalogue under ``root`` as its files stand now, the last good state of what is broken."""
    watch = _watch(root)
    watch.look()
    return watch.catalogue


@lru_cache(maxsize=2)
def _watch(root: Path) -> Watch:
    return Watch(root, every_s=0)


_bases: dict[tuple[str, str], tuple[object, Challenge, Basis]] = {}
"""The last basis of each challenge, with the state of its files and the configuration it was made from."""


def notice_changes(engine: Engine, known: Catalogue) -> None:
    """Compare how each challenge is scored now with how its scores were computed; organisers read what changed."""
    with reading(engine) as db:
        registered = [edition for edition in known.editions.values() if db.get(EditionRow, edition.id) is not None]
    for edition in registered:
        for challenge in filter(lambda c: c.takes_predictions, edition.challenges):
            try:
                basis = _basis(edition.id, challenge)
            except (ReferenceFault, OSError) as error:
                _note_trouble(engine, edition.id, challenge.id, str(error).replace(f"{known.root}{os.sep}", ""))
                continue
            with reading(engine) as db:
                if settled(db, edition.id, challenge.id, basis):
                    continue
            with transaction(engine) as db:
                notice(db, edition_id=edition.id, challenge_id=challenge.id, basis=basis, now=utcnow())
                refresh_board(db, known, edition.id, challenge.id)


def _note_trouble(engine: Engine, edition_id: str, challenge_id: str, text: str) -> None:
    with reading(engine) as db:
        found = versions(db, edition_id, challenge_id)
    if found is None or found.trouble != text[:TROUBLE_LENGTH]:
        with transaction(engine) as db:
            note_trouble(db, edition_id=edition_id, challenge_id=challenge_id, text=text, now=utcnow())


def _basis(edition_id: str, challenge: Challenge) -> Basis:
    """Return the present basis, reading the files only when one of them changed."""
    files = [None if challenge.reference is None else challenge.reference.file, sample_path(challenge)]
    files.append(None if challenge.scorer is None else challenge.folder / challenge.scorer)
    state = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in files if path is not None]
    kept = _bases.get((edition_id, challenge.id))
    if kept is not None and kept[0] == state and kept[1] is challenge:
        return kept[2]
    basis = present_basis(challenge)
    _bases[edition_id, challenge.id] = (state, challenge, basis)
    return basis


def score_attempt(house: House, submission_id: UUID, attempt: int) -> str:
    """Claim the attempt, have it scored, write the end; return the state reached, "taken" or "waiting". Safe to run twice.

    A scorer service that does not answer leaves the submission received, whatever the attempt; a fault of the platform
    costs one of its attempts and is logged for organisers.
    """
    if not level_of(house.engine, house.scorer):
        logger.info("no examined scorer service answers; submission %s waits", submission_id)
        return WAITING
    with transaction(house.engine) as db:
        held = claim(
            db, submission_id, attempt=attempt, worker=house.worker, lease_s=house.settings.lease_s, now=utcnow()
        )
        submission = db.get(Submission, submission_id)
    if held is None or submission is None:
        return TAKEN
    try:
        with _heartbeat(house, _renewal(house, held)):
            outcome = _score(house, submission)
        return _end(house, held, submission, outcome)
    except ChildLost as error:
        return _fault(house, held, str(error))
    except ScorerUnavailable as error:
        logger.warning("the scorer service went away: %s; submission %s waits", error, submission_id)
        with transaction(house.engine) as db:
            release(db, held)
        return WAITING
    except Exception:  # noqa: BLE001 - the edge of the job: a bug must cost an attempt, not the submission
        return _fault(house, held, traceback.format_exc())


def _score(house: House, submission: Submission) -> ScoringOutcome:
    challenge = _challenge(house, submission)
    files = FileStore(house.settings.files_dir)
    if submission.team_id is None:
        challenge = challenge.taking(submission.file_name)
    with files.open(submission.digest) as file:
        return score_file(challenge, file, scorer=house.scorer)


def _challenge(house: House, submission: Submission) -> Challenge:
    challenge = house.catalogue.challenge(submission.edition_id, submission.challenge_id)
    if challenge is None:
        raise NotFound("This challenge is not in the catalogue, or its folder is broken.")
    return challenge


def _end(house: House, held: Claim, submission: Submission, outcome: ScoringOutcome) -> str:
    # Before the transaction, as a submitted file is: a record never names what is not on the disk.
    kept = None if outcome.losses is None else losses.keep(losses.store(house.settings), outcome.losses)
    with transaction(house.engine) as db:
        if not finish(db, held, outcome, now=utcnow(), losses_digest=kept):
            logger.warning("submission %s was taken back; the result of attempt %d is dropped", *_names(held))
            return TAKEN
        change = scored_change(db, house.settings, house.catalogue, submission, outcome.outcome)
        refresh_board(db, house.catalogue, submission.edition_id, submission.challenge_id, change)
    logger.info("submission %s, attempt %d: %s", *_names(held), outcome.outcome)
    return outcome.outcome


def refresh_board(
    db: Session, known: Catalogue, edition_id: str, challenge_id: str, change: Change = Extent.EVERYTHING
) -> None:
    """Bring the public board up to date in the same transaction as what changed it.

    A board that cannot be computed must not undo a score: it rolls back alone, and the reconciler computes its standings
    from all scores.
    """
    edition = known.edition(edition_id)
    challenge = None if edition is None else edition.challenge(challenge_id)
    if edition is None or challenge is None or not challenge.takes_predictions:
        return
    try:
        with db.begin_nested():
            refresh(db, edition, challenge, now=utcnow(), change=change)
    except Exception:
        logger.exception("the board of %s/%s could not be refreshed", edition_id, challenge_id)
        distrust(db, edition_id, challenge_id)


def _fault(house: House, held: Claim, text: str) -> str:
    logger.error("submission %s, attempt %d failed by the platform's fault:\n%s", *_names(held), text)
    now = utcnow()
    with transaction(house.engine) as db:
        state = set_back(db, held, now=now)
        if state is None:
            return TAKEN
        log(db, held, stage="platform", code="platform", text=text, now=now)
    return str(state)


def _names(held: Claim) -> tuple[UUID, int]:
    return held.submission_id, held.attempt


def score_item(house: House, item_id: UUID, attempt: int) -> str:
    """Claim one item of a campaign, have it scored, write the record beside the others. See ``score_again``."""
    if not level_of(house.engine, house.scorer):
        return WAITING
    with transaction(house.engine) as db:
        held = claim_item(
            db, item_id, attempt=attempt, worker=house.worker, lease_s=house.settings.lease_s, now=utcnow()
        )
    if held is None:
        return TAKEN
    try:
        with _heartbeat(house, lambda db: renew_item(db, held, lease_s=house.settings.lease_s, now=utcnow())):
            outcome = _score_held(house, held)
        found = None if outcome is None or held.submission_id is None else outcome.losses
        kept = None if found is None else losses.keep(losses.store(house.settings), found)
        with transaction(house.engine) as db:
            if outcome is None:
                no_truth(db, held)
            elif not finish_item(db, held, outcome, now=utcnow(), losses_digest=kept):
                return TAKEN
            look_after(db, held.rescoring_id, now=utcnow())
    except ScorerUnavailable as error:
        logger.warning("the scorer service went away: %s; item %s waits", error, item_id)
        with transaction(house.engine) as db:
            release_item(db, held)
        return WAITING
    except Exception:
        logger.exception("item %s of a rescoring, attempt %d failed by the platform's fault", item_id, attempt)
        with transaction(house.engine) as db:
            set_item_back(db, held)
        return "failed"
    return "none" if outcome is None else outcome.outcome


def _score_held(house: House, held: ItemClaim) -> ScoringOutcome | None:
    """Score a submission again, or the truth itself; None where no submission can equal the truth."""
    with reading(house.engine) as db:
        campaign = db.get_one(Rescoring, held.rescoring_id)
        submission = None if held.submission_id is None else db.get(Submission, held.submission_id)
    if submission is not None:
        return _score(house, submission)
    challenge = house.catalogue.challenge(campaign.edition_id, campaign.challenge_id)
    if challenge is None:
        raise NotFound("This challenge is not in the catalogue, or its folder is broken.")
    truth = truth_file(challenge)
    return None if truth is None else score_file(challenge, io.BytesIO(truth), scorer=house.scorer)


def look_after_campaigns(engine: Engine) -> None:
    """Keep every open campaign going: see ``rescore.look_after``."""
    with reading(engine) as db:
        found = open_campaigns(db)
    for campaign in found:
        with transaction(engine) as db:
            look_after(db, campaign, now=utcnow())


Renewal = Callable[[Session], bool]
"""Prolongs a lease in an open transaction; False when it is lost."""


def _renewal(house: House, held: Claim) -> Renewal:
    return lambda db: renew(db, held, lease_s=house.settings.lease_s, now=utcnow())


@contextmanager
def _heartbeat(house: House, renewal: Renewal) -> Iterator[None]:
    """Renew a lease in a thread of its own for as long as the block runs."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(house, renewal, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(house: House, renewal: Renewal, done: threading.Event) -> None:
    while not done.wait(house.settings.lease_s / 3):
        try:
            with transaction(house.engine) as db:
                if not renewal(db):
                    return
        except SQLAlchemyError:
            # Nothing to do but to try again: if it stays so, the lease runs out and another worker takes over.
            logger.exception("a lease could not be renewed")


def refresh_all_boards(engine: Engine, known: Catalogue, change: Change = Extent.EVERYTHING) -> None:
    """Bring every board of the registered editions up to date: phases move without any submission.

    With ``Extent.NOTHING`` standings are only counted; otherwise they are compared with all scores and repaired.
    """
    with reading(engine) as db:
        registered = [edition for edition in known.editions.values() if db.get(EditionRow, edition.id) is not None]
    for edition in registered:
        for challenge in edition.challenges:
            with transaction(engine) as db:
                refresh_board(db, known, edition.id, challenge.id, change)


def tell_failures(settings: Settings, engine: Engine) -> int:
    """Write to organisers about what failed since they were last told; return the number of letters."""
    with reading(engine) as db:
        if not untold(db, now=utcnow()):
            return 0
    with transaction(engine) as db:
        return tell_organisers(db, catalogue(settings.challenges_dir), base_url=settings.base_url, now=utcnow())


def forget_old_files(settings: Settings, engine: Engine, *, now: datetime) -> tuple[str, ...]:
    """Remove refused and withdrawn files that were kept long enough, tell the journals, return their digests."""
    terms = Terms(now - timedelta(days=settings.refused_days), now - timedelta(days=settings.withdrawn_days))
    with reading(engine) as db:
        found = forgettable(db, terms, needed=digests_needed(db))
    removed = remove(FileStore(settings.files_dir), found, now=now)
    with transaction(engine) as db:
        note_forgotten(db, [found[digest] for digest in removed], terms, now=now)
    return removed
