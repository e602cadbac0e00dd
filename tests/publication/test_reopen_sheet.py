"""One sheet is opened again after the closing: for its juror alone, once, and what was frozen is frozen anew."""

from dataclasses import replace

import pytest
from judged import AFTERWARDS, GRADES, JURY_TIME, Judged, make_judged, marks, submit_sheet
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.jury.close import close
from datathon.jury.counting import frozen_correction
from datathon.jury.declare import declare
from datathon.jury.grade import Saved, save_draft, submit
from datathon.jury.grading_tables import SheetReopening
from datathon.jury.queries import juror_view, sheet
from datathon.jury.reopened import closings, reopenings
from datathon.jury.rules import Content
from datathon.jury.versions import Signed, versions_of
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.people.tables import Letter
from datathon.publication.deliberate import Decision, record, reopen, validate
from datathon.publication.preview import preview
from datathon.publication.reopen_sheet import reopen_sheet, take_back
from datathon.store import audit
from datathon.store.db import transaction

WRONG = marks(2, 24, 15, 8, 7, 6)
RIGHT = marks(16, 24, 15, 8, 7, 6)


def closed(db: Session) -> Judged:
    """Three teams and two jurors, one hole; the first juror typed 2 for 16."""
    judged = make_judged(db, teams="ABC", jurors=2)
    assert judged.edition.rubric is not None
    assert judged.edition.ranking is not None
    jury = tuple(c for c in judged.edition.ranking.components if c.kind == "jury")
    judged = replace(
        judged,
        edition=replace(
            judged.edition,
            rubric=replace(judged.edition.rubric, correction="fixed"),
            ranking=replace(judged.edition.ranking, components=jury),
        ),
    )
    for juror in judged.jurors:
        declare(db, edition=judged.edition, juror_id=juror.id, conflicts={}, secrecy=True, now=JURY_TIME)
        for name, team in judged.teams.items():
            if (juror, name) != (judged.jurors[1], "C"):
                submit_sheet(db, judged, juror, team, *(WRONG.values() if name == "A" else GRADES[name]))
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    return judged


def opened(db: Session, judged: Judged, juror: int = 0, team: str = "A", reason: str = "2 pour 16.") -> None:
    reopen_sheet(
        db,
        edition=judged.edition,
        juror_id=judged.jurors[juror].id,
        team_id=judged.teams[team].id,
        reason=reason,
        person_id=judged.organiser.id,
        base_url="https://d.example",
        now=AFTERWARDS,
    )


def corrected(db: Session, judged: Judged, given: dict[str, float], juror: int = 0, team: str = "A") -> Saved:
    me, it = judged.jurors[juror].id, judged.teams[team].id
    return submit(
        db,
        edition=judged.edition,
        windows=judged.windows(db, AFTERWARDS),
        juror_id=me,
        team_id=it,
        version=sheet(db, edition=judged.edition, juror_id=me, team_id=it).version,
        content=Content(given),
        now=AFTERWARDS,
        signed=Signed(me, reason="Faute de frappe."),
    )


def score(db: Session, judged: Judged) -> float:
    standing = next(s for s in preview(db, judged.edition, now=AFTERWARDS).standings if s.team == "a")
    assert standing.jury_raw is not None
    return standing.jury_raw


