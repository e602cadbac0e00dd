"""The ``datathon`` command. Bodies are imported by the command that runs, so that ``--help`` answers at once.

Exit codes: 0 done, 1 the thing asked about is not in order, 2 wrong usage, 3 the platform itself failed.
"""
# ruff: noqa: PLC0415 - each command imports its own body

import sys
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from datathon.config import SettingError, load_settings
from datathon.kernel.errors import Invalid, Refusal

NOT_IN_ORDER, WRONG_USAGE, PLATFORM_FAILED = 1, 2, 3
_shown = {"trace": False}

app = typer.Typer(
    name="datathon",
    help="A self-hosted datathon: sandboxed scorers, a jury, and one ranking that explains itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
user_app = typer.Typer(help="Accounts.", no_args_is_help=True)
submission_app = typer.Typer(help="Submissions.", no_args_is_help=True)
app.add_typer(db_app, name="db")
app.add_typer(submission_app, name="submission")
app.add_typer(user_app, name="user")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Folder = Annotated[
    Path, typer.Argument(metavar="CHALLENGE_DIR", exists=True, file_okay=False, help="Folder with challenge.toml.")
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


def main() -> None:
    """Run the command line: one line on standard error for whatever goes wrong."""
    try:
        app()
    except SettingError as error:
        _leave(f"configuration: {error}", WRONG_USAGE)
    except Refusal as error:
        _leave(error.message % error.params, WRONG_USAGE if isinstance(error, Invalid) else NOT_IN_ORDER)
    except KeyboardInterrupt:
        _leave("interrupted", NOT_IN_ORDER)
    except BrokenPipeError:
        # Whoever read our output has left; there is nobody to tell.
        sys.stderr.close()
        sys.exit(NOT_IN_ORDER)
    except Exception as error:  # noqa: BLE001 - the edge of the program: a line for the person, the rest on demand
        if _shown["trace"]:
            traceback.print_exc()
        first = next(iter(str(error).splitlines()), "")
        _leave(f"{type(error).__name__}: {first} (datathon --trace … shows where)", PLATFORM_FAILED)


def _leave(sentence: str, code: int) -> None:
    typer.echo(f"datathon: {sentence}", err=True)
    sys.exit(code)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's callback for a flag
    if asked:
        typer.echo(f"datathon {version('datathon-platform')}")
        raise typer.Exit


def _trace(asked: bool) -> None:  # noqa: FBT001 - as above
    _shown["trace"] = asked


@app.callback()
def _root(
    *,
    _v: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
    _t: Annotated[bool, typer.Option("--trace", callback=_trace, help="Show where an unexpected error arose.")] = False,
) -> None:
    """Keep the options that stand before a command; their callbacks do the work."""


@app.command()
def demo(
    *,
    port: Port = 8000,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder that keeps everything; default: your data folder.")
    ] = None,
    host: Host = "127.0.0.1",
) -> None:
    """Start a running datathon on this machine: Valkey, scorer, worker, web, people, submissions, a jury.

    Prints the sign-ins, then "ready http://HOST:PORT". Ctrl-C stops all of it; a second start resumes.

    Example: datathon demo --port 8080 --data-dir /tmp/datathon
    """
    from datathon.demo.places import CannotStart, default_data_dir
    from datathon.demo.run import run

    try:
        run(host=host, port=port, data_dir=data_dir or default_data_dir())
    except CannotStart as error:
        _leave(str(error), NOT_IN_ORDER)


@app.command()
def web(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 2,
    threads: Annotated[int, typer.Option(help="Threads in each process.", min=1)] = 8,
) -> None:
    """Serve the web pages and the API.

    Example: datathon web --host 0.0.0.0 --port 8000 --workers 2
    """
    from datathon.web.serve import serve

    serve(load_settings(), host=host, port=port, workers=workers, threads=threads)


@app.command()
def worker() -> None:
    """Score submissions and keep watch over the queue; any number may run.

    Example: DATATHON_REDIS_URL=redis://localhost:6379/0 datathon worker
    """
    from datathon.worker import main as run

    run([])


@app.command()
def scorer(
    socket: Annotated[Path | None, typer.Option(help="Unix socket to listen on; default: the setting's.")] = None,
) -> None:
    """Run the sandboxed scorer service, which the worker talks to through a Unix socket.

    Example: datathon scorer --socket /run/datathon/scorer.sock
    """
    from datathon.cli_scoring import scorer as run

    raise typer.Exit(run(socket))


@app.command()
def score(
    challenge_dir: Folder,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The submission.")],
    *,
    json: Json = False,
    repeat: Annotated[int, typer.Option(help="Score it this many times on the warm service.", min=1)] = 1,
) -> None:
    """Score a file exactly as the worker would, in the same sandbox, without database, Redis or web.

    Example: datathon score challenges/2025/metiers-secteurs predictions.csv --json
    """
    from datathon.cli_scoring import score as run

    raise typer.Exit(run(challenge_dir, file, as_json=json, repeat=repeat))


@app.command()
def rescore(
    challenge: Annotated[
        str, typer.Argument(metavar="CHALLENGE", help="EDITION/CHALLENGE, or the challenge's folder.")
    ],
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change and leave it as it is.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the journal and the note to the teams.")] = "Rescoring",
    wait: Annotated[float, typer.Option(help="Seconds the workers have.", min=0)] = 600.0,
    json: Json = False,
) -> None:
    """Have the running workers score every submission again, show which scores and ranks change, then apply it.

    Example: datathon rescore 2025/metiers-secteurs --preview
    """
    from datathon.cli_rescore import rescore as run

    raise typer.Exit(run(load_settings(), challenge, preview=preview, reason=reason, wait_s=wait, as_json=json))


@app.command()
def doctor(*, json: Json = False) -> None:
    """Attack the own sandbox, check Redis, database, storage, clock and mail; say the level reached.

    Example: datathon doctor --json
    """
    from datathon.cli_scoring import doctor as run

    raise typer.Exit(run(as_json=json))


@app.command()
def check(challenge_dir: Folder, *, json: Json = False) -> None:
    """Check the configuration, the data and the scorer of a challenge or of a whole edition folder.

    Example: datathon check challenges/2025
    """
    from datathon.cli_check import check as run

    raise typer.Exit(run(challenge_dir, as_json=json))


@app.command()
def rubric(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A rubric; without it they are listed.")] = "",
    *,
    challenge: Annotated[str, typer.Option(help="Challenge whose prototypes the jury grades.")] = "",
    json: Json = False,
) -> None:
    """Print a jury's rubric to start from, to paste into edition.toml.

    Example: datathon rubric booster-ia --challenge prototypes
    """
    from datathon.cli_rubric import rubric as run

    raise typer.Exit(run(name, challenge=challenge, as_json=json))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A results.json.")],
    *,
    json: Json = False,
) -> None:
    """Recompute a published ranking from its results file alone, offline, and print it; 1 where it differs.

    Example: datathon verify results.json
    """
    from datathon.cli_verify import run

    raise typer.Exit(run(file, as_json=json))


