"""What a version of the published ranking changed, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from datathon.publication.changes import changes_between
from datathon.publication.queries import Publication
from datathon.web import show

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Change:
    """One line: what it is about, how it was, how it is."""

    subject: str
    what: str
    before: str
    after: str


def changes_of(known: tuple[Publication, ...], version: int) -> tuple[Change, ...]:
    """Return what ``version`` changed of the one before; nothing for the first. ``known`` has every version."""
    by_number = {p.version: p.results for p in known}
    if version - 1 not in by_number:
        return ()
    before, after = by_number[version - 1], by_number[version]
    names = {t["id"]: t["name"] for t in (*before["teams"], *after["teams"])}
    titles = {str(a.get("id") or a["title"]): a["title"] for r in (before, after) for a in r.get("awards", [])}
    found = []
    for item in after.get("changes") or changes_between(before, after):
        if "award" in item:
            title = titles.get(item["award"], item["award"])
            was, now = (names.get(team or "", NOTHING) for team in item["team"])
            found.append(Change(title if isinstance(title, str) else show.text(title), _("Prize"), was, now))
        elif "team" in item:
            found.extend(_team(names.get(item["team"], item["team"]), item))
        elif "sheets" in item:
            found.append(Change(_("Jury"), _("Sheets that count"), str(item["sheets"][0]), str(item["sheets"][1])))
        else:
            found.append(Change(_("Rules"), ", ".join(item["rules"]), "", ""))
    return tuple(found)


def _team(name: str, item: Mapping[str, Any]) -> list[Change]:
    labels = {"rank": _("Rank"), "status": _("Status"), "jury": _("Jury"), "total": _("Total")}
    return [Change(name, label, *(_value(v) for v in item[key])) for key, label in labels.items() if key in item]


def _value(value: float | str | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return {
            "ranked": _("ranked"),
            "ineligible": _("not eligible"),
            "unranked": _("without a rank"),
            "withdrawn": _("withdrew"),
            "out_of_competition": _("out of competition"),
        }.get(value, value)
    return str(value) if isinstance(value, int) else show.decimal(value, 4)
