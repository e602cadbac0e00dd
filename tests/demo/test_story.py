"""The story holds together, and its files are what they claim to be."""

import csv
import hashlib
import io
import math
from collections import Counter
from pathlib import Path

import pytest

from datathon.demo.pictures import PICTURES, picture_of
from datathon.demo.predict import METHODS, prediction_file
from datathon.demo.story import Story, StorySubmission, load_story
from datathon.editions.catalogue import Catalogue, load_catalogue

CHALLENGES = Path(__file__).parents[2] / "challenges"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(CHALLENGES)


@pytest.fixture(scope="module")
def story() -> Story:
    return load_story()


def a_submission(story: Story, how: str) -> StorySubmission:
    return next(s for s in story.submissions if s.recipe["how"] == how and "broken" not in s.recipe)


def test_story_has_six_teams_five_jurors_and_twenty_five_participants(story: Story) -> None:
    teams = [t for t in story.teams if t.edition == "2025"]
    jurors = [r for r in story.roles if (r.edition, r.role) == ("2025", "juror")]

    assert [t.town for t in teams] == ["Caen", "Cherbourg-en-Cotentin", "Le Havre", "Rouen", "Alençon", "Évreux"]
    assert sum(len(t.members) for t in teams) == 25
    assert (len(jurors), [r.person for r in jurors if r.president]) == (5, ["helene"])


def test_story_people_are_all_at_example_org(story: Story) -> None:
    assert all(p.email.endswith("example.org") for p in story.people)
    assert len({p.email for p in story.people}) == len(story.people)


def test_story_names_only_people_teams_and_challenges_that_exist(story: Story, catalogue: Catalogue) -> None:
    people = {p.key for p in story.people}
    members = {(t.edition, t.slug): set(t.members) for t in story.teams}

    assert {r.person for r in story.roles} | set().union(*members.values()) <= people
    assert {s.juror for s in story.sheets} <= people
    for entry in (*story.submissions, *story.prototypes):
        assert entry.by in members[entry.edition, entry.team]
        assert catalogue.challenge(entry.edition, entry.challenge) is not None


def test_story_keeps_within_the_calendar_and_the_quota(story: Story, catalogue: Catalogue) -> None:
    for edition in catalogue.editions.values():
        phase = next(p for p in edition.phases if p.kind == "submissions")
        mine = [s for s in story.submissions if s.edition == edition.id]
        last = math.inf if phase.closes is None else phase.closes.day
        per_day = Counter((s.team, s.challenge, s.day) for s in mine if "broken" not in s.recipe)
        assert all(phase.opens.day <= s.day < last for s in mine)
        assert max(per_day.values()) <= 5


def test_story_of_the_workshop_lies_before_its_installation(story: Story, catalogue: Catalogue) -> None:
    today = -catalogue.editions["atelier"].offset_days
    entries = (*story.teams, *story.submissions, *story.prototypes, *story.sheets)

    assert max(e.day for e in entries if e.edition == "atelier") < today


def test_story_selects_no_more_submissions_than_allowed(story: Story) -> None:
    chosen = Counter((s.edition, s.team, s.challenge) for s in story.submissions if s.final)

    assert max(chosen.values()) == 2
    assert not [s for s in story.submissions if s.final and "broken" in s.recipe]


def test_story_dossiers_fill_what_is_required(story: Story, catalogue: Catalogue) -> None:
    for prototype in story.prototypes:
        challenge = catalogue.challenge(prototype.edition, prototype.challenge)
        assert challenge is not None
        fields = {f.id: f for f in challenge.dossier}
        assert set(prototype.fields) <= set(fields)
        assert all(len(text) <= fields[key].max_length for key, text in prototype.fields.items())
        if prototype.state == "submitted":
            assert {f.id for f in challenge.dossier if f.required} <= set(prototype.fields)


def test_story_sheets_are_complete_and_within_the_grid(story: Story, catalogue: Catalogue) -> None:
    for sheet in story.sheets:
        rubric = catalogue.editions[sheet.edition].rubric
        assert rubric is not None
        maxima = {c.id: c.maximum for c in rubric.criteria}
        assert all(0 <= mark <= maxima[key] and (mark * 2) % 1 == 0 for key, mark in sheet.marks.items())
        assert sheet.state == "draft" or set(sheet.marks) == set(maxima)


def test_story_jury_of_2025_is_complete_but_for_one_recusal(story: Story) -> None:
    graded = {(s.juror, s.team) for s in story.sheets if s.edition == "2025"}

    assert len(graded) == 29
    assert [(c.juror, c.team) for c in story.conflicts] == [("claire", "maree-haute")]
    assert ("claire", "maree-haute") not in graded


@pytest.mark.parametrize("how", sorted(METHODS))
def test_every_method_gives_a_complete_file_of_finite_numbers(story: Story, catalogue: Catalogue, how: str) -> None:
    submission = a_submission(story, how)
    challenge = catalogue.challenge(submission.edition, submission.challenge)
    assert challenge is not None
    assert challenge.submission is not None

    header, *rows = csv.reader(io.StringIO(prediction_file(challenge.folder, submission.recipe).decode()))

    with (challenge.folder / "sample_submission.csv").open(encoding="utf-8", newline="") as file:
        sample_header, *sample = csv.reader(file)
    assert header == sample_header
    assert [row[0] for row in rows] == [row[0] for row in sample]
    assert all(math.isfinite(float(cell)) for row in rows for cell in row[1:])


def test_same_recipe_gives_the_same_bytes_and_another_seed_does_not() -> None:
    folder = CHALLENGES / "atelier" / "marnage"
    recipe = {"how": "stations", "k": 3, "noise": 0.1, "seed": 1}

    first, again = (hashlib.sha256(prediction_file(folder, recipe)).hexdigest() for _ in range(2))

    assert first == again
    assert prediction_file(folder, {**recipe, "seed": 2}) != prediction_file(folder, recipe)


def spoilt(damage: str) -> list[list[str]]:
    recipe = {"how": "stations", "broken": damage}
    return list(csv.reader(io.StringIO(prediction_file(CHALLENGES / "atelier" / "marnage", recipe).decode())))


def test_damage_missing_column() -> None:
    assert spoilt("missing column")[0] == ["station"]


def test_damage_missing_rows() -> None:
    assert len(spoilt("missing rows")) < 61


def test_damage_text() -> None:
    assert [row[1] for row in spoilt("text")].count("inconnu") == 1


def test_damage_decimal_comma() -> None:
    assert sum("," in row[1] for row in spoilt("decimal comma")) == 1


def test_damage_duplicate_id() -> None:
    ids = [row[0] for row in spoilt("duplicate id")]

    assert ids.count(ids[1]) == 2


def test_unknown_method_and_damage_are_refused() -> None:
    folder = CHALLENGES / "atelier" / "marnage"

    with pytest.raises(ValueError, match="no method 'magic'"):
        prediction_file(folder, {"how": "magic"})
    with pytest.raises(ValueError, match="no damage 'fire'"):
        prediction_file(folder, {"how": "stations", "broken": "fire"})


def test_each_picture_belongs_to_a_prototype_that_describes_it(story: Story) -> None:
    drawn = {one.team: one for one in story.prototypes if one.state == "submitted" and one.team in PICTURES}
    assert set(drawn) == set(PICTURES)
    for team, prototype in drawn.items():
        picture = picture_of(team)
        assert picture is not None
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 12_000
        assert 40 < len(prototype.fields["screenshot_text"]) <= 300
    assert picture_of("nobody") is None
