"""A rescoring from end to end through the real sandbox: change, notice, campaign, preview, apply; and what may go wrong."""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from factories import make_edition, make_person, make_submission, make_team
from sqlmodel import select

from datathon import jobs
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import Conflict, Invalid, NotFound
from datathon.leaderboard.queries import board
from datathon.leaderboard.rescored import Comparison, compare
from datathon.publication import rescore as act
from datathon.publication.tables import PublishedRanking
from datathon.scoring import rescore
from datathon.scoring.examine import boot_of
from datathon.scoring.logbook import public_scores
from datathon.scoring.notice import versions
from datathon.scoring.rescore_item import claim_item, finish_item, waiting_items
from datathon.scoring.sandbox.client import ChildLost
from datathon.scoring.tables import DoctorReport, Rescoring, RescoringItem, Score
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from datathon.store.tables import AuditEntry
from datathon.submissions.tables import QuotaEntry, Submission

EDITION, CHALLENGE = "atelier", "marnage"
TEAMS = {"Marée haute": 0.0, "Le Verger": 0.05, "Cap Cotentin": 0.6}


@dataclass
class Scene:
    """An installation with a challenge folder of its own, three scored teams and a baseline."""

    engine: object
    settings: object
    scorer: object
    folder: object

    def house(self):
        settings = self.settings
        return jobs.House(settings, self.engine, jobs.catalogue(settings.challenges_dir), self.scorer, "w1")

    def notice(self):
        jobs.notice_changes(self.engine, jobs.catalogue(self.settings.challenges_dir))

    def parts(self):
        edition = jobs.catalogue(self.settings.challenges_dir).editions[EDITION]
        return {"edition": edition, "challenge": edition.challenge(CHALLENGE)}

    def submit(self, name, shift, *, baseline=""):
        header, *rows = self.folder.joinpath("reference/reference.csv").read_text().splitlines()
        columns = header.split(",")
        at, name_of = columns.index("range_m") if "range_m" in columns else 1, columns.index("station")
        cells = [row.split(",") for row in rows]
        body = "\n".join(["station,range_m", *(f"{c[name_of]},{float(c[at]) + shift}" for c in cells)])
        path = self.settings.data_dir / "upload"
        path.write_text(body + "\n")
        with path.open("rb") as file:
            stored = FileStore(self.settings.files_dir).put(file, limit_bytes=10**7)
        with transaction(self.engine) as db:
            team = None if baseline else make_team(db, name, edition=EDITION)
            row = make_submission(
                db, team, edition=EDITION, challenge=CHALLENGE, digest=stored.digest, baseline=baseline
            )
        assert jobs.score_attempt(self.house(), row.id, 1) == "scored"
        return row.id

    def start(self, **more):
        with transaction(self.engine) as db:
            return act.start(db, **self.parts(), reason="Référence corrigée", actor=None, now=utcnow(), **more)

    def work(self):
        done = []
        while True:
            with reading(self.engine) as db:
                items = waiting_items(db, limit=1)
            if not items:
                return done
            done.append(jobs.score_item(self.house(), *items[0]))

    def apply(self, campaign, *, actor=None):
        with transaction(self.engine) as db:
            notes = {"fr": "Note.", "en": "Note."}
            return act.apply(db, **self.parts(), campaign_id=campaign, actor=actor, notes=notes, now=utcnow())

    def preview(self, campaign) -> Comparison:
        with reading(self.engine) as db:
            return compare(db, *self.parts().values(), db.get_one(Rescoring, campaign))

    def shown(self):
        with reading(self.engine) as db:
            return board(db, *self.parts().values()).payload

    def change_reference(self):
        """Let every truth be 0.5 m more, so that the order of the teams turns round."""
        path = self.folder / "reference" / "reference.csv"
        header, *rows = path.read_text().splitlines()
        at = header.split(",").index("range_m")
        turned = []
        for row in rows:
            cells = row.split(",")
            cells[at] = f"{float(cells[at]) + 0.5:.4f}"
            turned.append(",".join(cells))
        path.write_text("\n".join([header, *turned]) + "\n")

    def row(self, key):
        with reading(self.engine) as db:
            return db.get_one(Submission, key)

    def all(self, table):
        with reading(self.engine) as db:
            return db.exec(select(table)).all()


