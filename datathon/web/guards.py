"""Who may open what. Every view declares its guard; a view without one keeps the application from starting.

The parts of the address (edition, challenge, team, submission, prototype) are turned into objects here, once, and the
guard decides on them: a view never asks again who is there.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Flask, g, request
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from datathon.editions.calendar import overrides
from datathon.editions.rules import Challenge, Edition, PhaseKind, PhaseState, Window
from datathon.editions.tables import EditionRow
from datathon.editions.windows import windows
from datathon.jury.freeze import with_frozen_rubric
from datathon.jury.freeze_vote import with_frozen_vote
from datathon.kernel.errors import NotAllowed, NotFound, Unavailable
from datathon.people.tables import Person, Role
from datathon.submissions.tables import Prototype, Submission
from datathon.teams.tables import Membership, Team
from datathon.web.house import house, now, read_db

View = TypeVar("View", bound=Callable[..., Any])
MARK = "datathon_guard"
WITHIN = re.compile(r"/(?:e|jury|organise)/([a-z0-9_-]{1,80})(?:/|\Z)")
NOWHERE = "There is nothing at this address, or nothing that you may see."


class SignInNeeded(NotAllowed):
    """The page is for people who are signed in; signing in leads back to it."""


@dataclass(slots=True)
class Scope:
    """What the address names and who is asking. ``team`` is the one in the address, ``own_team`` the person's own."""

    person: Person | None = None
    roles: frozenset[str] = frozenset()
    every_role: tuple[tuple[str, str], ...] = ()
    edition: Edition | None = None
    starts: date | None = None
    windows: tuple[Window, ...] = field(default_factory=tuple)
    challenge: Challenge | None = None
    team: Team | None = None
    own_team: Team | None = None
    submission: Submission | None = None
    prototype: Prototype | None = None

    def is_in(self, team_id: UUID | None) -> bool:
        """Whether the person is a member of this team now."""
        return team_id is not None and self.own_team is not None and self.own_team.id == team_id

    def has(self, role: str) -> bool:
        """Whether the person holds this role over the edition of the address."""
        return role in self.roles

    def anywhere(self, role: str) -> tuple[str, ...]:
        """Return the editions over which the person holds this role."""
        return tuple(edition for edition, name in self.every_role if name == role)


@dataclass(frozen=True, slots=True)
class Guard:
    """A rule with a name: it returns when the scope may pass and raises a refusal when not."""

    name: str
    check: Callable[[Scope], None]


def scope() -> Scope:
    """Return what the present address names and who is asking."""
    return cast("Scope", g.scope)


def the_edition() -> Edition:
    """Return the edition of the present address; for views whose address has one."""
    return _present(scope().edition)


def the_challenge() -> Challenge:
    """Return the challenge of the present address; for views whose address has one."""
    return _present(scope().challenge)


def the_person() -> Person:
    """Return the person who is signed in; for views whose guard asks for one."""
    return _present(scope().person)


def the_own_team() -> Team:
    """Return the person's team in this edition; for views guarded by ``member``."""
    return _present(scope().own_team)


def the_submission() -> Submission:
    """Return the submission of the present address; for views whose address has one."""
    return _present(scope().submission)


Found = TypeVar("Found")


def _present(thing: Found | None) -> Found:
    if thing is None:
        raise NotFound(NOWHERE)
    return thing


def _nobody(_scope: Scope) -> None:
    return


def _signed_in(here: Scope) -> None:
    if here.person is None:
        raise SignInNeeded("Sign in to open this page.")


def _member(here: Scope) -> None:
    _signed_in(here)
    if here.submission is not None and not here.is_in(here.submission.team_id):
        raise NotFound(NOWHERE)
    if here.prototype is not None and not here.is_in(here.prototype.team_id):
        raise NotFound(NOWHERE)
    if here.team is not None and not here.is_in(here.team.id):
        raise NotFound(NOWHERE)
    if here.own_team is None:
        raise NotAllowed("This page is for the teams of the edition. Create a team or join one by its link.")


def _member_or_organiser(here: Scope) -> None:
    _signed_in(here)
    if not here.has("organiser"):
        _member(here)


def _in_edition(role: str, message: str) -> Callable[[Scope], None]:
    def check(here: Scope) -> None:
        _signed_in(here)
        if not here.has(role):
            raise NotAllowed(message)

    return check


def _somewhere(role: str, message: str) -> Callable[[Scope], None]:
    def check(here: Scope) -> None:
        _signed_in(here)
        if not here.anywhere(role):
            raise NotAllowed(message)

    return check


def _demonstration(_scope: Scope) -> None:
    if not house().settings.demo:
        raise NotFound(NOWHERE)


def _presiding(here: Scope) -> None:
    _signed_in(here)
    if not (here.has("organiser") or here.has(PRESIDENT)):
        raise NotAllowed(PRESIDING)


PRESIDENT = "president"
"""Stands among the roles of whoever presides over a jury, beside "juror"."""

PRESIDING = "This page is for the organisers and the president of the jury."
JURY = "This page is for the members of the edition's jury."
ORGANISERS = "This page is for the organisers of the edition."

