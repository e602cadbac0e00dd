"""Every page of a demonstration is accessible, light, steady and fits."""

import pytest
from browsing import CHROMIUM, REPOSITORY, journey
from quality import survey, unreached

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed (apt-get install chromium)"),
]
# They answer with data, with files or with a part of a page.
NOT_PAGES = {
    "account.my_data", "jury.dossier_file", "organiser.ranking_json", "participant.logbook",
    "participant.prototype_file", "participant.receipt_file", "participant.submitted_file", "public.data",
    "public.leaderboard_csv", "public.leaderboard_json", "public.live", "public.precheck", "public.prototype_file",
    "public.ready", "public.results_json", "public.schema", "public.board_card", "public.board_feed", "organiser.minutes_file",
    "organiser.probing_csv", "public.pitches_json", "static_file", "organiser.minutes_pdf", "public.edition_file", "public.track_file",
    # These lead on to a page.
    "organiser.boards", "organiser.probing", "jury.comparisons",
}  # fmt: skip
# Pages about things that a fresh demonstration has not.
ABOUT_NOTHING = {
    "organiser.rescoring", "organiser.scoring_log", "public.public_minutes",
}  # fmt: skip


@pytest.mark.timeout(600)
def test_every_page_is_accessible_light_and_fits(demonstration: list[str]) -> None:
    address = demonstration[-1].removeprefix("ready ")
    with journey(address, demonstration, REPOSITORY / "test-output" / "screenshots") as here:
        places = survey(here)
    assert [fault for place in places for fault in place.wrong] == []
    assert sorted(unreached(places) - NOT_PAGES - ABOUT_NOTHING) == []
