"""A published ranking is recomputed from its file alone, to the last bit; whatever was changed is named."""

import copy
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from judged import AFTERWARDS, GRADES, JURY_TIME, RMSE, make_worked_edition
from sqlmodel import Session

from datathon.cli_verify import run
from datathon.editions.catalogue import load_edition
from datathon.editions.rules import Component, Criterion, RankingPlan, Rubric
from datathon.jury.close import close
from datathon.jury.grid import Marks, grades_of
from datathon.jury.pairwise import Tally, Vote, tally
from datathon.jury.shrinkage import Correction, choose
from datathon.leaderboard.merge import Contestant, Inputs, merge
from datathon.publication.publish import publish
from datathon.publication.queries import latest
from datathon.publication.results import digest_of, results_object
from datathon.publication.verify.compare import canonical_digest, verify
from datathon.publication.verify.read import NotResultsError

REPOSITORY = Path(__file__).parents[2]


def written(inputs: Inputs, *, digest: bool = False) -> dict[str, Any]:
    """Return the results as somebody who downloads the file reads them."""
    found = results_object(
        edition="2025", inputs=inputs, standings=merge(inputs), metric_names={}, counted={}, digests={}, code="datathon"
    )
    if digest:
        found = {**found, "digest": f"sha256:{digest_of(found)}", "version": 1, "published_at": "…", "reason": ""}
    return dict(json.loads(json.dumps(found, ensure_ascii=False)))


def difference(results: dict[str, Any]) -> str | None:
    return verify(json.dumps(results, ensure_ascii=False).encode()).difference


def outcome(results: dict[str, Any]) -> str | None:
    """Return the difference, or the refusal in words; None when everything is equal."""
    try:
        return difference(results)
    except NotResultsError as error:
        return f"refused: {error}"


def rubric(threshold: float = 0.0, of_one: float | None = None, weight: float | None = None) -> Rubric:
    return Rubric(
        "p",
        (
            Criterion("needs", {"fr": ""}, {"fr": ""}, 20, (), 0.1, of_one),
            Criterion("quality", {"fr": ""}, {"fr": ""}, 27, (), 0.1, weight=weight),
        ),
        threshold,
    )


def components(scheme: str, metric: int, jury: int, extra: int) -> tuple[Component, ...]:
    anchors = (None, None) if scheme == "rank" else (12.0, 4.0)
    parts = (Component("metric", "metric", metric, "m", "lower", *anchors), Component("jury", "jury", jury, "p"))
    return (*parts, Component("second", "metric", extra, "n", "higher", 0.0, 0.7)) if extra else parts


@st.composite
def editions(draw: st.DrawFn) -> Inputs:
    """Any edition: every scheme, correction, tie chain and status, with holes in panels and metrics, and equal marks."""
    scheme = draw(st.sampled_from(["fixed", "geometric", "rank", "lexicographic"]))
    weights = draw(st.tuples(st.integers(0, 60), st.integers(1, 60), st.integers(0, 9)))
    plan = RankingPlan(
        scheme,
        draw(st.sampled_from([0, 1, 4])),
        components(scheme, *weights),
        draw(
            st.sampled_from(
                [(), ("jury", "criterion:needs"), ("metric",), ("criterion:quality", "jury"), ("pairwise", "jury")]
            )
        ),
        draw(st.sampled_from([(), ("minmax", "zscore", "borda", "points")])),
    )
    teams = [f"t{n}" for n in range(draw(st.integers(1, 6)))]
    statuses = st.sampled_from(["active"] * 5 + ["withdrawn", "out_of_competition", "ineligible"])
    contestants = tuple(Contestant(t, f"Équipe {t}", draw(statuses)) for t in teams)
    tenths = st.integers(0, 20)
    sheets = tuple(
        Marks(f"j{j}", c.id, {"needs": draw(tenths) * 0.1 * 10, "quality": draw(tenths) * 0.1 * 13})
        for c in contestants
        for j in range(draw(st.integers(1, 4)))
        if c.status != "withdrawn" and (j == 0 or draw(st.booleans()))
    )
    values = st.sampled_from([3.0, 4.0, 6.1, 6.1, 7.3, 11.0, 12.0, 13.5])
    metrics = {
        c.id: {x.id: draw(values) for x in contestants if x.status != "withdrawn" and draw(st.integers(0, 9))}
        for c in plan.components
        if c.kind == "metric"
    }
    correction = draw(
        st.sampled_from(
            [
                Correction(),
                Correction("reml", 0.1, applied=True, why="announced"),
                Correction("reml", 2.314, applied=True, why="announced"),
                Correction("fixed", 2.0, applied=False, why="shown"),
            ]
        )
    )
    weight = draw(st.sampled_from([None, None, 80.0, 33.3]))
    the_rubric = rubric(draw(st.sampled_from([0.0, 20.0])), draw(st.sampled_from([None, 5.0])), weight)
    compared = draw(st.none() | st.sets(st.sampled_from([c.id for c in contestants])).flatmap(_tallies))
    return Inputs(plan, the_rubric, contestants, metrics, sheets, correction, compared)


