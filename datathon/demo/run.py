"""``datathon demo``: everything in one command, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from datathon.config import PREFIX, Settings, load_settings
from datathon.demo.places import CannotStart, Places, alone, challenges_dir, check_port, kept_secret, prepare
from datathon.demo.redis_choice import NoRedis, RedisChoice, clear_socket, resolve_redis
from datathon.demo.seed import SignIn, seed
from datathon.demo.supervise import Service, Supervisor
from datathon.editions.register import register
from datathon.jobs import catalogue
from datathon.kernel.clock import utcnow
from datathon.store.db import make_engine, transaction
from datathon.store.migrate import upgrade

LOOK_S = 0.2
READY_S = 120.0


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or asked the process to end."""


def run(*, host: str, port: int, data_dir: Path) -> None:
    """Start the services, fill the demonstration on first start, print sign-ins and ``ready``, stay until told to stop.

    Standard output gets the sign-ins and the last line only. Raises CannotStart before anything was started.
    """
    check_port(host, port)
    places = prepare(data_dir)
    with alone(places):
        try:
            choice = resolve_redis(load_settings().redis_url, data_dir=places.valkey, socket_path=places.redis_socket)
        except NoRedis as error:
            raise CannotStart(str(error)) from error
        settings = _settings(places, choice, _address(host, port))
        supervisor = Supervisor(_say)
        with _until_told(supervisor):
            _start(supervisor, settings, places, choice, host=host, port=port)
            signs = seed(settings, secrets_dir=places.data, tick=supervisor.look, say=_say)
            _wait(supervisor, lambda: _ready(settings.base_url))
            _print(signs, settings.base_url)
            while True:
                time.sleep(LOOK_S)
                supervisor.look()


def _settings(places: Places, choice: RedisChoice, address: str) -> Settings:
    given = load_settings()
    return replace(
        given,
        data_dir=places.data,
        challenges_dir=challenges_dir(given.challenges_dir),
        redis_url=choice.url,
        scorer_socket=places.scorer_socket,
        secret_key=given.secret_key or kept_secret(places.data / "secret-key"),
        base_url=address,
        demo=True,
    )


def _address(host: str, port: int) -> str:
    """Return the address that a browser on this machine uses."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - recognised, not bound
    return f"http://{shown}:{port}"


def _start(
    supervisor: Supervisor, settings: Settings, places: Places, choice: RedisChoice, *, host: str, port: int
) -> None:
    engine = make_engine(settings.sqlalchemy_url)
    upgrade(engine)
    with transaction(engine) as db:
        # Before anybody else does: the story and the web look for them at the same time.
        for edition in catalogue(settings.challenges_dir).editions.values():
            register(db, edition, now=utcnow())
    engine.dispose()
    environment = _environment(settings)
    if choice.command:
        supervisor.add(
            Service(
                "valkey",
                choice.command,
                {},
                places.logs / "valkey.log",
                before=lambda: clear_socket(places.redis_socket),
            )
        )
    scorer = (
        sys.executable,
        "-m",
        "datathon.scoring.sandbox.service",
        "--socket",
        str(places.scorer_socket),
        "--die-with-parent",
    )
    # The scorer service inherits nothing: no secret may be in its memory.
    supervisor.add(Service("scorer", scorer, {}, places.logs / "scorer.log"))
    supervisor.add(_ours("worker", ("worker",), environment, places))
    supervisor.add(_ours("web", ("web", "--host", host, "--port", str(port)), environment, places))


def _ours(name: str, arguments: tuple[str, ...], environment: dict[str, str], places: Places) -> Service:
    return Service(name, (sys.executable, "-m", "datathon.cli", *arguments), environment, places.logs / f"{name}.log")


def _environment(settings: Settings) -> dict[str, str]:
    """Return the environment of our own services: this one's, with every setting spelled out."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    spelled = {}
    for name in Settings.__slots__:
        value = getattr(settings, name)
        text = str(int(value)) if isinstance(value, bool) else str(value)
        spelled[PREFIX + name.upper()] = text
    return kept | spelled


@contextmanager
def _until_told(supervisor: Supervisor) -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into the end of the block, and stop every child whatever ended it."""

    def stopped(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    # Under nohup the end of the terminal is ignored, and stays so.
    hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
    numbers = (signal.SIGINT, signal.SIGTERM, *hangup)
    before = {number: signal.signal(number, stopped) for number in numbers}
    try:
        yield
    except Stopped:
        _say("stopping")
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
        _say("stopped")


def _wait(supervisor: Supervisor, done: Callable[[], bool]) -> None:
    until = time.monotonic() + READY_S
    while not done():
        if time.monotonic() > until:
            raise CannotStart(f"the web service did not become ready within {READY_S:g} s; its log says why")
        supervisor.look()
        time.sleep(LOOK_S)


def _ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/health/ready", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _print(signs: list[SignIn], address: str) -> None:
    for sign in signs:
        print(sign.role, sign.email, sign.password)  # noqa: T201 - this is the command's answer
    print(f"ready {address}", flush=True)  # noqa: T201 - as above


def _say(message: str) -> None:
    print(f"datathon: {message}", file=sys.stderr, flush=True)  # noqa: T201 - progress for people
