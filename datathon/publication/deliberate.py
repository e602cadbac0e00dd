"""The jury decides, an organiser validates: provisional, deliberated, validated; announcing is publishing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from datathon.editions.rules import Edition
from datathon.editions.tables import EditionRow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.publication.minutes import freeze_minutes, replace_minutes
from datathon.publication.preview import Preview, preview
from datathon.publication.tables import Deliberation, PublishedRanking
from datathon.store import audit
from datathon.store.db import locked

REASON_LIMIT = 500
TITLE_LIMIT = 120
CHANGED = "Somebody else recorded a decision meanwhile. Read it again, then record yours."


@dataclass(frozen=True, slots=True)
class Award:
    """A prize of the rules by its ``id``, or a special mention by its ``title``; ``team`` None: withheld."""

    id: str | None
    title: str
    team: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the jury decides: the ``rank`` of every ranked team, the ``reasons`` where it differs, awards, who was there."""

    ranks: Mapping[str, int]
    reasons: Mapping[str, str]
    awards: tuple[Award, ...] = ()
    casting: str = ""
    present: int = 0


def state_of(row: Deliberation | None, *, announced: bool, current: bool = True) -> str:
    """Return provisional, deliberated, validated or announced.

    A correction of an announced ranking goes through the states again: ``current`` says that what is published is what
    would be published now.
    """
    if announced and (row is None or (row.state == "validated" and current)):
        return "announced"
    return "provisional" if row is None else row.state


def record(db: Session, *, edition: Edition, person_id: UUID, version: int, decision: Decision, now: datetime) -> int:
    """Record what the jury decides and return the new version.

    ``version`` is the one that was looked at, 0 for none. Raises Conflict while marks can change, after validation, and
    when somebody else recorded meanwhile; Invalid for ranks that are no ranking, a changed place without a reason, a
    quorum that is not reached or an award for a team that is not there.
    """
    found = _hold(db, edition, version, now)
    row = db.get(Deliberation, edition.id)
    if row is not None and row.state == "validated":
        raise Conflict("The deliberation is validated. Reopen it, with a reason, before it changes.")
    if row is None and _announced(db, edition.id):
        raise Conflict("The ranking is announced. Reopen the deliberation, with a reason, to correct it.")
    _check(found, edition, decision)
    computed = {s.team: s.rank for s in found.standings if s.status == "ranked"}
    if row is None:
        row = Deliberation(edition_id=edition.id, version=0, digest="", decided_at=now, decided_by=person_id)
    row.state, row.version, row.digest = "deliberated", version + 1, found.computed
    row.present, row.casting = decision.present, decision.casting.strip()
    row.places = [
        {"team": team, "rank": rank, "reason": decision.reasons[team].strip()}
        for team, rank in sorted(decision.ranks.items(), key=lambda pair: (pair[1], pair[0]))
        if rank != computed[team]
    ]
    row.awards = [
        {"id": a.id, "team": a.team} if a.id else {"title": a.title.strip(), "team": a.team} for a in decision.awards
    ]
    row.decided_at, row.decided_by = now, person_id
    db.add(row)
    audit.record(
        db, "deliberate", edition.id, now=now, actor=person_id, edition=edition.id,
        version=row.version, places=row.places, awards=row.awards, present=row.present,
    )  # fmt: skip
    db.flush()
    return row.version


def validate(
    db: Session,
    *,
    edition: Edition,
    organiser_id: UUID,
    version: int,
    embargo: datetime | None,
    minutes: str,
    public: str = "",
    now: datetime,
) -> str:
    """Validate the deliberation, freeze its ``minutes`` (a page) and return their SHA-256 in hexadecimal.

    ``public`` is the page without names, for everybody after the announcement ("": none). Nothing is announced before ``embargo``. Raises Conflict as ``record``, and when the ranking changed since the jury
    deliberated; NotFound before it deliberated.
    """
    found = _hold(db, edition, version, now)
    row = db.get(Deliberation, edition.id)
    if row is None:
        raise NotFound("The jury has not deliberated yet.")
    if row.state == "validated":
        raise Conflict("The deliberation is validated already.")
    if row.digest != found.computed:
        raise Conflict("The ranking changed since the jury deliberated; it has to deliberate again.")
    row.state, row.version, row.embargo_until = "validated", version + 1, embargo
    row.validated_at, row.validated_by = now, organiser_id
    frozen = freeze_minutes(
        db, edition_id=edition.id, content=minutes, public=public, organiser_id=organiser_id, now=now
    )
    row.minutes, row.minutes_sha256 = minutes, frozen.sha256
    db.add(row)
    audit.record(
        db, "validate_deliberation", edition.id, now=now, actor=organiser_id, edition=edition.id,
        version=row.version, minutes=row.minutes_sha256, embargo=None if embargo is None else embargo.isoformat(),
    )  # fmt: skip
    db.flush()
    return row.minutes_sha256


