"""Read the tracks and brackets of an edition: ``[[tracks]]`` and ``[[brackets]]`` of ``edition.toml``."""

from collections.abc import Sequence

from datathon.editions.groups import Bracket, Track
from datathon.editions.read_toml import Table, suggest, unique
from datathon.editions.rules import Challenge

MOST_TRACKS, MOST_BRACKETS = 8, 8
"""More would not fit above a board."""


def read_tracks(top: Table, challenges: Sequence[Challenge]) -> tuple[Track, ...]:
    """Return the tracks; each names challenges of the edition, at least one of which takes predictions."""
    entries = top.tables("tracks")
    found = []
    for entry in entries:
        track = Track(entry.name("id"), entry.texts("title"), entry.strings("challenges", ()))
        _challenges(entry, track, challenges)
        found.append(track)
        entry.done()
    unique(zip(entries, (track.id for track in found), strict=True), "id")
    if len(found) > MOST_TRACKS:
        top.note(f"tracks: at most {MOST_TRACKS} expected, found {len(found)}")
    return tuple(found)


def read_brackets(top: Table) -> tuple[Bracket, ...]:
    """Return the brackets that teams of the edition can claim."""
    entries = top.tables("brackets")
    found = []
    for entry in entries:
        found.append(Bracket(entry.name("id"), entry.texts("title")))
        entry.done()
    unique(zip(entries, (bracket.id for bracket in found), strict=True), "id")
    if len(found) > MOST_BRACKETS:
        top.note(f"brackets: at most {MOST_BRACKETS} expected, found {len(found)}")
    return tuple(found)


def _challenges(entry: Table, track: Track, challenges: Sequence[Challenge]) -> None:
    known = {challenge.id: challenge for challenge in challenges}
    if not track.challenges:
        entry.note("challenges: a list with at least one challenge of the edition expected", "challenges")
        return
    for index, name in enumerate(track.challenges):
        if name not in known:
            place = (*entry.path, "challenges", index)
            entry.source.note(place, f"challenges: no challenge {name!r} in this edition{suggest(name, known)}")
    if len(set(track.challenges)) < len(track.challenges):
        entry.note("challenges: a name stands twice", "challenges")
    named = [known[name] for name in track.challenges if name in known]
    if len(named) == len(track.challenges) and not any(challenge.takes_predictions for challenge in named):
        entry.note("challenges: none of them takes predictions ([submission]): the track would have no board")
