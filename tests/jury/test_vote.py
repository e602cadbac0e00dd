"""The public vote: codes that serve once, ballots that lead to nobody, a count nobody knows too early."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from judged import JURY_TIME, Judged, make_judged
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.rules import Component, Edition
from datathon.editions.vote import TITLE, VoteRules
from datathon.jury.close import close
from datathon.jury.freeze_vote import freeze_vote, is_vote_due, vote_differs, with_frozen_vote
from datathon.jury.void_codes import Voided, void_codes
from datathon.jury.vote import AT_ONCE, HIDES, cast, close_vote, digest_of, open_vote, print_codes, reopen_vote
from datathon.jury.vote_tables import VoteBallot, VoteCode, VotePoll
from datathon.jury.voting import code_sheets, progress, votes
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.store import audit
from datathon.store.db import transaction

SECRET = "s" * 32


def voting(db: Session, *, teams: str = "ABC", phase: str = "") -> Judged:
    judged = make_judged(db, teams=teams)
    return replace(judged, edition=replace(judged.edition, vote=VoteRules("competences", TITLE, 0, 2, 0.5, phase)))


def printed(db: Session, judged: Judged, number: int = 3) -> tuple[str, ...]:
    return print_codes(
        db, edition=judged.edition, secret=SECRET, number=number, organiser_id=judged.organiser.id, now=JURY_TIME
    ).codes


def opened(db: Session, judged: Judged) -> None:
    open_vote(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)


def ballot(db: Session, judged: Judged, code: str, *teams: str) -> int:
    return cast(db, edition=judged.edition, secret=SECRET, code=code, choices=teams, now=JURY_TIME)


def shut(db: Session, judged: Judged) -> bool:
    version = db.get_one(VotePoll, judged.edition.id).version
    return close_vote(db, edition=judged.edition, organiser_id=judged.organiser.id, version=version, now=JURY_TIME)


def test_code_serves_once_and_leads_to_no_ballot(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        codes = printed(db, judged)
        opened(db, judged)
        assert ballot(db, judged, f" {codes[0].lower()} ", "a", "b", "a") == 2
        with pytest.raises(Invalid, match="served already"):
            ballot(db, judged, codes[0], "c")
        assert progress(db, judged.edition, now=JURY_TIME).ballots == 1
        kept = db.exec(select(VoteCode)).all()
        assert sum(row.used for row in kept) == 1
        assert {row.digest for row in kept} == {digest_of(SECRET, judged.edition.id, code) for code in codes}
        assert set(VoteBallot.model_fields) == {"id", "edition_id", "teams", "sheet"}
        assert set(VoteCode.model_fields) == {"digest", "edition_id", "sheet", "used"}
        assert [b.sheet for b in db.exec(select(VoteBallot))] == [None], "three cards hide nobody"
        acts = {line.act for line in audit.latest(db, judged.edition.id)}
        assert acts == {"print_codes", "open_vote"}


def test_ballot_that_does_not_hold_spends_no_code(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        code = printed(db, judged, 1)[0]
        with pytest.raises(Conflict, match="not open yet"):
            ballot(db, judged, code, "a")
        opened(db, judged)
        with pytest.raises(Invalid, match="at least one"):
            ballot(db, judged, code)
        with pytest.raises(Invalid) as many:
            ballot(db, judged, code, "a", "b", "c")
        assert (many.value.field, many.value.params) == ("choice", {"most": 2, "count": 3})
        with pytest.raises(NotFound):
            ballot(db, judged, code, "z")
        for wrong in ("", "AAAA-AAAA", code[:-1], code + "2"):
            with pytest.raises(Invalid, match="not known"):
                ballot(db, judged, wrong, "a")
        assert ballot(db, judged, code, "a") == 1
        assert shut(db, judged)
        assert not shut(db, judged)
        with pytest.raises(Conflict, match="closed"):
            ballot(db, judged, code, "a")


def test_count_is_secret_until_vote_and_jury_are_closed(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        codes = printed(db, judged)
        opened(db, judged)
        ballot(db, judged, codes[0], "a", "b")
        ballot(db, judged, codes[1], "a")
        assert votes(db, judged.edition) is None
        shut(db, judged)
        assert votes(db, judged.edition) is None
        kept = [row.teams for row in db.exec(select(VoteBallot))]
        assert (len(kept), kept) == (2, sorted(kept))
        poll = db.get_one(VotePoll, judged.edition.id)
        reopen_vote(
            db,
            edition=judged.edition,
            organiser_id=judged.organiser.id,
            version=poll.version,
            reason="Trop tôt.",
            now=JURY_TIME,
        )
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        assert votes(db, judged.edition) is None
        ballot(db, judged, codes[2], "b")
        shut(db, judged)
        found = votes(db, judged.edition)
        assert found is not None
        assert (found.ballots, found.counts) == (3, {"a": 2, "b": 2, "c": 0})
        with pytest.raises(Conflict, match="count is known"):
            reopen_vote(
                db,
                edition=judged.edition,
                organiser_id=judged.organiser.id,
                version=poll.version,
                reason="Encore.",
                now=JURY_TIME,
            )
        judged.teams["A"].status = "withdrawn"
        db.add(judged.teams["A"])
        db.flush()
        found = votes(db, judged.edition)
        assert found is not None
        assert (found.ballots, found.counts) == (3, {"b": 2, "c": 0})


def weighted(judged: Judged, weight: int, *, others: tuple[int, int] = (40, 60), target: float = 0.5) -> Edition:
    """Return the edition as a file with these weights gives it."""
    rules = VoteRules("competences", TITLE, weight, 2, target)
    plan = judged.edition.ranking
    assert plan is not None
    parts = tuple(replace(c, weight=w) for c, w in zip(plan.components, others, strict=True))
    voted = (*parts, Component("vote", "vote", weight, "competences", "higher", 0.0, target)) if weight else parts
    return replace(judged.edition, vote=rules, ranking=replace(plan, components=voted))


def share_of(edition: Edition) -> tuple[Fraction, Fraction]:
    """Return the vote's share of the total and the metric's share of the rest."""
    assert edition.ranking is not None
    weights = {c.id: c.weight for c in edition.ranking.components}
    others = sum(w for name, w in weights.items() if name != "vote")
    return Fraction(weights.get("vote", 0), sum(weights.values())), Fraction(weights["metric"], others)


@pytest.mark.parametrize("others", [(40, 60), (20, 30), (7, 4), (0, 1)])
@pytest.mark.parametrize("later", [0, 1, 10, 500])
def test_file_changed_after_the_opening_moves_no_share(engine: Engine, later: int, others: tuple[int, int]) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        open_vote(db, edition=weighted(judged, 10), organiser_id=judged.organiser.id, now=JURY_TIME)
        changed = weighted(judged, later, others=others, target=0.9)
        found = with_frozen_vote(db, changed)
        assert found.vote == VoteRules("competences", TITLE, 10, 2, 0.5)
        assert share_of(found) == (Fraction(1, 11), Fraction(others[0], sum(others)))
        assert with_frozen_vote(db, found) == found
        assert vote_differs(db, changed)
        assert share_of(with_frozen_vote(db, replace(changed, vote=None)))[0] == Fraction(1, 11)
        assert not vote_differs(db, weighted(judged, 10))


def test_prize_stays_a_prize_when_the_file_gives_it_a_weight_later(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        open_vote(db, edition=weighted(judged, 0), organiser_id=judged.organiser.id, now=JURY_TIME)
        changed = weighted(judged, 10)
        assert changed.ranking is not None
        changed = replace(changed, ranking=replace(changed.ranking, tie_break=("vote", "jury")))
        found = with_frozen_vote(db, changed)
        assert found.ranking is not None
        assert ([c.id for c in found.ranking.components], found.ranking.tie_break) == (["metric", "jury"], ("jury",))


def test_phase_freezes_the_rules_once(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db, phase="jury")
        early = JURY_TIME - timedelta(days=30)
        assert not freeze_vote(db, judged.edition, now=early)
        assert is_vote_due(db, judged.edition, now=JURY_TIME)
        assert freeze_vote(db, judged.edition, now=JURY_TIME)
        assert not freeze_vote(db, weighted(judged, 10), now=JURY_TIME)
        assert db.get_one(VotePoll, judged.edition.id).frozen_at == JURY_TIME
        later = replace(judged.edition, phases=(), vote=None)
        assert with_frozen_vote(db, later).vote == VoteRules("competences", TITLE, 0, 2, 0.5, "")


def voided(db: Session, judged: Judged, sheet: int, ballots: str, reason: str = "Perdue.") -> Voided:
    return void_codes(
        db,
        edition=judged.edition,
        sheet=sheet,
        ballots=ballots,
        reason=reason,
        organiser_id=judged.organiser.id,
        now=JURY_TIME,
    )


@pytest.mark.parametrize(
    ("choice", "left"), [("kept", {"a": 2, "b": 1, "c": 0}), ("removed", {"a": 0, "b": 1, "c": 0})]
)
def test_lost_sheet_is_void_and_its_ballots_stay_or_go(engine: Engine, choice: str, left: dict[str, int]) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        lost, good = printed(db, judged, HIDES), printed(db, judged, HIDES)
        opened(db, judged)
        ballot(db, judged, lost[0], "a")
        ballot(db, judged, lost[1], "a")
        ballot(db, judged, good[0], "b")
        assert [(s.number, s.codes, s.served) for s in code_sheets(db, judged.edition.id)] == [(1, 10, 2), (2, 10, 1)]
        with pytest.raises(Invalid) as refused:
            voided(db, judged, 1, "")
        assert refused.value.field == "ballots"
        with pytest.raises(Invalid) as refused:
            voided(db, judged, 1, choice, " ")
        assert refused.value.field == "why"
        shut(db, judged)  # closed, and the count still secret: a loss may be noticed late
        assert voided(db, judged, 1, choice) == Voided(2, 2 if choice == "removed" else 0)
        with pytest.raises(Conflict, match="void already"):
            voided(db, judged, 1, choice)
        with pytest.raises(NotFound):
            voided(db, judged, 3, choice)
        version = db.get_one(VotePoll, judged.edition.id).version
        reopen_vote(
            db, edition=judged.edition, organiser_id=judged.organiser.id, version=version, reason="…", now=JURY_TIME
        )
        for code in lost[:3]:
            with pytest.raises(Invalid, match="card is void"):
                ballot(db, judged, code, "a")
        shut(db, judged)
        close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
        with pytest.raises(Conflict, match="count is known"):
            voided(db, judged, 2, choice)
        found = votes(db, judged.edition)
        assert found is not None
        assert (found.counts, found.ballots) == (left, sum(left.values()))
        assert found.void == ({"sheet": 1, "codes": 10, "served": 2, "ballots": choice},)
        assert set(db.exec(select(VoteBallot.sheet))) == {None}, "once the count is known no ballot tells its sheet"
        assert audit.latest(db, judged.edition.id, limit=20)[0].edition_id == judged.edition.id
        assert "void_codes" in {line.act for line in audit.latest(db, judged.edition.id)}


def test_ballots_of_a_small_sheet_can_only_stay(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        code = printed(db, judged, HIDES - 1)[0]
        opened(db, judged)
        ballot(db, judged, code, "a")
        with pytest.raises(Invalid, match="can only stay"):
            voided(db, judged, 1, "removed")
        assert voided(db, judged, 1, "kept") == Voided(1, 0)
        printed(db, judged, 1)
        assert voided(db, judged, 2, "removed") == Voided(0, 0), "none came: there is nothing to tell apart"


def test_two_organisers_do_not_close_over_one_another(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        opened(db, judged)
        with pytest.raises(Conflict, match="Somebody else"):
            close_vote(db, edition=judged.edition, organiser_id=judged.organiser.id, version=0, now=JURY_TIME)


def test_phase_opens_the_vote_and_its_end_takes_no_ballot(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db, phase="jury")
        code = printed(db, judged, 1)[0]
        with pytest.raises(Conflict, match="calendar opens"):
            opened(db, judged)
        assert ballot(db, judged, code, "a") == 1
        after = JURY_TIME + timedelta(days=30)
        assert progress(db, judged.edition, now=after).state == "over"
        with pytest.raises(Conflict, match="over"):
            cast(db, edition=judged.edition, secret=SECRET, code=code, choices=("a",), now=after)


def test_codes_are_made_in_batches_of_a_size_and_not_after_the_closing(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db)
        for wrong in (0, -1, AT_ONCE + 1):
            with pytest.raises(Invalid):
                printed(db, judged, wrong)
        opened(db, judged)
        shut(db, judged)
        with pytest.raises(Conflict):
            printed(db, judged)


def test_vote_needs_two_prototypes_and_an_edition_that_holds_one(engine: Engine) -> None:
    with transaction(engine) as db:
        judged = voting(db, teams="A")
        with pytest.raises(Invalid, match="nothing to choose"):
            opened(db, judged)
        with pytest.raises(NotFound):
            open_vote(
                db,
                edition=replace(judged.edition, vote=None),
                organiser_id=judged.organiser.id,
                now=JURY_TIME,
            )
