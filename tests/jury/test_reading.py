from judged import JURY_TIME, make_judged
from sqlmodel import Session

from datathon.jury.declare import declare
from datathon.jury.queries import juror_view


def test_each_juror_begins_elsewhere_in_the_same_round(db: Session) -> None:
    judged = make_judged(db, teams="ABCD", jurors=4)
    orders = [[line.team.name for line in juror_view(db, judged.edition, juror.id).lines] for juror in judged.jurors]
    assert {order[0] for order in orders} == set("ABCD")
    round_ = orders[0] + orders[0]
    assert all(order == round_[round_.index(order[0]) :][:4] for order in orders)


def test_order_stays_and_conflicts_come_last(db: Session) -> None:
    judged = make_judged(db, teams="ABCD", jurors=3)
    juror = judged.jurors[1]
    before = [line.team.name for line in juror_view(db, judged.edition, juror.id).lines]
    assert before == [line.team.name for line in juror_view(db, judged.edition, juror.id).lines]
    first = judged.teams[before[0]].id
    declare(db, edition=judged.edition, juror_id=juror.id, conflicts={first: ""}, secrecy=True, now=JURY_TIME)
    after = juror_view(db, judged.edition, juror.id).lines
    assert (after[-1].team.name, after[-1].state) == (before[0], "conflict")