@pytest.fixture
def scene(engine, settings, scorer, tmp_path):
    shutil.copytree(settings.challenges_dir / EDITION, tmp_path / "folders" / EDITION)
    settings = replace(settings, challenges_dir=tmp_path / "folders")
    settings.files_dir.mkdir(parents=True, exist_ok=True)
    with transaction(engine) as db:
        make_edition(db, EDITION)
        db.add(DoctorReport(at=utcnow(), worker="w", level="full", report={"boot": boot_of(scorer)}))
    made = Scene(engine, settings, scorer, tmp_path / "folders" / EDITION / CHALLENGE)
    made.notice()
    return made


@pytest.fixture
def scored(scene):
    """The keys of three scored teams and a baseline, by name."""
    keys = {name: scene.submit(name, shift) for name, shift in TEAMS.items()}
    keys["zero"] = scene.submit("", 2.0, baseline="zero")
    return keys


def ranks(payload):
    return [(row["rank"], row["team"]) for row in payload["rows"]]


def test_changed_reference_is_noticed_previewed_and_applied(scene, scored):
    before = scene.shown()
    assert ranks(before) == [(1, "Marée haute"), (2, "Le Verger"), (3, "Cap Cotentin"), (None, "zero")]
    records = {record.id: record.model_dump() for record in scene.all(Score)}
    scene.change_reference()
    scene.notice()
    with reading(scene.engine) as db:
        found = versions(db, EDITION, CHALLENGE)
    assert (found.changed, found.behind) == (("reference",), 4)
    late = scene.submit("Tardive", 0.0)
    waiting = scene.shown()
    assert ranks(waiting) == ranks(before), "two versions are never ranked together"
    assert waiting["rescoring"]["waiting"] == 1
    campaign = scene.start()
    assert scene.work() == ["scored"] * 5, "the truth, three teams and the baseline"
    assert ranks(scene.shown()) == ranks(before), "nothing counts before it is applied"
    told = scene.preview(campaign)
    assert (told.submissions, told.scores_changed, told.lost, told.failed, told.obstacles) == (4, 4, 0, 0, ())
    moved = {change.team: (change.rank_before, change.rank_after) for change in told.changes}
    assert moved == {
        "Tardive": (None, 1),
        "Cap Cotentin": (3, 2),
        "Le Verger": (2, 3),
        "Marée haute": (1, 4),
        "zero": (None, None),
    }
    ledger = len(scene.all(QuotaEntry))
    assert scene.apply(campaign).ranks_changed == 4
    after = scene.shown()
    assert ranks(after) == [(1, "Tardive"), (2, "Cap Cotentin"), (3, "Le Verger"), (4, "Marée haute"), (None, "zero")]
    assert (after["rescoring"], after["notes"][0]["fr"]) == (None, "Note.")
    assert len(scene.all(QuotaEntry)) == ledger, "quotas are not touched"
    kept = {record.id: record.model_dump() for record in scene.all(Score)}
    assert {key: kept[key] for key in records} == records, "old records stay as they were"
    assert len(kept) == 5 + 4
    with reading(scene.engine) as db:
        shown = public_scores(db, [scored["Marée haute"], late], ladder="")
    new = kept[scene.row(scored["Marée haute"]).score_id]
    assert new["rescoring_id"] == campaign
    assert shown[scored["Marée haute"]].reference_digest == new["reference_digest"] == shown[late].reference_digest
    assert "0.5" in json.dumps(after["rows"][3]["score"]) or after["rows"][3]["score"] == pytest.approx(0.5, abs=1e-3)
    acts = [entry.act for entry in scene.all(AuditEntry)]
    assert [a for a in acts if "resc" in a or a == "scoring_changed"] == [
        "scoring_changed",
        "start_rescoring",
        "apply_rescoring",
    ]


