"""What stands at the top of every page: the brand, the links of whoever is there, the edition's scale."""

import re
from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import gettext as _

from datathon.editions.rules import Edition, PhaseKind, PhaseState
from datathon.web.guards import PRESIDENT, Scope
from datathon.web.house import now
from datathon.web.scale import Scale, scale
from datathon.web.show import moment, text

UNDER = {"organiser.noise": ("organiser.noise_of_challenge", "organiser.probing", "organiser.probing_of_challenge")}
"""Pages of organisers that stand under a link of the navigation."""
_YEAR = re.compile(r"\S +[12]\d{3}$")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the main navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Masthead:
    """The top of a page. ``where`` says how far the edition is; ``scale`` is None outside an edition.

    ``by_day``: the page holds for a whole day and says no hour. ``brand`` is the whole name; ``year`` is its end where that is a year, drawn apart from ``name``.
    """

    brand: str
    name: str
    year: str
    brand_url: str
    links: tuple[Link, ...]
    account: Link
    scale: Scale | None
    where: str
    by_day: bool


def masthead(here: Scope) -> Masthead:
    """Return the top of the present page."""
    edition, by_day = here.edition, bool(g.get("by_day"))
    drawn = None
    if edition is not None and here.starts is not None:
        # A page that holds all day has its pointer at noon.
        at = now().astimezone(edition.zone).replace(hour=12, minute=0) if by_day else now()
        drawn = scale(starts=here.starts, days=edition.days, zone=edition.zone, now=at)
    brand = text(edition.title) if edition else "Datathon"
    year = brand[-4:] if _YEAR.search(brand) else ""
    return Masthead(
        brand=brand,
        name=brand.removesuffix(year).rstrip(),
        year=year,
        brand_url=url_for("public.edition", edition=edition.id) if edition else url_for("public.home"),
        links=_links(here, edition),
        account=_account(here),
        scale=drawn,
        where=_where(here, edition, drawn),
        by_day=by_day,
    )


def _link(label: str, endpoint: str, *, under: tuple[str, ...] = (), **names: str) -> Link:
    current = request.endpoint == endpoint or (request.endpoint or "") in under
    return Link(label, url_for(endpoint, _external=False, **names), current)


def _links(here: Scope, edition: Edition | None) -> tuple[Link, ...]:
    door = (request.blueprint or "").split(".")[0]
    # Whoever is refused here keeps the visitors' way on.
    if door == "organiser" and edition is not None and (here.has("organiser") or here.has(PRESIDENT)):
        return _organiser_links(edition)
    if door == "jury" and edition is not None:
        return _juror_links(edition)
    if edition is None:
        return (_link(_("Editions"), "public.home"), *_offices(here))
    here_first = (here.challenge, *edition.challenges)
    first = next((c for c in here_first if c is not None and c.takes_predictions), None)
    links = [_link(_("Challenges"), "public.edition", under=("public.challenge",), edition=edition.id)]
    if first is not None:
        links.append(_link(_("Leaderboard"), "public.leaderboard", edition=edition.id, challenge=first.id))
    links.append(_link(_("Productions"), "public.gallery", under=("public.production",), edition=edition.id))
    links.append(_link(_("Results"), "public.results", edition=edition.id))
    if here.own_team is not None:
        links.append(_link(_("My team"), "participant.team", edition=edition.id))
    return (*links, *_offices(here))


def _offices(here: Scope) -> tuple[Link, ...]:
    links = []
    if here.anywhere("juror"):
        links.append(_link(_("My sheets"), "jury.home"))
    if here.anywhere("organiser"):
        links.append(_link(_("Organise"), "organiser.home"))
    return tuple(links)


def _juror_links(edition: Edition) -> tuple[Link, ...]:
    """Return what a member of the jury needs in one afternoon: nothing else stands in the way."""
    sheets = ("jury.sheet_form", "jury.save_sheet", "jury.example", "jury.grade_example")
    return (
        _link(_("My sheets"), "jury.home", under=sheets),
        _link(_("Pitches"), "jury.pitching", edition=edition.id),
        _link(_("Conflicts of interest"), "jury.declare_form", edition=edition.id),
    )


def _organiser_links(edition: Edition) -> tuple[Link, ...]:
    pages = (
        (_("Today"), "organiser.today"),
        (_("Phases"), "organiser.phases"),
        (_("Queue"), "organiser.queue"),
        (_("Teams"), "organiser.teams"),
        (_("Jury"), "organiser.jury"),
        (_("Reliability"), "organiser.noise"),
        (_("Publish"), "organiser.ranking"),
    )
    return tuple(_link(label, endpoint, under=UNDER.get(endpoint, ()), edition=edition.id) for label, endpoint in pages)


def _account(here: Scope) -> Link:
    if here.person is None:
        return _link(_("Sign in"), "account.sign_in")
    return _link(here.own_team.name if here.own_team else here.person.name, "account.home")


def _where(here: Scope, edition: Edition | None, drawn: Scale | None) -> str:
    if edition is None or drawn is None:
        return ""
    if drawn.day < 1:
        return _("The edition has not begun yet.")
    if drawn.day > drawn.days:
        return _("The edition is over.")
    said = [_("Day %(day)s of %(days)s", day=drawn.day, days=drawn.days)]
    opened = [
        w
        for w in here.windows
        if w.phase.kind in {PhaseKind.SUBMISSIONS, PhaseKind.PROTOTYPES, PhaseKind.JURY} and w.state is PhaseState.OPEN
    ]
    dated = [(w.closes, w) for w in opened if w.closes is not None]
    if dated:
        closes, soonest = min(dated, key=lambda pair: pair[0])
        said.append(_("%(phase)s: until %(at)s", phase=text(soonest.phase.title), at=moment(closes)))
    return ". ".join(said) + "."