def _tallies(teams: set[str]) -> st.SearchStrategy[Tally]:
    if len(teams) < 2:
        return st.just(tally(teams, []))
    pairs = st.tuples(st.sampled_from(sorted(teams)), st.sampled_from(sorted(teams)), st.booleans())
    told = st.lists(pairs.filter(lambda p: p[0] != p[1]), max_size=12)
    return told.map(lambda found: tally(teams, [Vote("j", one, other, tie=tie) for one, other, tie in found]))


@settings(max_examples=120)
@given(editions())
def test_every_kind_of_ranking_verifies_to_the_last_bit(inputs: Inputs) -> None:
    assert difference(written(inputs, digest=True)) is None
    assert [w.team for w in verify(json.dumps(written(inputs)).encode()).ranking] == [
        s.team for s in merge(inputs) if s.rank
    ]


def edition(**more: Any) -> Inputs:
    """Six teams, five jurors, one recusal: severity counts."""
    table = {t: [sum(g[:2]) / 50 * 47, RMSE[t]] for t, g in GRADES.items()}
    sheets = tuple(
        Marks(f"j{j}", t.lower(), {"needs": 20 * row[0] / 60 - j, "quality": 27 * row[0] / 60 - 2.5 * (j == 4)})
        for t, row in table.items()
        for j in range(5)
        if (t, j) != ("A", 4)
    )
    base = Inputs(
        RankingPlan("fixed", 4, components("fixed", 40, 60, 0), ("jury", "criterion:quality"), ("borda",)),
        rubric(14.0),
        tuple(Contestant(t.lower(), f"Équipe {t}") for t in GRADES),
        {"metric": {t.lower(): v for t, v in RMSE.items()}},
        sheets,
        compared=tally("abc", [Vote("j1", "b", "a"), Vote("j2", "b", "c"), Vote("j2", "a", "c", tie=True)]),
    )
    correction = choose(grades_of(rubric(), sheets), announced="reml")
    return replace(base, correction=correction, **more)


def test_edition_of_the_mutations_is_corrected_and_verifies() -> None:
    results = written(edition())
    assert results["components"][1]["correction"] == "reml"
    assert difference(results) is None
    assert len(results["ranking"]) >= 4


def test_weight_of_a_criterion_is_verified_too() -> None:
    inputs = edition(rubric=rubric(14.0, weight=80.0))
    results = written(inputs)
    assert difference(results) is None
    lighter = copy.deepcopy(results)
    lighter["criteria"][1]["weight"] = 79.0
    assert difference(lighter) is not None
    for wrong in (0, -1, "80", None):
        lighter["criteria"][1]["weight"] = wrong
        assert "weight" in str(outcome(lighter))