def test_campaign_without_a_change_computes_everything_again_and_changes_nothing(scene, scored):
    campaign = scene.start()
    scene.work()
    told = scene.preview(campaign)
    assert (told.submissions, told.scores_changed, told.ranks_changed) == (len(scored), 0, 0)
    assert all(change.same for change in told.changes)
    scene.apply(campaign)


def test_cancelled_campaign_leaves_everything_as_it_was(scene, scored):
    before = scene.shown()
    pointers = {key: scene.row(key).score_id for key in scored.values()}
    campaign = scene.start()
    scene.work()
    with transaction(scene.engine) as db:
        rescore.cancel(db, campaign_id=campaign, edition_id=EDITION, actor=None, now=utcnow())
    assert {key: scene.row(key).score_id for key in scored.values()} == pointers
    assert scene.shown() == before
    with pytest.raises(Conflict, match="over already"):
        scene.apply(campaign)
    assert scene.start(), "another one may start"


@pytest.mark.usefixtures("scored")
def test_second_organiser_who_applies_is_told_that_it_is_over(scene):
    campaign = scene.start()
    scene.work()
    scene.apply(campaign)
    with pytest.raises(Conflict, match="over already"):
        scene.apply(campaign)
    with transaction(scene.engine) as db, pytest.raises(Conflict, match="over already"):
        rescore.cancel(db, campaign_id=campaign, edition_id=EDITION, actor=None, now=utcnow())


@pytest.mark.usefixtures("scored")
def test_reference_changed_again_makes_the_campaign_stale(scene):
    scene.change_reference()
    scene.notice()
    campaign = scene.start()
    scene.work()
    scene.change_reference()
    scene.notice()
    with pytest.raises(Conflict, match="has changed since"):
        scene.apply(campaign)
    jobs.look_after_campaigns(scene.engine)
    assert [one.state for one in scene.all(Rescoring)] == ["stale"]
    assert scene.start(), "a stale one does not stand in the way"


def test_campaign_goes_on_after_a_worker_died_and_twice_is_once(scene, scored):
    campaign = scene.start()
    with reading(scene.engine) as db:
        items = waiting_items(db, limit=10)
    with transaction(scene.engine) as db:
        held = claim_item(db, items[1][0], attempt=1, worker="dead", lease_s=30, now=utcnow() - timedelta(minutes=5))
        assert claim_item(db, items[1][0], attempt=1, worker="other", lease_s=30, now=utcnow()) is None
    assert len(scene.work()) == len(items), "the silent item was taken back"
    assert max(item.attempt for item in scene.all(RescoringItem)) == 2
    with transaction(scene.engine) as db:
        assert not finish_item(db, held, jobs.ScoringOutcome("failed"), now=utcnow()), "the dead worker writes nothing"
    assert jobs.score_item(scene.house(), *items[2]) == "taken"
    scene.apply(campaign)
    made = [record for record in scene.all(Score) if record.rescoring_id == campaign]
    assert len(made) == len({record.submission_id for record in made}) == len(scored)


@pytest.mark.usefixtures("scored")
def test_submission_that_ends_late_with_the_old_reference_joins_the_campaign(scene):
    scene.change_reference()
    scene.notice()
    old = scene.all(Score)[0]
    campaign = scene.start()
    scene.work()
    late = scene.submit("Tardive", 0.0)
    with transaction(scene.engine) as db:
        record = db.get_one(Score, db.get_one(Submission, late).score_id)
        record.basis = old.basis
    with pytest.raises(Conflict, match="under way"):
        scene.apply(campaign)
    jobs.look_after_campaigns(scene.engine)
    assert scene.work() == ["scored"]
    assert late in {item.submission_id for item in scene.all(RescoringItem)}
    scene.apply(campaign)


