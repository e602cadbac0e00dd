"""Serve the web application with gunicorn, configured in code."""

from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication

from datathon.config import Settings


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with our options and an application made in each worker, after the fork."""

    def __init__(self, options: dict[str, object], make: Callable[[], Flask]) -> None:
        self.options = options
        self.make = make
        super().__init__()

    def load_config(self) -> None:
        """Hand gunicorn the options; nothing is read from files or the command line."""
        for key, value in self.options.items():
            self.cfg.set(key, value)

    def load(self) -> Flask:
        """Make the application; its engine belongs to this worker alone."""
        return self.make()


def serve(settings: Settings, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop."""

    def make() -> Flask:
        from datathon.web.app import create_app  # noqa: PLC0415 - in the worker, so that the parent stays small

        return create_app(settings)

    Server(options(host=host, port=port, workers=workers, threads=threads), make).run()


def options(*, host: str, port: int, workers: int, threads: int) -> dict[str, object]:
    """Return what gunicorn is told."""
    shown = f"[{host}]" if ":" in host else host
    return {
        "bind": f"{shown}:{port}",
        "worker_class": "gthread",
        "workers": workers,
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 10,
        "keepalive": 5,
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "info",
        "control_socket_disable": True,
    }
