"""Sessions of comparisons: who is shown what, what is counted once, what no longer counts."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from factories import make_team
from judged import JURY_TIME, Judged, make_judged
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.compare import answer, pairs_left, take_pair, undo
from datathon.jury.comparing import open_for, seats, the_one_that_counts, votes
from datathon.jury.comparison_tables import Comparison, ComparisonJuror, ComparisonVote
from datathon.jury.declare import declare
from datathon.jury.open_comparison import Asked, close_comparison, open_comparison, reopen_comparison
from datathon.jury.queries import conflicts_of
from datathon.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from datathon.store.tables import AuditEntry

MINUTE = timedelta(minutes=1)


def ready(db: Session, *, teams: str = "ABCD", jurors: int = 2, minutes: int = 10) -> tuple[Judged, UUID]:
    judged = make_judged(db, teams=teams, jurors=jurors)
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    asked = Asked("Finale", [t.id for t in judged.teams.values()], [j.id for j in judged.jurors], minutes)
    key = open_comparison(
        db, edition=judged.edition, organiser_id=judged.organiser.id, asked=asked, seed=7, now=JURY_TIME
    )
    return judged, key


def seat(db: Session, judged: Judged, key: UUID, juror: int = 0) -> ComparisonJuror:
    found = db.get(ComparisonJuror, (key, judged.jurors[juror].id))
    assert found is not None
    return found


def take(db: Session, judged: Judged, key: UUID, juror: int = 0, now: datetime = JURY_TIME) -> bool:
    return take_pair(db, edition=judged.edition, comparison_id=key, juror_id=judged.jurors[juror].id, now=now)


def say(
    db: Session, judged: Judged, key: UUID, choice: str, *, juror: int = 0, turn: int = 0, now: datetime = JURY_TIME
) -> bool:
    place = seat(db, judged, key, juror)
    return answer(
        db,
        edition=judged.edition,
        comparison_id=key,
        juror_id=judged.jurors[juror].id,
        turn=turn or place.turn,
        choice=choice,
        now=now,
    ).again


def test_juror_meets_every_pair_once_then_nothing(db: Session) -> None:
    judged, key = ready(db, teams="ABC", jurors=1)
    assert take(db, judged, key)
    met = set()
    for _ in range(3):
        place = seat(db, judged, key)
        met.add(frozenset((place.left_id, place.right_id)))
        say(db, judged, key, "left")
    assert len(met) == 3
    assert seat(db, judged, key).left_id is None
    assert not take(db, judged, key)
    session = db.get(Comparison, key)
    assert session is not None
    assert pairs_left(db, judged.edition, session, judged.jurors[0].id) == 0
    assert len(votes(db, session).counting) == 3


def test_double_tap_counts_once_and_another_answer_is_told(db: Session) -> None:
    judged, key = ready(db, jurors=1)
    take(db, judged, key)
    assert not say(db, judged, key, "left", turn=1)
    assert say(db, judged, key, "left", turn=1)
    with pytest.raises(Conflict, match="answered already"):
        say(db, judged, key, "right", turn=1)
    with pytest.raises(Conflict, match="answered already"):
        say(db, judged, key, "left", turn=9)
    assert len(db.exec(select(ComparisonVote)).all()) == 1


def test_two_jurors_are_never_sent_to_one_stand_within_the_timeout(db: Session) -> None:
    judged, key = ready(db, teams="ABC", jurors=2, minutes=10)
    assert take(db, judged, key, 0)
    # Two of three stands are taken: no pair is free.
    assert not take(db, judged, key, 1, JURY_TIME + 9 * MINUTE)
    assert take(db, judged, key, 1, JURY_TIME + 10 * MINUTE)


def test_answer_frees_the_stands(db: Session) -> None:
    judged, key = ready(db, teams="ABCD", jurors=2)
    take(db, judged, key, 0)
    take(db, judged, key, 1)
    one, other = seat(db, judged, key, 0), seat(db, judged, key, 1)
    assert not {one.left_id, one.right_id} & {other.left_id, other.right_id}
    say(db, judged, key, "equal", juror=0)
    one = seat(db, judged, key, 0)
    # The other juror still stands at two of the four, and the first met the pair of the rest already.
    assert one.left_id is None
    assert take(db, judged, key, 0, JURY_TIME + 10 * MINUTE)


def test_last_answer_can_be_taken_back_once(db: Session) -> None:
    judged, key = ready(db, jurors=1)
    take(db, judged, key)
    first = seat(db, judged, key)
    pair = first.left_id, first.right_id
    say(db, judged, key, "left")
    me = judged.jurors[0].id
    undo(db, edition=judged.edition, comparison_id=key, juror_id=me, turn=2, now=JURY_TIME)
    place = seat(db, judged, key)
    assert (place.turn, place.left_id, place.right_id) == (3, *pair)
    with pytest.raises(Conflict):
        undo(db, edition=judged.edition, comparison_id=key, juror_id=me, turn=2, now=JURY_TIME)
    with pytest.raises(Conflict, match="no answer"):
        undo(db, edition=judged.edition, comparison_id=key, juror_id=me, turn=3, now=JURY_TIME)
    say(db, judged, key, "right")
    session = db.get(Comparison, key)
    assert session is not None
    found = votes(db, session)
    assert [(v.winner, v.loser) for v in found.counting] == [(str(pair[1]), str(pair[0]))]
    assert found.undone == 1


def test_conflict_said_in_front_of_a_pair_holds_for_the_edition_and_can_be_taken_back(db: Session) -> None:
    judged, key = ready(db, teams="ABC", jurors=1)
    me = judged.jurors[0].id
    take(db, judged, key)
    say(db, judged, key, "left")
    place = seat(db, judged, key)
    team = place.left_id
    say(db, judged, key, "conflict_left")
    assert set(conflicts_of(db, edition_id="2025", juror_id=me)) == {team}
    session = db.get(Comparison, key)
    assert session is not None
    assert pairs_left(db, judged.edition, session, me) == (0 if votes(db, session).counting else 1)
    assert votes(db, session).aside == 1
    undo(db, edition=judged.edition, comparison_id=key, juror_id=me, turn=seat(db, judged, key).turn, now=JURY_TIME)
    assert conflicts_of(db, edition_id="2025", juror_id=me) == {}
    assert len(votes(db, session).counting) == 1


def test_conflict_after_the_jury_closed_counts_in_the_session_only(db: Session) -> None:
    judged, key = ready(db, teams="ABC", jurors=1)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    take(db, judged, key)
    say(db, judged, key, "conflict_right")
    assert conflicts_of(db, edition_id="2025", juror_id=judged.jurors[0].id) == {}
    assert db.exec(select(AuditEntry).where(AuditEntry.act == "conflict_comparing")).one()
    place = seat(db, judged, key)
    assert place.left_id is not None
    say(db, judged, key, "left")
    assert seat(db, judged, key).left_id is None


def test_votes_with_a_late_conflict_or_on_a_withdrawn_team_no_longer_count(db: Session) -> None:
    judged, key = ready(db, teams="AB", jurors=2)
    take(db, judged, key, 0)
    say(db, judged, key, "left", juror=0)
    take(db, judged, key, 1)
    say(db, judged, key, "equal", juror=1)
    session = db.get(Comparison, key)
    assert session is not None
    assert len(votes(db, session).counting) == 2
    declare(
        db,
        edition=judged.edition,
        juror_id=judged.jurors[0].id,
        conflicts={judged.teams["A"].id: "cousin"},
        secrecy=True,
        now=JURY_TIME,
    )
    assert (len(votes(db, session).counting), votes(db, session).conflicts) == (1, 1)
    judged.teams["B"].status = "withdrawn"
    db.add(judged.teams["B"])
    db.flush()
    assert (len(votes(db, session).counting), votes(db, session).withdrawn) == (0, 1)


def test_pair_that_became_a_conflict_is_replaced(db: Session) -> None:
    judged, key = ready(db, teams="ABC", jurors=1)
    me = judged.jurors[0].id
    take(db, judged, key)
    barred = seat(db, judged, key).left_id
    assert barred is not None
    declare(db, edition=judged.edition, juror_id=me, conflicts={barred: ""}, secrecy=True, now=JURY_TIME)
    with pytest.raises(Conflict, match="another pair"):
        say(db, judged, key, "left")
    place = seat(db, judged, key)
    assert place.turn == 2
    assert barred not in {place.left_id, place.right_id}


def test_closing_needs_the_version_that_was_read_and_stops_votes(db: Session) -> None:
    judged, key = ready(db, jurors=1)
    who = {"edition": judged.edition, "comparison_id": key, "organiser_id": judged.organiser.id, "now": JURY_TIME}
    take(db, judged, key)
    with pytest.raises(Conflict, match="Somebody else"):
        close_comparison(db, **who, version=2)
    assert close_comparison(db, **who, version=1)
    assert not close_comparison(db, **who, version=1)
    with pytest.raises(Conflict, match="closed"):
        say(db, judged, key, "left")
    assert open_for(db, "2025", judged.jurors[0].id) == ()
    counted = the_one_that_counts(db, "2025")
    assert counted is not None
    assert counted.id == key
    with pytest.raises(Invalid, match="Say why"):
        reopen_comparison(db, **who, version=2, reason=" ")
    reopen_comparison(db, **who, version=2, reason="Une voix manquait.")
    say(db, judged, key, "left")
    assert the_one_that_counts(db, "2025") is None
    acts = [e.act for e in db.exec(select(AuditEntry))]
    assert [a for a in acts if "comparison" in a] == ["open_comparison", "close_comparison", "reopen_comparison"]
    assert [s.decided for s in seats(db, key)] == [1]


def test_session_needs_two_prototypes_a_juror_and_a_title(db: Session) -> None:
    judged, key = ready(db, jurors=1)
    teams, jurors = [t.id for t in judged.teams.values()], [j.id for j in judged.jurors]

    def open_(asked: Asked) -> None:
        open_comparison(
            db, edition=judged.edition, organiser_id=judged.organiser.id, asked=asked, seed=1, now=JURY_TIME
        )

    for asked, field in (
        (Asked(" ", teams, jurors), "title"),
        (Asked("x", teams[:1], jurors), "team"),
        (Asked("x", teams, []), "juror"),
        (Asked("x", teams, jurors, 0), "minutes"),
        (Asked("x", teams, jurors, 121), "minutes"),
    ):
        with pytest.raises(Invalid) as refused:
            open_(asked)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        open_(Asked("x", [*teams, make_team(db, "Sans dossier").id], jurors))
    with pytest.raises(NotFound):
        open_(Asked("x", teams, [judged.organiser.id]))
    with pytest.raises(NotAllowed):
        take_pair(db, edition=judged.edition, comparison_id=key, juror_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Invalid):
        say(db, judged, key, "both")