@pytest.mark.usefixtures("scored")
def test_fault_of_the_new_scorer_cannot_be_applied(scene):
    scene.change_reference()
    (scene.folder / "challenge.toml").write_text(
        (scene.folder / "challenge.toml").read_text().replace('metrics = ["mae"]', 'metrics = ["rmsle"]')
    )
    scene.notice()
    with reading(scene.engine) as db:
        known = versions(db, EDITION, CHALLENGE)
    assert "reference" in known.changed
    campaign = scene.start()
    with transaction(scene.engine) as db:
        for item in db.exec(select(RescoringItem)):
            item.state, item.code = ("scored" if item.submission_id is None else "failed"), "scorer_error"
    with pytest.raises(Conflict, match="could not be scored again"):
        scene.apply(campaign)


@pytest.mark.parametrize(
    ("state", "values", "said"),
    [
        ("failed", {}, "could not be scored"),
        ("scored", {"public": {"mae": 0.3}}, "does not get the best score"),
    ],
)
@pytest.mark.usefixtures("scored")
def test_truth_that_is_not_the_best_blocks_the_campaign(scene, state, values, said):
    campaign = scene.start()
    scene.work()
    with transaction(scene.engine) as db:
        truth = next(item for item in db.exec(select(RescoringItem)) if item.submission_id is None)
        truth.state, truth.truth_values = state, values
    with pytest.raises(Conflict, match=said):
        scene.apply(campaign)
    assert scene.preview(campaign).obstacles


def test_failed_submission_gets_its_score_when_it_is_taken_along(scene, scored):
    with transaction(scene.engine) as db:
        row = db.get_one(Submission, scored["Le Verger"])
        row.state, row.score_id, row.code = "failed", None, "scorer_error"
    campaign = scene.start(include=frozenset({"failed"}))
    scene.work()
    assert scene.preview(campaign).gained == 1
    scene.apply(campaign)
    row = scene.row(scored["Le Verger"])
    assert (row.state, row.code, row.score_id is not None) == ("scored", "", True)


def test_withdrawn_meanwhile_stays_withdrawn(scene, scored):
    campaign = scene.start()
    scene.work()
    with transaction(scene.engine) as db:
        db.get_one(Submission, scored["Le Verger"]).state = "withdrawn"
    scene.apply(campaign)
    assert scene.row(scored["Le Verger"]).state == "withdrawn"
    assert "Le Verger" not in [row["team"] for row in scene.shown()["rows"]]


@pytest.mark.usefixtures("scored")
def test_start_needs_a_reason_one_campaign_at_a_time_and_no_publication(scene):
    with transaction(scene.engine) as db, pytest.raises(Invalid):
        act.start(db, **scene.parts(), reason="  ", actor=None, now=utcnow())
    scene.start()
    with pytest.raises(Conflict, match="under way already"):
        scene.start()
    with transaction(scene.engine) as db, pytest.raises(NotFound):
        rescore.cancel(db, campaign_id=scene.all(Rescoring)[0].id, edition_id="2025", actor=None, now=utcnow())
    with transaction(scene.engine) as db:
        person = make_person(db)
        db.add(
            PublishedRanking(
                edition_id=EDITION, version=1, published_at=utcnow(), published_by=person.id, reason="", results={}
            )
        )
    with pytest.raises(Conflict, match="published"):
        scene.start()


@pytest.mark.usefixtures("scored")
def test_lost_service_leaves_the_item_waiting(scene):
    class Losing:
        socket_path = scene.scorer.socket_path

        def ready(self):
            return True

        def run(self, *_args, **_more):
            raise ChildLost("killed")

    scene.start()
    with reading(scene.engine) as db:
        (item, attempt), *_ = waiting_items(db, limit=1)
    broken = replace(scene.house(), scorer=Losing())
    assert jobs.score_item(broken, item, attempt) in {"failed", "waiting"}
    with reading(scene.engine) as db:
        assert db.get_one(RescoringItem, item).state == "waiting"