anyone = Guard("anyone", _nobody)
signed_in = Guard("signed_in", _signed_in)
member = Guard("member", _member)
member_or_organiser = Guard("member_or_organiser", _member_or_organiser)
juror = Guard("juror", _in_edition("juror", JURY))
presiding = Guard("presiding", _presiding)
president = Guard("president", _in_edition("president", "This page is for whoever presides over the edition's jury."))
organiser = Guard("organiser", _in_edition("organiser", ORGANISERS))
juror_somewhere = Guard("juror_somewhere", _somewhere("juror", JURY))
organiser_somewhere = Guard("organiser_somewhere", _somewhere("organiser", ORGANISERS))
demonstration = Guard("demonstration", _demonstration)


def guarded(guard: Guard) -> Callable[[View], View]:
    """Declare who may open the view; put it between the route and the function."""

    def mark(view: View) -> View:
        setattr(view, MARK, guard)
        return view

    return mark


def guard_of(view: Callable[..., Any]) -> Guard | None:
    """Return the guard a view declares."""
    return getattr(view, MARK, None)


def init(app: Flask) -> None:
    """Resolve and check the scope before every view."""

    @app.before_request
    def guard_request() -> None:
        g.scope = Scope()
        guard = guard_of(app.view_functions[request.endpoint]) if request.endpoint else None
        if guard is None:
            # No view answers this address: Flask's own 404 or 405 follows, to whom and within which edition it may concern.
            within = WITHIN.match(request.path)
            with suppress(OperationalError, NotFound), read_db() as db:
                resolve(db, {} if within is None else {"edition": within[1]}, here=g.scope)
            return
        if request.endpoint != "static_file":
            with read_db() as db:
                resolve(db, request.view_args or {}, here=g.scope)
        guard.check(g.scope)


def check_every_view(app: Flask) -> None:
    """Raise RuntimeError naming the endpoints that declare no guard."""
    bare = sorted(name for name, view in app.view_functions.items() if guard_of(view) is None)
    if bare:
        raise RuntimeError(f"views without a guard: {', '.join(bare)}")


def resolve(db: Session, names: dict[str, Any], *, here: Scope) -> None:
    """Fill the scope of an address as far as it goes; NotFound when the address names what is not there."""
    if current_user.is_authenticated:
        here.person = current_user.person
        roles = db.exec(select(Role).where(Role.person_id == current_user.person.id)).all()
        here.every_role = (
            *((r.edition_id, r.role) for r in roles),
            *((r.edition_id, PRESIDENT) for r in roles if r.role == "juror" and r.president),
        )
    if "edition" in names:
        _resolve_edition(db, here, str(names["edition"]))
    if "challenge" in names:
        here.challenge = _challenge(_present(here.edition), str(names["challenge"]))
    if here.edition is not None:
        _resolve_things(db, here, here.edition.id, names)


def _challenge(edition: Edition, challenge_id: str) -> Challenge:
    found = edition.challenge(challenge_id)
    if found is None and house().catalogue.is_broken(edition.id, challenge_id):
        raise Unavailable("This challenge is not available for the moment; the organisers are told what is wrong.")
    return _present(found)


def _resolve_edition(db: Session, here: Scope, edition_id: str) -> None:
    edition = house().catalogue.edition(edition_id)
    row = db.get(EditionRow, edition_id)
    if edition is None or row is None:
        raise NotFound(NOWHERE)
    here.edition, here.starts = edition, row.starts
    here.windows = windows(edition, starts=row.starts, overrides=overrides(db, edition_id), now=now())
    if here.person is not None and any(
        w.phase.kind is PhaseKind.JURY and w.state is not PhaseState.UPCOMING for w in here.windows
    ):
        here.edition = with_frozen_rubric(db, edition)
    here.edition = with_frozen_vote(db, here.edition)
    here.roles = frozenset(role for where, role in here.every_role if where == edition_id)
    if here.person is not None:
        query = (
            select(Team)
            .join(Membership, col(Membership.team_id) == col(Team.id))
            .where(
                Membership.edition_id == edition_id,
                Membership.person_id == here.person.id,
                col(Membership.left_at).is_(None),
            )
        )
        here.own_team = db.exec(query).first()


def _resolve_things(db: Session, here: Scope, edition_id: str, names: dict[str, Any]) -> None:
    if "team" in names:
        query = select(Team).where(Team.edition_id == edition_id, Team.slug == str(names["team"]))
        here.team = _present(db.exec(query).first())
    if "submission" in names:
        found = db.get(Submission, names["submission"])
        if found is None or found.edition_id != edition_id:
            raise NotFound(NOWHERE)
        if here.challenge is not None and found.challenge_id != here.challenge.id:
            raise NotFound(NOWHERE)
        here.submission = found
    if "prototype" in names:
        by_slug = select(Prototype).where(Prototype.edition_id == edition_id, Prototype.slug == str(names["prototype"]))
        here.prototype = _present(db.exec(by_slug).first())