def test_the_worked_edition_s_published_results_verify(db: Session) -> None:
    judged = make_worked_edition(db)
    close(db, edition=judged.edition, organiser_id=judged.organiser.id, now=JURY_TIME)
    publish(db, edition=judged.edition, organiser_id=judged.organiser.id, now=AFTERWARDS)
    found = latest(db, "2025")
    assert found is not None
    verdict = verify(json.dumps(found.results, ensure_ascii=False).encode())
    assert verdict.difference is None
    assert [(w.rank, w.name, w.total) for w in verdict.ranking] == [
        (1, "C", 76.2), (2, "A", 71.6), (3, "D", 70.0), (4, "B", 68.0),
    ]  # fmt: skip
    assert found.results["digest"] == canonical_digest(found.results)


def test_the_rules_of_the_edition_of_2025_verify_with_a_jury_of_its_own() -> None:
    real = load_edition(REPOSITORY / "challenges" / "2025")
    assert real.ranking is not None
    assert real.rubric is not None
    sheets = tuple(
        Marks(f"j{j}", t.lower(), {c.id: p - 0.5 * (j % 2) for c, p in zip(real.rubric.criteria, g, strict=True)})
        for t, g in GRADES.items()
        for j in range(5)
        if (t, j) != ("B", 3)
    )
    correction = choose(grades_of(real.rubric, sheets), announced="reml")
    inputs = Inputs(
        real.ranking,
        real.rubric,
        tuple(Contestant(t.lower(), t) for t in GRADES),
        {"metric": {t.lower(): 0.2 + 0.05 * n for n, t in enumerate(GRADES)}},
        sheets,
        correction,
    )
    assert difference(written(inputs)) is None


def test_the_smallest_file_of_the_interface_verifies() -> None:
    results = {
        "format": "datathon-results/1", "edition": "2025", "scheme": "fixed", "decimals": 4,
        "components": [
            {"id": "metric", "kind": "metric", "weight": 40, "direction": "lower", "baseline": 12, "target": 4},
            {"id": "jury", "kind": "jury", "weight": 60, "correction": "reml", "lambda": 2.31, "threshold": 50},
        ],
        "criteria": [{"id": "quality", "max": 100, "threshold": None}],
        "tie_break": ["jury", "criterion:quality"],
        "teams": [{"id": "t1", "name": "T1", "status": "ranked"}],
        "metric": {"t1": 6.8}, "sheets": [{"juror": "j1", "team": "t1", "marks": {"quality": 76}}],
        "ranking": [{"team": "t1", "rank": 1, "metric": 65.0, "jury_raw": 76.0, "jury": 76.0, "total": 71.6}],
        "decided": [{"team": "t1", "rank": 1, "reason": "voix prépondérante"}], "inputs": {}, "code": "",
    }  # fmt: skip
    assert difference(results) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: r["ranking"][0].update(total=71.7), "ranking[0] (c): total: 71.7 in the file, "),
        (lambda r: r["ranking"][1].update(rank=1), "ranking[1] (a): rank: 1 in the file, 2 recomputed"),
        (lambda r: r["ranking"].reverse(), "ranking[0]: "),
        (lambda r: r["ranking"].pop(), "ranking: "),
        (lambda r: r["ranking"].append(r["ranking"][0]), "recomputed"),
        (lambda r: r["ranking"][0].pop("jury"), "ranking[0] (c): jury: nothing in the file"),
        (lambda r: r["ranking"][0].pop("jury_fair"), "ranking[0] (c): jury_fair: nothing in the file"),
        (lambda r: r["ranking"][0]["contributions"].update(jury=1.0), "ranking[0] (c): contributions.jury: 1.0"),
        (lambda r: r["ranking"][0].update(shared=1), "ranking[0] (c): shared: 1 in the file, False"),
        (lambda r: r["teams"][-1].update(status="ranked", reason=None), "status: 'ranked' in the file, 'ineligible'"),
        (lambda r: r["teams"][0].update(status="unranked"), "status: 'unranked' in the file, 'ranked' recomputed"),
        (lambda r: r["teams"][0].update(sensitive=True), "sensitive: True in the file, False recomputed"),
        (lambda r: r["components"][1].update({"lambda": 3.0}), "jury"),
        (lambda r: r["components"][0].update(weight=41), "total"),
        (lambda r: r["pairwise"]["theta"].update(b=1.0), "pairwise.theta.b: 1.0 in the file"),
        (lambda r: r["pairwise"]["wins"][0].update(wins=[1, 0]), "pairwise.theta"),
        (lambda r: r["pairwise"]["wins"].pop(), "pairwise.theta"),
        (lambda r: r["pairwise"].update(connected=False), "pairwise.connected: False in the file, True"),
        (lambda r: r["also_shown"]["borda"].update(c=0.0), "also_shown.borda.c: 0.0 in the file"),
    ],
)
def test_what_was_changed_is_named(change: Any, expected: str) -> None:
    results = written(edition())
    change(results)
    found = difference(results)
    assert found is not None
    assert expected in found


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, key))]
    if isinstance(value, list):
        return [leaf for n, item in enumerate(value) for leaf in _leaves(item, (*path, n))]
    return [path]


