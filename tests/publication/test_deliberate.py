"""From provisional to announced: what the jury decides beside what was computed, and who may do it when."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from judged import AFTERWARDS, JURY_TIME, Judged, make_worked_edition
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.prize import Prize
from datathon.jury.close import close
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.publication.decided import order_of
from datathon.publication.deliberate import Award, Decision, record, reopen, state_of, validate
from datathon.publication.preview import preview
from datathon.publication.publish import publish
from datathon.publication.queries import latest
from datathon.publication.results import digest_of
from datathon.publication.tables import Deliberation
from datathon.publication.verify.compare import verify
from datathon.store.db import transaction
from datathon.store.tables import AuditEntry

COMPUTED = {"c": 1, "a": 2, "d": 3, "b": 4}
SWAPPED = {"c": 1, "d": 2, "a": 3, "b": 4}
WHY = {"d": "Prototype déjà en service.", "a": "Passe après Cap Cotentin."}


def graded(db: Session, *, closed: bool = True, quorum: int = 0) -> Judged:
    """The worked edition with a prize and a closed jury."""
    judged = make_worked_edition(db)
    assert judged.edition.rubric is not None
    assert judged.edition.ranking is not None
    prizes = (Prize("first", {"fr": "Grand prix", "en": "Grand prize"}),)
    edition = replace(
        judged.edition,
        rubric=replace(judged.edition.rubric, quorum=quorum),
        ranking=replace(judged.edition.ranking, prizes=prizes),
    )
    if closed:
        close(db, edition=edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return replace(judged, edition=edition)


def decide(db: Session, judged: Judged, decision: Decision, version: int = 0) -> int:
    return record(
        db, edition=judged.edition, person_id=judged.organiser.id, version=version, decision=decision, now=AFTERWARDS
    )


def sign(db: Session, judged: Judged, version: int = 1, **more: Any) -> str:
    named: dict[str, Any] = {"embargo": None, "minutes": "<p>Procès-verbal</p>"} | more
    return validate(
        db, edition=judged.edition, organiser_id=judged.organiser.id, version=version, now=AFTERWARDS, **named
    )


def announce(db: Session, judged: Judged, **later: int) -> None:
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS + timedelta(**later))


def test_decided_places_stand_beside_the_computed_ones_and_the_file_still_verifies(db: Session) -> None:
    judged = graded(db)
    awards = (Award("first", "", "c"), Award(None, "Mention spéciale du public", "e"))
    decide(db, judged, Decision(SWAPPED, WHY, awards, "Voix prépondérante de la présidente.", 3))
    assert sign(db, judged) == hashlib.sha256("<p>Procès-verbal</p>".encode()).hexdigest()
    announce(db, judged)
    found = latest(db, "2025")
    assert found is not None
    results = found.results
    assert [(r["team"], r["rank"]) for r in results["ranking"]] == list(COMPUTED.items())
    assert results["decided"] == [
        {"team": "d", "rank": 2, "reason": WHY["d"], "computed": 3},
        {"team": "a", "rank": 3, "reason": WHY["a"], "computed": 2},
    ]
    assert [a["title"] for a in results["awards"]] == [
        {"fr": "Grand prix", "en": "Grand prize"},
        "Mention spéciale du public",
    ]
    assert order_of(results) == SWAPPED
    verdict = verify(json.dumps(results).encode())
    assert verdict.difference is None
    assert [item["team"] for item in verdict.published.decided] == ["d", "a"]


def test_nothing_is_announced_before_validation_nor_under_embargo(db: Session) -> None:
    judged = graded(db, quorum=3)
    with pytest.raises(Conflict, match="not deliberated yet"):
        announce(db, judged)
    decide(db, judged, Decision(COMPUTED, {}, present=3))
    with pytest.raises(Conflict, match="not validated yet"):
        announce(db, judged)
    sign(db, judged, embargo=AFTERWARDS + timedelta(hours=2))
    with pytest.raises(Conflict, match="Under embargo"):
        announce(db, judged, hours=1)
    announce(db, judged, hours=2)
    found = latest(db, "2025")
    assert found is not None
    assert found.results["decided"] == []


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (Decision(SWAPPED, {"d": "Oui."}, present=3), "Say why this place differs"),
        (Decision({**COMPUTED, "a": 3}, WHY, present=3), "no ranking"),
        (Decision({**COMPUTED, "b": 9}, WHY, present=3), "no ranking"),
        (Decision({"c": 1}, {}, present=3), "each ranked team"),
        (Decision({**COMPUTED, "e": 5}, WHY, present=3), "each ranked team"),
        (Decision(COMPUTED, {}, present=2), "quorum is 3"),
        (Decision(COMPUTED, {}, (Award("second", "", "c"),), present=3), "no prize"),
        (Decision(COMPUTED, {}, (Award(None, " ", "c"),), present=3), "needs a title"),
        (Decision(COMPUTED, {}, (Award("first", "", "zz"),), present=3), "not in the edition"),
        (Decision(COMPUTED, {}, casting="x" * 501, present=3), "at most"),
    ],
)
def test_decision_that_does_not_hold_is_refused(db: Session, decision: Decision, said: str) -> None:
    judged = graded(db, quorum=3)
    with pytest.raises(Invalid) as refused:
        decide(db, judged, decision)
    assert said in refused.value.message % refused.value.params
    assert db.get(Deliberation, "2025") is None


def test_equal_places_and_a_withheld_prize_are_decisions_too(db: Session) -> None:
    judged = graded(db)
    decide(db, judged, Decision({"c": 1, "a": 2, "d": 2, "b": 4}, {"d": "Ex æquo."}, (Award("first", "", None),)))
    row = db.get_one(Deliberation, "2025")
    assert row.places == [{"team": "d", "rank": 2, "reason": "Ex æquo."}]
    assert row.awards == [{"id": "first", "team": None}]


def test_who_decides_on_an_older_version_is_told(db: Session) -> None:
    judged = graded(db)
    decide(db, judged, Decision(COMPUTED, {}))
    with pytest.raises(Conflict, match="Somebody else"):
        decide(db, judged, Decision(SWAPPED, WHY))
    sign(db, judged)
    with pytest.raises(Conflict, match="Somebody else"):
        sign(db, judged)
    with pytest.raises(Conflict, match="validated already"):
        sign(db, judged, version=2)
    with pytest.raises(Conflict, match="Reopen it"):
        decide(db, judged, Decision(SWAPPED, WHY), version=2)


def test_reopening_needs_a_reason_and_takes_the_minutes_back(db: Session) -> None:
    judged = graded(db)
    decide(db, judged, Decision(COMPUTED, {}))
    sign(db, judged)
    named: dict[str, Any] = {"edition": judged.edition, "organiser_id": judged.organiser.id, "version": 2}
    with pytest.raises(Invalid, match="Say why"):
        reopen(db, **named, reason=" ", now=AFTERWARDS)
    reopen(db, **named, reason="Une place mal recopiée.", now=AFTERWARDS)
    row = db.get_one(Deliberation, "2025")
    assert (row.state, row.minutes, row.minutes_sha256, row.validated_at) == ("deliberated", "", "", None)
    acts = [e.act for e in db.exec(select(AuditEntry).order_by(AuditEntry.at))]  # type: ignore[arg-type]  # a column
    assert {"deliberate", "validate_deliberation", "reopen_deliberation"} <= set(acts)


def test_team_that_withdraws_after_the_deliberation_calls_for_another_one(db: Session) -> None:
    judged = graded(db)
    decide(db, judged, Decision(SWAPPED, WHY))
    sign(db, judged)
    judged.teams["B"].status = "withdrawn"
    db.add(judged.teams["B"])
    db.flush()
    shown = preview(db, judged.edition, now=AFTERWARDS)
    assert [r.message for r in shown.awaits] == [
        "The ranking changed since the jury deliberated; it has to deliberate again."
    ]
    assert shown.results["decided"] == []
    assert {s.team: s.rank for s in shown.standings if s.rank} == {"c": 1, "a": 2, "d": 3}
    with pytest.raises(Conflict, match="deliberate again"):
        announce(db, judged)


def test_jury_that_still_grades_deliberates_about_nothing(db: Session) -> None:
    judged = graded(db, closed=False)
    with pytest.raises(Conflict, match="not closed"):
        decide(db, judged, Decision(COMPUTED, {}))
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(NotFound, match="not deliberated"):
        sign(db, judged, version=0)


def test_two_who_decide_at_once_one_wins(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = graded(db)

    def one(_n: int) -> str:
        try:
            with transaction(engine) as db:
                decide(db, judged, Decision(COMPUTED, {}))
        except Conflict:
            return "told"
        return "recorded"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["recorded", "told"]


def test_digest_names_the_ranking_without_and_with_what_was_decided(db: Session) -> None:
    judged = graded(db)
    before = preview(db, judged.edition, now=AFTERWARDS)
    decide(db, judged, Decision(SWAPPED, WHY))
    after = preview(db, judged.edition, now=AFTERWARDS)
    assert before.digest == before.computed == after.computed
    assert after.digest == digest_of(after.results) != before.digest


def test_correction_of_what_is_announced_is_reopened_validated_and_says_what_changed(db: Session) -> None:
    judged = graded(db)
    announce(db, judged)
    with pytest.raises(Conflict, match="Reopen the deliberation"):
        decide(db, judged, Decision(SWAPPED, WHY))
    named: dict[str, Any] = {"edition": judged.edition, "organiser_id": judged.organiser.id, "now": AFTERWARDS}
    with pytest.raises(Invalid, match="Say why"):
        reopen(db, **named, version=0, reason="")
    reopen(db, **named, version=0, reason="Réclamation de D.")
    with pytest.raises(Conflict, match="not validated"):
        publish(db, **named, reason="Réclamation de D.")
    decide(db, judged, Decision(SWAPPED, WHY, (Award("first", "", "c"),)), version=1)
    assert state_of(db.get(Deliberation, "2025"), announced=True, current=False) == "deliberated"
    sign(db, judged, version=2)
    publish(db, **named, reason="Réclamation de D.")
    found = latest(db, "2025")
    assert found is not None
    assert (found.version, found.results["changes"]) == (
        2,
        [{"team": "d", "rank": [3, 2]}, {"team": "a", "rank": [2, 3]}, {"award": "first", "team": [None, "c"]}],
    )
    assert verify(json.dumps(found.results).encode()).difference is None
    row = db.get_one(Deliberation, "2025")
    assert state_of(row, announced=True, current=True) == "announced"