def reopen(db: Session, *, edition: Edition, organiser_id: UUID, version: int, reason: str, now: datetime) -> None:
    """Open a validated deliberation again; the reason stands in the journal, the minutes are no longer those that hold.

    What is announced stays until a correction is published. A ranking that was announced without a deliberation gets
    one here, which confirms the computed order until somebody changes it. Raises Invalid without a reason, Conflict when it is not validated or changed meanwhile.
    """
    found = _hold(db, edition, version, now)
    row = db.get(Deliberation, edition.id)
    if row is None and _announced(db, edition.id):
        row = Deliberation(
            edition_id=edition.id, state="validated", digest=found.computed, decided_at=now, decided_by=organiser_id
        )
    if row is None or row.state != "validated":
        raise Conflict("The deliberation is not validated yet.")
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise Invalid("Say why, in at most %(limit)s characters.", field="reason", limit=REASON_LIMIT)
    audit.record(
        db, "reopen_deliberation", edition.id, now=now, actor=organiser_id, edition=edition.id,
        version=version + 1, reason=reason.strip(), minutes=row.minutes_sha256,
    )  # fmt: skip
    row.state, row.version = "deliberated", version + 1
    row.validated_at = row.validated_by = row.embargo_until = None
    row.minutes, row.minutes_sha256 = "", ""
    replace_minutes(db, edition_id=edition.id, reason=reason.strip(), now=now)
    db.add(row)
    db.flush()


def _announced(db: Session, edition_id: str) -> bool:
    return db.exec(select(PublishedRanking.id).where(PublishedRanking.edition_id == edition_id)).first() is not None


def _hold(db: Session, edition: Edition, version: int, now: datetime) -> Preview:
    """Keep the edition's decisions in line and return the ranking they are about."""
    if locked(db, EditionRow, edition.id) is None:
        raise NotFound("This edition is not open on this platform.")
    row = db.get(Deliberation, edition.id)
    if (0 if row is None else row.version) != version:
        raise Conflict(CHANGED)
    found = preview(db, edition, now=now)
    for blocker in found.blockers:
        raise Conflict(blocker.message, **blocker.params)
    return found


def _check(found: Preview, edition: Edition, decision: Decision) -> None:
    computed = {s.team: s.rank for s in found.standings if s.status == "ranked"}
    if set(decision.ranks) != set(computed):
        raise Invalid("Give a place to each ranked team, and to no other.")
    given = list(decision.ranks.values())
    for team, rank in decision.ranks.items():
        if rank != 1 + sum(other < rank for other in given):
            raise Invalid(
                "These places are no ranking: after equals, places are skipped (1, 2, 2, 4).", field=f"rank-{team}"
            )
        if rank != computed[team] and not decision.reasons.get(team, "").strip():
            raise Invalid("Say why this place differs from the computed one.", field=f"reason-{team}")
        if len(decision.reasons.get(team, "")) > REASON_LIMIT:
            raise Invalid("A reason has at most %(limit)s characters.", field=f"reason-{team}", limit=REASON_LIMIT)
    _check_session(edition, decision)
    stay = {s.team for s in found.standings if s.status != "withdrawn"}
    for award in decision.awards:
        _check_award(edition, award, stay)


def _check_session(edition: Edition, decision: Decision) -> None:
    quorum = 0 if edition.rubric is None else edition.rubric.quorum
    if not quorum <= decision.present <= 1000:
        raise Invalid("The quorum is %(quorum)s members present.", field="present", quorum=quorum)
    if len(decision.casting) > REASON_LIMIT:
        raise Invalid("A reason has at most %(limit)s characters.", field="casting", limit=REASON_LIMIT)


def _check_award(edition: Edition, award: Award, stay: set[str]) -> None:
    prizes = set() if edition.ranking is None else {p.id for p in edition.ranking.prizes}
    if award.team is not None and award.team not in stay:
        raise Invalid("This award names a team that is not in the edition any more.", field="awards")
    if award.id is not None and award.id not in prizes:
        raise Invalid("The rules know no prize “%(prize)s”.", field="awards", prize=award.id)
    if award.id is None and not 0 < len(award.title.strip()) <= TITLE_LIMIT:
        raise Invalid("A mention needs a title of at most %(limit)s characters.", field="awards", limit=TITLE_LIMIT)
