"""Which files need not be kept, or not any longer; removing them is written in the journal of their editions."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from sqlmodel import Session, col, select

from datathon.store import audit
from datathon.store.files import FileStore
from datathon.store.tables import AuditEntry
from datathon.submissions.rules import State
from datathon.submissions.tables import PrototypeFile, Submission

LATELY = timedelta(hours=1)
"""A file that came this lately may belong to a request that is not at its end: it is not removed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Since when a file must have been refused, or withdrawn, to be let go: both moments are aware."""

    refused_before: datetime
    withdrawn_before: datetime


def in_use(db: Session, digest: str) -> bool:
    """Whether a submission or a dossier refers to the file of this digest."""
    sent = select(Submission.id).where(Submission.digest == digest)
    attached = select(PrototypeFile.id).where(PrototypeFile.digest == digest)
    return any(db.exec(query.limit(1)).first() is not None for query in (sent, attached))


def forgettable(db: Session, terms: Terms, *, needed: Collection[str] = ()) -> Mapping[str, frozenset[str]]:
    """Return the digests of files whose terms are over and that nothing else refers to, each with its editions.

    A file that waits, is being scored, was scored or failed by our fault is kept, and so is one of the same bytes as
    such a file, as one refused or withdrawn later, as a dossier's, or ``needed`` by somebody else. The row stays, with
    its receipt, what was wrong and its scores. A file whose withdrawal no journal tells of is kept.
    """
    over = _refused(db, terms.refused_before) | _withdrawn(db, terms.withdrawn_before)
    found: dict[str, set[str]] = {}
    for digest, edition_id in over.values():
        found.setdefault(digest, set()).add(edition_id)
    ended = select(Submission.digest).where(col(Submission.state).in_((State.REJECTED, State.WITHDRAWN)))
    alike = db.exec(select(Submission.id, Submission.digest).where(col(Submission.digest).in_(ended)))
    kept = {digest for key, digest in alike if key not in over}
    kept |= set(db.exec(select(PrototypeFile.digest).where(col(PrototypeFile.digest).in_(ended)))) | set(needed)
    return {digest: frozenset(found[digest]) for digest in sorted(found.keys() - kept)}


def remove(files: FileStore, digests: Iterable[str], *, now: datetime) -> tuple[str, ...]:
    """Remove files and return the digests of those that were there; one that was handed in again lately stays."""
    files.put_back()
    return tuple(digest for digest in digests if files.drop(digest, unused_since=now - LATELY))


def note_forgotten(db: Session, editions: Iterable[Iterable[str]], terms: Terms, *, now: datetime) -> None:
    """Write in the journals how many files were removed just now, given the editions of each of them."""
    for edition_id, files in sorted(Counter(chain.from_iterable(editions)).items()):
        audit.record(
            db,
            "forget_files",
            edition_id,
            now=now,
            actor=None,
            edition=edition_id,
            files=files,
            refused_before=terms.refused_before.isoformat(),
            withdrawn_before=terms.withdrawn_before.isoformat(),
        )


def _refused(db: Session, before: datetime) -> dict[UUID, tuple[str, str]]:
    query = select(Submission.id, Submission.digest, Submission.edition_id).where(
        col(Submission.state) == State.REJECTED, col(Submission.finished_at) < before
    )
    return {key: (digest, edition_id) for key, digest, edition_id in db.exec(query)}


def _withdrawn(db: Session, before: datetime) -> dict[UUID, tuple[str, str]]:
    """Return withdrawn submissions; the row keeps when it was scored, the journal when it was withdrawn."""
    acts = select(AuditEntry.subject).where(AuditEntry.act == "withdraw_submission", col(AuditEntry.at) < before)
    known = set(db.exec(acts))
    query = select(Submission.id, Submission.digest, Submission.edition_id).where(
        col(Submission.state) == State.WITHDRAWN, col(Submission.received_at) < before
    )
    return {key: (digest, edition_id) for key, digest, edition_id in db.exec(query) if str(key) in known}
