"""The order of the pitches is drawn, the clock is the server's, and a button pressed twice moves the room once."""

from datetime import datetime, timedelta

import pytest
from judged import JURY_TIME, Judged, make_judged
from sqlmodel import Session, select

from datathon.jury.pitch import Room, draw_order, lead_room, room
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store.tables import AuditEntry

MINUTES = {"pitch": 5, "questions": 3, "grading": 1}


def draw(db: Session, judged: Judged, *, seed: int = 1, version: int = 0, reason: str = "") -> tuple[str, ...]:
    return draw_order(
        db,
        edition=judged.edition,
        organiser_id=judged.organiser.id,
        minutes=MINUTES,
        seed=seed,
        version=version,
        reason=reason,
        now=JURY_TIME,
    )


def here(db: Session, judged: Judged, now: datetime = JURY_TIME) -> Room:
    found = room(db, judged.edition, now=now)
    assert found is not None
    return found


def move(db: Session, judged: Judged, name: str, now: datetime = JURY_TIME, version: int = 0) -> None:
    lead_room(
        db,
        edition=judged.edition,
        organiser_id=judged.organiser.id,
        version=version or here(db, judged).version,
        move=name,
        now=now,
    )


def where(found: Room) -> tuple[str | None, str]:
    return (None if found.now is None else found.now.slug), found.phase


def test_draw_is_repeated_by_its_seed_and_another_needs_a_reason(db: Session) -> None:
    judged = make_judged(db, teams="ABCDEF")
    assert room(db, judged.edition, now=JURY_TIME) is None
    with pytest.raises(NotFound):
        lead_room(db, edition=judged.edition, organiser_id=judged.organiser.id, version=0, move="start", now=JURY_TIME)
    first = draw(db, judged)
    assert sorted(first) == list("abcdef")
    with pytest.raises(Invalid, match="Say why"):
        draw(db, judged, version=1)
    with pytest.raises(Conflict):
        draw(db, judged, reason="Une équipe manquait.")
    assert draw(db, judged, version=1, reason="Une équipe manquait.") == first
    assert draw(db, judged, seed=2, version=2, reason="Une équipe manquait.") != first
    entry = db.exec(select(AuditEntry).where(AuditEntry.act == "draw_pitches")).all()[-1]
    assert entry.details["reason"] == "Une équipe manquait."
    move(db, judged, "start")
    with pytest.raises(Conflict, match="begun"):
        draw(db, judged, version=here(db, judged).version, reason="Trop tard.")


def test_room_goes_through_three_phases_of_every_team(db: Session) -> None:
    judged = make_judged(db, teams="AB")
    one, other = draw(db, judged)
    assert (here(db, judged).now, here(db, judged).following and here(db, judged).following.slug) == (None, one)
    move(db, judged, "start")
    seen = [where(here(db, judged))]
    for _ in range(6):
        move(db, judged, "next")
        seen.append(where(here(db, judged)))
    phases = ["pitch", "questions", "grading"]
    assert seen == [*((one, p) for p in phases), *((other, p) for p in phases), (None, "pitch")]
    assert here(db, judged).over
    with pytest.raises(Conflict, match="Every team"):
        move(db, judged, "next")
    with pytest.raises(Conflict, match="Every team"):
        move(db, judged, "start")
    move(db, judged, "previous")
    assert where(here(db, judged)) == (other, "grading")


def test_clock_is_kept_by_the_server_and_stops_while_paused(db: Session) -> None:
    judged = make_judged(db, teams="AB")
    draw(db, judged)
    move(db, judged, "start")
    later = JURY_TIME + timedelta(seconds=90)
    assert here(db, judged, later).left == 210
    move(db, judged, "pause", later)
    assert here(db, judged, later + timedelta(hours=1)).left == 210
    assert not here(db, judged).running
    with pytest.raises(Conflict):
        move(db, judged, "pause", later)
    move(db, judged, "start", later)
    assert here(db, judged, later + timedelta(seconds=240)).left == -30
    move(db, judged, "next", later)
    # Questions begin at once; the next team waits until it is ready.
    assert (here(db, judged, later).left, here(db, judged).running) == (180, True)
    move(db, judged, "skip", later)
    assert (here(db, judged).phase, here(db, judged).running) == ("pitch", False)
    with pytest.raises(Invalid):
        move(db, judged, "dance")


def test_button_pressed_twice_moves_once(db: Session) -> None:
    judged = make_judged(db, teams="ABC")
    draw(db, judged)
    version = here(db, judged).version
    move(db, judged, "start", version=version)
    with pytest.raises(Conflict, match="pressed twice"):
        move(db, judged, "start", version=version)
    with pytest.raises(Conflict, match="beginning"):
        move(db, judged, "previous")


def test_team_that_leaves_is_passed_over_and_moves_nobody(db: Session) -> None:
    judged = make_judged(db, teams="ABC")
    order = draw(db, judged)
    move(db, judged, "skip")
    move(db, judged, "skip")
    assert where(here(db, judged))[0] == order[1]
    gone = judged.teams[order[0].upper()]
    gone.status = "withdrawn"
    db.add(gone)
    db.flush()
    assert where(here(db, judged))[0] == order[1]
    assert [t.state for t in here(db, judged).turns] == ["now", "next"]
    with pytest.raises(Conflict, match="beginning"):
        move(db, judged, "previous")


@pytest.mark.parametrize("minutes", [{**MINUTES, "pitch": 0}, {**MINUTES, "questions": 121}, {"pitch": 5}])
def test_minutes_out_of_range_are_refused(db: Session, minutes: dict[str, int]) -> None:
    judged = make_judged(db, teams="AB")
    with pytest.raises(Invalid, match="minutes"):
        draw_order(
            db,
            edition=judged.edition,
            organiser_id=judged.organiser.id,
            minutes=minutes,
            seed=1,
            version=0,
            reason="",
            now=JURY_TIME,
        )
