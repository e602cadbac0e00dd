"""Pages of the organisers."""

from datathon.web.organiser import (
    appeals_page,
    assignment,
    boards,
    brackets,
    comparisons,
    deciding,
    erasure,
    feedback_page,
    jury_members,
    jury_paper,
    jury_progress,
    minutes_views,
    noise_page,
    pitches,
    probing_page,
    reopening,
    rescoring,
    rubric_page,
    team_status,
    vote,
)
from datathon.web.organiser.views import blueprint

PAGES = (
    appeals_page,
    assignment,
    boards,
    brackets,
    comparisons,
    deciding,
    erasure,
    feedback_page,
    jury_members,
    jury_paper,
    jury_progress,
    minutes_views,
    noise_page,
    probing_page,
    reopening,
    pitches,
    rescoring,
    rubric_page,
    team_status,
    vote,
)
"""The modules whose views register themselves on the blueprint."""

__all__ = ["PAGES", "blueprint"]
