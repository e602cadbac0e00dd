"""Random histories of a team's submissions, through the acts themselves: the quota holds whatever happens."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from factories import accept_rules, make_edition, make_person, make_submission, make_team
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine
from sqlmodel import Session, select

from datathon.editions.catalogue import load_edition
from datathon.editions.rules import Quota, TeamRules
from datathon.editions.windows import windows
from datathon.kernel.errors import Conflict
from datathon.schema import metadata
from datathon.scoring.claim import Claim, claim, release, set_back
from datathon.scoring.finish import finish
from datathon.scoring.outcome import ScoringOutcome
from datathon.scoring.reconcile import take_back_expired
from datathon.scoring.retry import retry
from datathon.store.db import make_engine, transaction
from datathon.store.files import Stored
from datathon.submissions.ledger import day_of
from datathon.submissions.receive import receive
from datathon.submissions.rules import State
from datathon.submissions.tables import QuotaEntry, Submission
from datathon.submissions.withdraw import withdraw
from datathon.teams.tables import Team

QUOTA = Quota(per_day=2, total=4)
LOADED = load_edition(Path(__file__).parents[2] / "challenges" / "2025")
CHALLENGE = replace(next(c for c in LOADED.challenges if c.takes_predictions), quota=QUOTA)
EDITION = replace(LOADED, teams=TeamRules(1, 3), challenges=(CHALLENGE,))
SCORED = ScoringOutcome(
    "scored",
    values={"public": {"m": 1.0}, "private": {"m": 1.0}, "all": {"m": 1.0}},
    scorer={"name": "m", "version": "1", "digest": "sha256:1"},
    reference="sha256:2",
    submission="sha256:3",
    environment="sha256:4",
    sandbox="full",
)
OUTCOMES = {"scored": SCORED, "rejected": ScoringOutcome("rejected", "value_type"), "failed": ScoringOutcome("failed")}


class Histories(RuleBasedStateMachine):
    """One team, one challenge, two places a day and four in all; everything that may happen to a submission happens."""

    def __init__(self) -> None:
        """Open an empty database in memory."""
        super().__init__()
        self.engine = make_engine("sqlite://")
        metadata.create_all(self.engine)
        self.session = Session(self.engine, expire_on_commit=False)
        self.held: list[Claim] = []
        # 29 March 2025: the day after is 23 hours long.
        self.now = datetime(2025, 3, 29, 20, 0, tzinfo=UTC)
        self.sent = 0

    @initialize()
    def begin(self) -> None:
        """Register the edition with one team."""
        db = self.session
        make_edition(db, starts=date(2025, 3, 20))
        person = make_person(db)
        accept_rules(db, person)
        self.team = make_team(db, captain=person)
        self.person = person

    def teardown(self) -> None:
        """Close the database."""
        self.session.close()
        self.engine.dispose()

    def windows(self):
        """Return the phases now."""
        return windows(EDITION, starts=date(2025, 3, 20), overrides={}, now=self.now)

    def rows(self, *states: State) -> list[Submission]:
        """Return the submissions in these states, in their order."""
        self.session.expire_all()
        found = self.session.exec(select(Submission).order_by(Submission.number)).all()
        return [row for row in found if not states or row.state in states]

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    @rule()
    def submit(self) -> None:
        """Send a file; it is refused exactly when the quota leaves nothing."""
        self.sent += 1
        counted = self.counted()
        full = sum(counted.values()) >= QUOTA.total or counted[day_of(self.now, EDITION)] >= QUOTA.per_day
        try:
            receive(
                self.session,
                edition=EDITION,
                windows=self.windows(),
                challenge=CHALLENGE,
                team_id=self.team.id,
                person_id=self.person.id,
                stored=Stored(f"{self.sent:064x}", 10),
                file_name="p.csv",
                now=self.now,
            )
        except Conflict:
            assert full
        else:
            assert not full

    @precondition(lambda self: self.rows(State.RECEIVED))
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        """Have a worker claim a waiting file."""
        row = data.draw(st.sampled_from(self.rows(State.RECEIVED)))
        found = claim(self.session, row.id, attempt=row.attempt, worker="w", lease_s=30, now=self.now)
        assert found is not None
        self.held.append(found)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), outcome=st.sampled_from(sorted(OUTCOMES)))
    def end(self, data: st.DataObject, outcome: str) -> None:
        """Have a worker, a dead one perhaps, write a result."""
        finish(self.session, data.draw(st.sampled_from(self.held)), OUTCOMES[outcome], now=self.now)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def fault(self, data: st.DataObject) -> None:
        """Count a fault of the platform."""
        set_back(self.session, data.draw(st.sampled_from(self.held)), now=self.now)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """Have the scorer service go away."""
        release(self.session, data.draw(st.sampled_from(self.held)))

    @rule()
    def sweep(self) -> None:
        """Take back what nobody renews."""
        take_back_expired(self.session, now=self.now)

    @precondition(lambda self: self.rows(State.RECEIVED, State.SCORED))
    @rule(data=st.data())
    def take_out(self, data: st.DataObject) -> None:
        """Withdraw a file."""
        row = data.draw(st.sampled_from(self.rows(State.RECEIVED, State.SCORED)))
        withdraw(
            self.session,
            edition=EDITION,
            windows=self.windows(),
            submission_id=row.id,
            team_id=self.team.id,
            person_id=self.person.id,
            now=self.now,
        )

    @precondition(lambda self: self.rows(State.FAILED))
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """Have a failed file scored again; refused when its place was used meanwhile."""
        row = data.draw(st.sampled_from(self.rows(State.FAILED)))
        counted = self.counted()
        day = day_of(row.received_at, EDITION)
        full = sum(counted.values()) >= QUOTA.total or counted[day] >= QUOTA.per_day
        try:
            retry(self.session, submission_id=row.id, edition=EDITION, organiser_id=self.person.id, now=self.now)
        except Conflict:
            assert full
        else:
            assert not full

    def entries(self) -> list[QuotaEntry]:
        """Return the ledger."""
        return list(self.session.exec(select(QuotaEntry)))

    def counted(self) -> Counter[date]:
        """Return the sum of the ledger by day."""
        found: Counter[date] = Counter()
        for entry in self.entries():
            found[entry.day] += entry.units
        return found

    @invariant()
    def never_over_and_never_negative(self) -> None:
        """Hold the quota on every day and in all."""
        counted = self.counted()
        assert all(0 <= units <= QUOTA.per_day for units in counted.values())
        assert sum(counted.values()) <= QUOTA.total

    @invariant()
    def sums_to_what_the_rows_say(self) -> None:
        """Count what waits, runs, was scored, or was withdrawn after its score."""
        used = Counter()
        for entry in self.entries():
            used[entry.submission_id] += entry.units
        for row in self.rows():
            free = {State.REJECTED: True, State.FAILED: True, State.WITHDRAWN: row.finished_at is None}
            assert used[row.id] == (0 if free.get(State(row.state), False) else 1)

    @invariant()
    def closes_each_round_once(self) -> None:
        """Open every round once and close it at most once, after the one before was given back."""
        rounds = Counter((e.submission_id, e.round, e.closes) for e in self.entries())
        assert set(rounds.values()) <= {1}
        for entry in self.entries():
            assert rounds[entry.submission_id, entry.round, False] == 1
            if entry.round > 1:
                assert rounds[entry.submission_id, entry.round - 1, True] == 1


Histories.TestCase.settings = hypothesis_settings(max_examples=25, stateful_step_count=30, deadline=None)
TestHistories = Histories.TestCase


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
def test_eight_workers_at_once_write_one_result_and_close_the_place_once(
    engine: Engine, now: datetime, outcome: str
) -> None:
    with transaction(engine) as db:
        make_edition(db)
        team = make_team(db)
        row = make_submission(db, team)

    def work(number: int) -> bool:
        with transaction(engine) as db:
            held = claim(db, row.id, attempt=1, worker=f"w{number}", lease_s=30, now=now)
        with transaction(engine) as db:
            take_back_expired(db, now=now + timedelta(seconds=number))
        with transaction(engine) as db:
            # Who holds nothing tries too, under the name of another.
            return finish(db, held or Claim(row.id, 1, f"w{number - 1}"), OUTCOMES[outcome], now=now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 1
    with transaction(engine) as db:
        kinds = Counter(entry.kind for entry in db.exec(select(QuotaEntry)))
    assert kinds == Counter({"reserve": 1, "commit" if outcome == "scored" else "refund": 1})


def test_a_team_that_submits_while_its_results_are_written_never_blocks_them(engine: Engine, now: datetime) -> None:
    # PostgreSQL: the act holds the team's row, the result refers to it. Neither may wait for the other for ever.
    with transaction(engine) as db:
        make_edition(db, starts=date(2025, 11, 5))
        person = make_person(db)
        accept_rules(db, person)
        team = make_team(db, captain=person)
        row = make_submission(db, team, challenge=CHALLENGE.id, number=99)
        held = claim(db, row.id, attempt=1, worker="w", lease_s=30, now=now)
    with transaction(engine) as first:
        first.get(Team, team.id, with_for_update={"key_share": True})
        if engine.dialect.name == "postgresql":
            with transaction(engine) as second:
                assert finish(second, held, SCORED, now=now)
