"""Plans in the database: what jurors then see, begun sheets that stay, what cannot be shared out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged import JURY_TIME, Judged, make_judged, submit_sheet
from sqlmodel import Session, select

from datathon.jury.assign import assign
from datathon.jury.close import close
from datathon.jury.declare import declare
from datathon.jury.feasible import Need, flow
from datathon.jury.members import Trouble, troubles
from datathon.jury.plan import Proposal, Wish, apply_plan, drop_plan, propose
from datathon.jury.queries import assignments, juror_view, matrix
from datathon.jury.tables import Assignment, JuryPlan
from datathon.kernel.errors import Conflict, Invalid, NotAllowed


def applied(db: Session, judged: Judged, wish: Wish) -> Proposal:
    return apply_plan(db, edition=judged.edition, wish=wish, organiser_id=judged.organiser.id, now=JURY_TIME)


def test_without_a_plan_everybody_grades_every_team(db: Session) -> None:
    judged = make_judged(db, teams="ABC", jurors=2)
    assert assignments(db, "2025") is None
    assert [len(juror_view(db, judged.edition, j.id).lines) for j in judged.jurors] == [3, 3]


def test_jurors_see_their_own_teams_only_in_their_own_order(db: Session) -> None:
    judged = make_judged(db, teams="ABCDEF", jurors=4)
    found = applied(db, judged, Wish(2, seed=3))
    assert sorted(found.plan.loads.values()) == [3, 3, 3, 3]
    for juror in judged.jurors:
        label = next(name for name, key in found.jurors.items() if key == juror.id)
        view = juror_view(db, judged.edition, juror.id)
        assert [line.team.name for line in view.lines] == list(found.plan.order[label])
        assert (view.owed, len({line.team.name for line in view.lines})) == (3, 3)
    assert [row.owed for row in matrix(db, judged.edition).jurors] == [3, 3, 3, 3]
    assert matrix(db, judged.edition).owed == 12
    juror = judged.jurors[0]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    mine = {line.team.team_id for line in juror_view(db, judged.edition, juror.id).lines}
    other = next(team for team in judged.teams.values() if team.id not in mine)
    with pytest.raises(NotAllowed):
        submit_sheet(db, judged, juror, other, 16, 24, 15, 8, 7, 6)
    assert propose(db, edition=judged.edition, wish=Wish(2, seed=3)).plan == found.plan


def test_making_the_plan_again_keeps_begun_sheets(db: Session) -> None:
    judged = make_judged(db, teams="ABCDEF", jurors=4)
    juror = judged.jurors[0]
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
    for name in "ABC":
        submit_sheet(db, judged, juror, judged.teams[name], 16, 24, 15, 8, 7, 6)
    for seed in (1, 2):
        found = applied(db, judged, Wish(2, seed=seed, loads={juror.id: 1}))
        label = next(name for name, key in found.jurors.items() if key == juror.id)
        assert set(found.plan.order[label]) == set("ABC")
        assert found.kept == 3
    assert len(db.exec(select(Assignment)).all()) == 12
    assert [line.state for line in juror_view(db, judged.edition, juror.id).lines] == ["submitted"] * 3


def test_plan_that_cannot_be_says_why_and_changes_nothing(db: Session) -> None:
    judged = make_judged(db, teams="ABCD", jurors=3)
    one, two, three = judged.jurors
    for juror in (one, two):
        declare(
            db,
            edition=judged.edition,
            juror_id=juror.id,
            conflicts={judged.teams["A"].id: ""},
            secrecy=True,
            now=JURY_TIME,
        )
    with pytest.raises(Invalid) as refusal:
        applied(db, judged, Wish(2))
    assert refusal.value.params == {"teams": "A", "needed": 2, "possible": 1}
    with pytest.raises(Invalid):
        applied(db, judged, Wish(4))
    with pytest.raises(Invalid) as apart:
        applied(db, judged, Wish(1, loads={one.id: 2, two.id: 2, three.id: 2}))
    assert "cannot be compared" in apart.value.message
    assert db.exec(select(JuryPlan)).all() == []


def test_team_that_comes_after_the_plan_is_named_and_the_plan_can_be_dropped(db: Session) -> None:
    judged = make_judged(db, teams="ABC", jurors=3)
    found = applied(db, judged, Wish(2))
    for row in db.exec(select(Assignment).where(Assignment.team_id == judged.teams["B"].id)):
        db.delete(row)
    db.flush()
    assert troubles(matrix(db, judged.edition)) == (Trouble("unplanned", "B"),)
    assert found.best < found.plan.variance
    drop_plan(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    assert assignments(db, "2025") is None
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    with pytest.raises(Conflict):
        applied(db, judged, Wish(2))


@given(
    st.integers(2, 7),
    st.integers(2, 6),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_kept_pairs_stay_and_shortages_are_true(teams: int, jurors: int, data: st.DataObject) -> None:
    names, people = tuple(f"t{n}" for n in range(teams)), tuple(f"j{n}" for n in range(jurors))
    pairs = st.sets(st.tuples(st.sampled_from(people), st.sampled_from(names)), max_size=6)
    conflicts = frozenset(data.draw(pairs))
    kept = frozenset(data.draw(pairs)) - conflicts
    caps = {j: data.draw(st.integers(0, teams)) for j in people}
    need = Need(names, people, data.draw(st.integers(1, jurors)), caps, conflicts, {}, kept)
    found = flow(need)
    given_pairs = {(j, t) for t, js in found.sheets.items() for j in js}
    assert kept <= given_pairs
    assert not given_pairs & conflicts
    assert all(sum(j == one for j, _ in given_pairs) <= need.cap(one) for one in people)
    if found.short:
        assert found.needed > found.possible
    else:
        assert all(len(js) == need.wanted(t) for t, js in found.sheets.items())


def test_plan_with_kept_pairs_gives_every_team_its_jurors() -> None:
    names, people = tuple("ABCDEFGH"), tuple("jklmn")
    kept = frozenset({("j", "A"), ("j", "B"), ("j", "C"), ("k", "A")})
    plan = assign(Need(names, people, 3, dict.fromkeys(people, 5), frozenset({("l", "H")}), {}, kept), seed=4)
    assert kept <= plan.pairs
    assert ("l", "H") not in plan.pairs
    assert all(sum(t == team for _, t in plan.pairs) == 3 for team in names)
    assert max(plan.loads.values()) <= 5
    assert all(a <= b + 2 for a, b in pairwise(sorted(plan.loads.values())))