BASE = written(edition())
COMPUTED = [
    p for p in _leaves(BASE) if p[0] == "ranking" or (p[0] == "teams" and p[-1] in {"jury", "jury_raw", "total"})
]
EVERY = _leaves(written(edition(), digest=True))


def _changed(results: dict[str, Any], path: tuple[Any, ...], by: float) -> dict[str, Any]:
    changed = copy.deepcopy(results)
    at = changed
    for key in path[:-1]:
        at = at[key]
    old = at[path[-1]]
    at[path[-1]] = (not old) if isinstance(old, bool) else old + by if isinstance(old, int | float) else f"{old}x"
    return changed


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from(COMPUTED), st.sampled_from([1e-9, 0.001, 1, -7]))
def test_any_computed_value_that_is_changed_is_found(path: tuple[Any, ...], by: float) -> None:
    changed = _changed(BASE, path, by)
    assume(changed != BASE)
    found = outcome(changed)
    assert found is not None
    assert path[-1] == "team" or not found.startswith("refused")


@given(st.sampled_from(EVERY), st.sampled_from([1e-6, 1, -7]))
def test_any_value_that_is_changed_leaves_the_digest(path: tuple[Any, ...], by: float) -> None:
    whole = written(edition(), digest=True)
    assume(path[0] not in {"version", "published_at", "reason"})
    assert outcome(_changed(whole, path, by)) is not None


