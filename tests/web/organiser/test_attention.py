from datetime import UTC, datetime, timedelta

import pytest

from datathon.web.organiser.attention import Facts, JuryFacts, Kind, PhaseFacts, TeamFacts, WaitingFacts, matters

NOW = datetime(2025, 12, 3, 13, 32, tzinfo=UTC)


def team(
    name: str = "Les Éclusiers",
    *,
    days: float = 1,
    dossier: str = "submitted",
    status: str = "active",
    scored: int = 2,
    chosen: int = 1,
) -> TeamFacts:
    return TeamFacts(
        name, name.lower(), status, 4, 4, scored, scored, chosen, dossier, NOW - timedelta(days=days), "submission"
    )


def phase(kind: str, hours: float) -> PhaseFacts:
    return PhaseFacts(kind, {"fr": kind}, NOW + timedelta(hours=hours))


def jury(
    submitted: int = 3,
    owed: int = 6,
    *,
    undeclared: tuple[str, ...] = (),
    is_open: bool = True,
    closed: bool = False,
    published: bool = False,
    over: bool = False,
) -> JuryFacts:
    return JuryFacts(submitted, owed, undeclared, is_open, closed, published, over)


def kinds(facts: Facts) -> list[tuple[Kind, bool]]:
    return [(m.kind, m.urgent) for m in matters(facts, now=NOW)]


def test_matters_of_a_quiet_day_are_none() -> None:
    assert matters(Facts(teams=(team(),), open_phases=(phase("submissions", 300),)), now=NOW) == ()


def test_matters_of_the_platform_are_urgent() -> None:
    facts = Facts(
        troubles=("No worker is running.",), oldest_wait_s=121, waiting=3, failed=1, letters_failed=2, broken=("2026",)
    )
    assert kinds(facts) == [
        (Kind.BROKEN_FOLDER, True),
        (Kind.TROUBLE, True),
        (Kind.WAITING_LONG, True),
        (Kind.FAILED, True),
        (Kind.LETTERS, False),
    ]


@pytest.mark.parametrize(("seconds", "alarm"), [(119, False), (120, False), (121, True)])
def test_wait_raises_the_alarm_above_two_minutes(seconds: float, alarm: bool) -> None:  # noqa: FBT001
    assert bool(kinds(Facts(oldest_wait_s=seconds))) is alarm


@pytest.mark.parametrize(("days", "alarm"), [(4.9, False), (5, False), (5.01, True)])
def test_team_is_silent_after_five_days(days: float, alarm: bool) -> None:  # noqa: FBT001
    facts = Facts(teams=(team(days=days),), open_phases=(phase("submissions", 200),))
    assert kinds(facts) == ([(Kind.SILENT, False)] if alarm else [])


def test_silent_team_is_urgent_when_predictions_close_soon_and_comes_before_the_rest() -> None:
    facts = Facts(teams=(team(days=12),), open_phases=(phase("submissions", 40),))
    assert kinds(facts) == [(Kind.SILENT, True), (Kind.CLOSING, False)]


def test_silent_team_after_everything_closed_is_no_matter() -> None:
    assert kinds(Facts(teams=(team(days=12),))) == []


def test_withdrawn_team_is_no_matter() -> None:
    facts = Facts(teams=(team(days=12, status="withdrawn", dossier="none"),), open_phases=(phase("prototypes", 60),))
    assert kinds(facts) == []


def test_team_without_dossier_matters_near_the_deadline() -> None:
    assert kinds(Facts(teams=(team(dossier="draft"),), open_phases=(phase("prototypes", 24 * 6),))) == []
    assert kinds(Facts(teams=(team(dossier="draft"),), open_phases=(phase("prototypes", 60),))) == [
        (Kind.NO_DOSSIER, False)
    ]
    assert kinds(Facts(teams=(team(dossier="none"),), open_phases=(phase("prototypes", 30),)))[0] == (
        Kind.NO_DOSSIER,
        True,
    )


def test_many_silent_teams_are_one_matter() -> None:
    silent = tuple(team(f"Équipe {n}", days=9) for n in range(5))
    assert kinds(Facts(teams=silent[:3], open_phases=(phase("submissions", 200),))) == [(Kind.SILENT, False)] * 3
    assert kinds(Facts(teams=silent, open_phases=(phase("submissions", 200),))) == [(Kind.SILENT_TEAMS, False)]


