"""Build the application from its settings."""

import logging
from importlib import import_module

from flask import Flask, g
from flask_limiter import Limiter
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from werkzeug.middleware.proxy_fix import ProxyFix

from datathon.config import SettingError, Settings
from datathon.editions.catalogue import Catalogue
from datathon.editions.register import register
from datathon.editions.watch import Watch
from datathon.kernel.clock import utcnow
from datathon.store.db import make_engine, transaction
from datathon.store.files import FileStore
from datathon.store.migrate import is_current
from datathon.web import assets, drain, errors, guards, i18n, security, session, show
from datathon.web.front import Front
from datathon.web.house import EXTENSION, House, house
from datathon.web.limits import limiter
from datathon.web.masthead import masthead
from datathon.web.measured import measured, of_this_page
from datathon.web.mistakes import mistakes

logger = logging.getLogger(__name__)

AUDIENCES = ("public", "account", "participant", "jury", "organiser")
SHORTEST_SECRET = 32


def create_app(settings: Settings) -> Flask:
    """Return the application: catalogue read, database bound, every view behind its guard.

    Make it in the process that serves, after any fork. Raises SettingError when the secret key is missing or short.
    """
    if len(settings.secret_key) < SHORTEST_SECRET:
        raise SettingError(
            f"DATATHON_SECRET_KEY: at least {SHORTEST_SECRET} characters; `openssl rand -hex 32` makes one"
        )
    https = settings.base_url.startswith("https://")
    app = Flask("datathon.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 2_000_000
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.trusted_proxies:
        # Without it everybody behind the proxy shares its address, and one person's attempts stop all the others.
        near = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near)  # type: ignore[method-assign]  # Flask's own way
    engine = make_engine(settings.sqlalchemy_url)
    watch = Watch(settings.challenges_dir)
    _register_editions(engine, watch.catalogue)
    files = FileStore(settings.files_dir, settings.min_free_bytes)
    app.extensions[EXTENSION] = House(settings, engine, watch, files)
    app.before_request(_read_the_clock)
    app.before_request(_look_at_the_folders)
    drain.init(app)
    i18n.init(app, default=settings.default_language)
    session.init(app, secret_key=settings.secret_key, https=https)
    _init_limits(app, limiter, settings)
    guards.init(app)
    assets.init(app)
    security.init(app, https=https)
    errors.init(app)
    show.init(app)
    _fill_templates(app, settings)
    for audience in AUDIENCES:
        app.register_blueprint(import_module(f"datathon.web.{audience}").blueprint)
    show.ask_every_time(app)
    guards.check_every_view(app)
    _put_front(app, settings)
    return app


def _put_front(app: Flask, settings: Settings) -> None:
    """Answer strangers who look at a board from memory, before anything else is asked of the application."""
    here: House = app.extensions[EXTENSION]

    def catalogue() -> Catalogue:
        _follow_the_folders(here)
        return here.catalogue

    front = Front(
        app.wsgi_app,
        here.engine,
        catalogue=catalogue,
        clock=lambda: utcnow(),  # noqa: PLW0108 - tests set this module's clock
        default_language=settings.default_language,
        cookie=app.config["SESSION_COOKIE_NAME"],
    )
    app.wsgi_app = front  # type: ignore[method-assign]  # Flask's own way


def _read_the_clock() -> None:
    g.now = utcnow()


def _look_at_the_folders() -> None:
    """Serve what the challenges folder says now; a new edition is opened, a broken one keeps its last good state."""
    _follow_the_folders(house())


def _follow_the_folders(here: House) -> None:
    if here.watch.look():
        _register_editions(here.engine, here.catalogue)


def _register_editions(engine: Engine, catalogue: Catalogue) -> None:
    """Open every readable edition of the folder on this installation, once; a database without a schema is left alone."""
    if not is_current(engine):
        logger.warning("the database has not this version's schema; run `datathon db upgrade`")
        return
    for edition in catalogue.editions.values():
        try:
            with transaction(engine) as db:
                register(db, edition, now=utcnow())
        except IntegrityError:
            logger.info("edition %s was registered by another process", edition.id)
    for broken in catalogue.broken:
        logger.error("challenges folder: %s", broken)


def _init_limits(app: Flask, brakes: Limiter, settings: Settings) -> None:
    # Shared by all web processes through Redis; where that is missing each process counts for itself.
    shared = settings.redis_url.replace("unix://", "redis+unix://", 1) if settings.redis_url else "memory://"
    app.config.update(
        RATELIMIT_STORAGE_URI=shared,
        RATELIMIT_HEADERS_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    brakes.init_app(app)


def _fill_templates(app: Flask, settings: Settings) -> None:
    def csrf_field() -> Markup:
        return Markup('<input type="hidden" name="csrf_token" value="{}">').format(escape(generate_csrf()))

    app.jinja_env.globals.update(
        csrf_field=csrf_field,
        csrf=csrf_field,
        demo=settings.demo,
        masthead=lambda: masthead(guards.scope()),
        scope=guards.scope,
        language=show.language,
        languages=i18n.LANGUAGES,
        measured=measured,
        mistakes=mistakes,
        weight_of_this_page=of_this_page,
    )

    @app.context_processor
    def common() -> dict[str, object]:
        return {"zone_name": show.zone_name(), "now": g.get("now")}