@given(st.sampled_from([p for p in _leaves(BASE) if p[0] in {"sheets", "metric"} and p[-1] not in {"juror", "team"}]))
def test_any_mark_or_metric_that_is_changed_moves_a_total(path: tuple[Any, ...]) -> None:
    changed = _changed(BASE, path, -1.5 if path[0] == "sheets" else 0.25)
    # A metric that clips to the same anchor is the one change that changes nothing.
    assert outcome(changed) is not None or path == ("metric", "f")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "the file: an object expected"),
        (b"{}", "format: 'datathon-results/1' expected, found None"),
        (b'{"format": NaN}', "NaN is not a number"),
        (b'{"format": 1, "format": 2}', "a key stands twice"),
        (b"9" * 5000, "not JSON"),
        (b'{"format": "datathon-results/1"}', "teams: a list expected"),
    ],
)
def test_file_that_holds_no_results_is_refused_in_words(content: bytes, expected: str) -> None:
    with pytest.raises(NotResultsError) as refusal:
        verify(content)
    assert expected in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("scheme",), "minmax", "scheme: 'minmax' unknown; known: fixed"),
        (("decimals",), True, "decimals: a whole number from 0 to 9 expected"),
        (("components", 0, "weight"), 0.5, "components[0].weight: a whole number"),
        (("components", 0, "target"), 12, "components[0]: baseline and target are equal"),
        (("components", 0, "kind"), "luck", "components[0].kind: 'luck' unknown"),
        (("components", 1, "lambda"), None, "components[1].lambda: a number above 0"),
        (("components", 1, "lambda"), -1, "components[1].lambda: a number above 0"),
        (("components", 1, "lambda"), 1e300, "components[1].lambda: a number expected"),
        (("components", 1, "id"), "metric", "components: an id stands twice"),
        (("criteria", 0, "max"), 0, "criteria[0]: an id of its own and a maximum above 0"),
        (("tie_break", 0), "luck", "tie_break[0]: 'luck' names nothing"),
        (("teams", 1, "id"), "c", "teams: an id stands twice"),
        (("teams", 0), 3, "teams[0]: an object expected"),
        (("metric", "ghost"), 1, "metric: a value for a team that is not listed"),
        (("metric", "a"), "6.8", "metric.a: a number expected"),
        (("sheets", 0, "team"), "ghost", "sheets[0]: 'ghost' is no team"),
        (("sheets", 0, "marks", "needs"), 20.5, "sheets[0].marks.needs: 20.5 is not between 0 and 20"),
        (("sheets", 0, "marks"), {"needs": 3}, "sheets[0].marks: one mark for each criterion"),
        (("sheets", 1, "juror"), "j0", "sheets: a juror graded a team twice"),
        (("ranking", 0, "team"), "ghost", "ranking[0].team: 'ghost' is no team"),
        (("decided",), [{"team": "a"}], "decided[0].reason: a text expected"),
        (("also_shown",), {"luck": {}}, "also_shown: 'luck' unknown"),
    ],
)
def test_value_that_cannot_be_is_named_with_its_place(path: tuple[Any, ...], value: Any, expected: str) -> None:
    results = written(edition())
    at = results
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(NotResultsError) as refusal:
        difference(results)
    assert expected in str(refusal.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*found, *(p for key, item in items for p in _places(item, (*path, key)))]


@settings(max_examples=120)
@given(st.sampled_from(_places(BASE)), json_values)
def test_anything_anywhere_in_the_file_ends_in_words(path: tuple[Any, ...], value: Any) -> None:
    changed = copy.deepcopy(BASE)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    found = outcome(changed)
    assert found is None or found


def test_command_prints_the_ranking_and_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(written(edition())), encoding="utf-8")
    assert run(file, as_json=False) == 0
    text = capsys.readouterr().out
    assert "   1  Équipe C" in text
    assert "verified: " in text.splitlines()[-1]
    assert run(file, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["verified"] is True


def test_command_ends_with_one_and_names_the_first_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = written(edition())
    results["ranking"][0]["total"] = 99.0
    results["teams"][0]["name"] = "\x1b[2J"
    file = tmp_path / "results.json"
    file.write_text(json.dumps(results), encoding="utf-8")
    assert run(file, as_json=False) == 1
    text = capsys.readouterr().out
    assert "NOT verified, first difference: ranking[0] (c): total: 99.0 in the file" in text
    assert "\x1b" not in text
    file.write_bytes(b'{"format": "other"}')
    assert run(file, as_json=True) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["verified"] is False
    assert "not a results file: format" in captured.err
    assert run(tmp_path, as_json=False) == 2


def test_command_needs_neither_database_nor_platform(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(written(edition())), encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from datathon.cli_verify import run; code = run(Path(sys.argv[1]), as_json=True);"
        "heavy = {m.split('.')[0] for m in sys.modules} & {'sqlalchemy', 'sqlmodel', 'flask', 'pandas', 'sklearn', 'scipy', 'pydantic'};"
        "sys.exit(code or bool(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {script}", str(file)],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