def test_team_that_chose_nothing_matters_before_predictions_close() -> None:
    facts = Facts(teams=(team(chosen=0), team("Autre", scored=0, chosen=0)), open_phases=(phase("submissions", 60),))
    (matter,) = matters(facts, now=NOW)
    assert (matter.kind, matter.facts["names"]) == (Kind.NO_CHOICE, ("Les Éclusiers",))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (jury(), [(Kind.SHEETS, False)]),
        (jury(undeclared=("Claire",)), [(Kind.UNDECLARED, False), (Kind.SHEETS, False)]),
        (jury(6, 6), [(Kind.CLOSE_JURY, False)]),
        (jury(3, 6, is_open=False, over=True), [(Kind.CLOSE_JURY, False)]),
        (jury(6, 6, closed=True), [(Kind.PUBLISH, False)]),
        (jury(6, 6, closed=True, published=True), []),
        (jury(0, 6, is_open=False), []),
    ],
)
def test_jury_matters_follow_its_progress(facts: JuryFacts, expected: list[tuple[Kind, bool]]) -> None:
    assert kinds(Facts(jury=facts)) == expected


def test_missing_sheets_are_urgent_when_the_jury_ends_soon() -> None:
    assert kinds(Facts(jury=jury(), open_phases=(phase("jury", 20),))) == [(Kind.SHEETS, True), (Kind.CLOSING, False)]


@pytest.mark.parametrize(
    ("found", "waits", "expected"),
    [
        (jury(), WaitingFacts(comparisons=("Forum",)), [(Kind.SHEETS, False)]),
        (jury(6, 6, closed=True), WaitingFacts(comments=2), [(Kind.COMMENTS, False), (Kind.PUBLISH, False)]),
        (jury(6, 6, closed=True), WaitingFacts(comparisons=("Forum",), quorum=3), [Kind.COMPARISONS, Kind.DELIBERATE]),
        (jury(6, 6, closed=True), WaitingFacts(deliberation="deliberated", quorum=3), [(Kind.VALIDATE, False)]),
        (jury(6, 6, closed=True), WaitingFacts(deliberation="validated", quorum=3), [(Kind.PUBLISH, False)]),
        (jury(6, 6, closed=True), WaitingFacts(deliberation="validated", embargo=NOW + timedelta(hours=1)), []),
        (
            jury(6, 6, closed=True, published=True),
            WaitingFacts(published=True, appeals=1, appeal_since=NOW - timedelta(hours=1), comments=1),
            [(Kind.COMMENTS, True), (Kind.APPEALS, False)],
        ),
        (jury(), WaitingFacts(vote="open"), [(Kind.SHEETS, False)]),
        (jury(6, 6, closed=True), WaitingFacts(vote="open"), [Kind.VOTE]),
        (jury(6, 6, closed=True), WaitingFacts(vote="upcoming"), [Kind.VOTE]),
        (jury(), WaitingFacts(vote="over"), [(Kind.SHEETS, False), (Kind.VOTE, False)]),
        (jury(6, 6, closed=True, published=True), WaitingFacts(vote="open", published=True), []),
        (None, WaitingFacts(appeals=1, appeal_since=NOW - timedelta(days=3)), [(Kind.APPEALS, True)]),
    ],
)
def test_what_waits_around_the_jury_follows_its_order(
    found: JuryFacts | None, waits: WaitingFacts, expected: list[Kind | tuple[Kind, bool]]
) -> None:
    said = [pair if isinstance(pair, tuple) else (pair, False) for pair in expected]
    assert kinds(Facts(jury=found, waiting_for=waits)) == said


def test_open_comparisons_are_urgent_when_the_jury_ends_soon() -> None:
    facts = Facts(jury=jury(), open_phases=(phase("jury", 20),), waiting_for=WaitingFacts(comparisons=("Forum",)))
    assert kinds(facts)[:2] == [(Kind.SHEETS, True), (Kind.COMPARISONS, True)]


def test_rescoring_that_is_ready_is_urgent() -> None:
    assert kinds(Facts(rescored=({"fr": "Métiers"},))) == [(Kind.RESCORED, True)]