@app.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Benchmarks to run; all by default.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Run the benchmarks of docs/benchmarks.md, each beside its floor, and print ratios.

    Example: datathon bench score-100k
    """
    from datathon.bench.run import run

    raise typer.Exit(run(tuple(names or ()), as_json=json))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to this version's schema.

    Example: DATATHON_DATABASE_URL=postgresql://… datathon db upgrade
    """
    from datathon.store.db import make_engine
    from datathon.store.migrate import upgrade

    settings = load_settings()
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    typer.echo(f"the database is at {upgrade(make_engine(settings.sqlalchemy_url))}")


@user_app.command("create")
def user_create(
    email: Annotated[str, typer.Argument(help="E-mail address, which is the sign-in.")],
    *,
    role: Annotated[str, typer.Option(help="organiser, juror or observer.")],
    edition: Annotated[str, typer.Option(help="Edition of the role, its folder's name.")],
    name: Annotated[str, typer.Option(help="Name shown; default: the part before the @.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    json: Json = False,
) -> None:
    """Create an account with a role, or give the role to an existing account.

    Without --password-stdin a password is made and printed once.

    Example: datathon user create anne@example.org --role organiser --edition 2026
    """
    from datathon.cli_user import create

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    raise typer.Exit(
        create(load_settings(), email, role=role, edition=edition, name=name, password=password, as_json=json)
    )


@submission_app.command("log")
def submission_log(
    submission: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the submission, as its page's address has it.")
    ],
    *,
    json: Json = False,
) -> None:
    """Print what every stage of the scoring of a submission wrote. Private: the scorer's text may hold labels.

    Example: datathon submission log 019ac2f0-7d0e-7a3c-8d6e-2f1c5c0b9a11
    """
    from datathon.cli_submission import log

    raise typer.Exit(log(load_settings(), submission, as_json=json))


if __name__ == "__main__":
    main()
