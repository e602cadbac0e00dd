"""Pages for anybody: editions, challenges, boards, productions, results, legal texts."""

from datathon.web.public import (
    board_elsewhere,
    challenge,
    combined,
    contract,
    curve_page,
    data,
    edition,
    gallery,
    health,
    home,
    leaderboard,
    legal,
    minutes_page,
    movement,
    pitches,
    production,
    results,
    results_certainty,
    style,
    teams,
    verify_page,
    vote,
    why_page,
    words,
)
from datathon.web.public.door import blueprint

PAGES = (
    board_elsewhere,
    challenge,
    combined,
    contract,
    curve_page,
    data,
    edition,
    gallery,
    health,
    home,
    leaderboard,
    legal,
    movement,
    minutes_page,
    pitches,
    production,
    results,
    results_certainty,
    style,
    teams,
    verify_page,
    vote,
    why_page,
    words,
)
"""The modules whose views register themselves on the blueprint."""

__all__ = ["PAGES", "blueprint"]