def test_juror_corrects_the_one_sheet_and_everything_is_frozen_anew(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = closed(db)
        before = score(db, judged)
        with pytest.raises(Conflict, match="closed"):
            corrected(db, judged, RIGHT)
        opened(db, judged)
        letter = db.exec(select(Letter)).one()
        assert (letter.to, "2 pour 16." in letter.body) == (judged.jurors[0].email, True)
        with pytest.raises(Conflict, match="open again already"):
            opened(db, judged)
        for juror, team in ((1, "A"), (0, "B")):
            with pytest.raises(Conflict, match="closed"):
                corrected(db, judged, RIGHT, juror, team)
        assert [line.reopened for line in juror_view(db, judged.edition, judged.jurors[0].id).lines].count(True) == 1
        assert "open again" in preview(db, judged.edition, now=AFTERWARDS).blockers[-1].message
        with pytest.raises(Invalid, match="every criterion"):
            corrected(db, judged, {"needs": 16.0})
        with pytest.raises(Invalid):
            corrected(db, judged, {**RIGHT, "needs": 21.0})
        with pytest.raises(Conflict, match="never becomes a draft"):
            save_draft(
                db,
                edition=judged.edition,
                windows=judged.windows(db, AFTERWARDS),
                juror_id=judged.jurors[0].id,
                team_id=judged.teams["A"].id,
                version=1,
                content=Content(WRONG),
                now=AFTERWARDS,
            )
        corrected(db, judged, RIGHT)
        assert score(db, judged) == before + 7
        with pytest.raises(Conflict, match="closed"):
            corrected(db, judged, WRONG)
        first, second = closings(db, judged.edition.id)
        assert (first.at, second.at, second.lam) == (JURY_TIME, AFTERWARDS, 2.0)
        assert first.agreement["alpha_interval"] != second.agreement["alpha_interval"]
        assert frozen_correction(db, judged.edition.id).applied
        found = preview(db, judged.edition, now=AFTERWARDS)
        assert [one["version"] for one in found.results["closings"]] == [1, 2]
        assert any("opened again and corrected" in remark.message for remark in found.remarks)
        assert not found.blockers
        past = versions_of(db, judged.edition, juror_id=judged.jurors[0].id, team_id=judged.teams["A"].id)
        assert [(v.marks["needs"], v.reason) for v in past] == [(2, ""), (16, "Faute de frappe.")]
        assert {"reopen_one_sheet", "end_reopening"} <= {line.act for line in audit.latest(db, judged.edition.id)}


def test_reopening_without_a_change_freezes_nothing(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = closed(db)
        opened(db, judged)
        corrected(db, judged, WRONG)
        opened(db, judged)
        key = db.exec(select(SheetReopening.id).where(SheetReopening.outcome == "")).one()
        facts = {"edition": judged.edition, "person_id": judged.organiser.id, "now": AFTERWARDS}
        assert take_back(db, reopening_id=key, **facts)  # type: ignore[arg-type]  # as written above
        assert not take_back(db, reopening_id=key, **facts)  # type: ignore[arg-type]  # as above
        assert sorted(one.outcome for one in reopenings(db, judged.edition.id)) == ["taken_back", "unchanged"]
        assert len(closings(db, judged.edition.id)) == 1


def test_sheet_opens_only_between_the_closing_and_the_validation(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = closed(db)
        with pytest.raises(Invalid, match="Say why"):
            opened(db, judged, reason=" ")
        with pytest.raises(NotFound):
            opened(db, judged, 1, "C")
        ranks = {s.team: s.rank for s in preview(db, judged.edition, now=AFTERWARDS).standings if s.rank}
        who = {"edition": judged.edition, "now": AFTERWARDS}
        record(db, person_id=judged.organiser.id, version=0, decision=Decision(ranks, {}), **who)  # type: ignore[arg-type]  # as written above
        validate(db, organiser_id=judged.organiser.id, version=1, embargo=None, minutes="<p>PV</p>", **who)  # type: ignore[arg-type]  # as above
        with pytest.raises(Conflict, match="validated"):
            opened(db, judged)
        reopen(db, organiser_id=judged.organiser.id, version=2, reason="Erreur de saisie.", **who)  # type: ignore[arg-type]  # as above
        opened(db, judged)
        corrected(db, judged, RIGHT)
        with pytest.raises(Conflict, match="ranking changed"):
            validate(db, organiser_id=judged.organiser.id, version=3, embargo=None, minutes="<p>PV</p>", **who)  # type: ignore[arg-type]  # as above


def test_open_jury_reopens_nothing(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = make_judged(db, teams="AB")
        with pytest.raises(Conflict, match="not closed yet"):
            opened(db, judged)
