"""The scorer service: warm processes behind a Unix socket that fork one sealed child per stage.

``python -m datathon.scoring.sandbox.service --socket PATH`` keeps two of them: numpy only at PATH, where the shipped
metrics run, and one with pandas, SciPy and scikit-learn at PATH.full for custom scorers. They hold no secret, no label
and no path to data: everything a job needs comes as an open descriptor and is closed with the job.

This process only listens and watches; see ``recycle``. Those that work are generations of it; see ``generation``.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from datathon.scoring.sandbox import lock, recycle
from datathon.scoring.sandbox.lock import Refused

CORE, FULL = "core", "full"
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "LC_ALL": "C.UTF-8",
               "PYTHONHASHSEED": "0"}  # fmt: skip
"""The whole environment: one thread, and the same order of sets after each start."""
CHILDREN = 4000
"""Children of one generation before a fresh one takes over, unless told otherwise: two thousand jobs."""
AGE_S = 3600.0
"""Longest a generation serves, in seconds."""


def full_socket(path: Path) -> Path:
    """Return the socket of the process that has the large libraries, beside ``path``."""
    return path.with_name(path.name + ".full")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service until it is stopped; return 3 when it refuses to start."""
    options = _options(arguments)
    if dict(os.environ) != ENVIRONMENT:
        _start_again(sys.argv[1:] if arguments is None else list(arguments))
    try:
        return _run(options)
    except Refused as refusal:
        print(f"scorer: sandbox_refused: {refusal}", file=sys.stderr)  # noqa: T201 - the service's log
        return 3


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="datathon scorer", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--socket", type=Path, required=True, help="path of the Unix socket to listen on")
    parser.add_argument("--libraries", choices=("both", CORE, FULL), default="both", help="which processes to start")
    parser.add_argument("--jobs", type=int, default=0, help="children at once in each process; 0: one per processor")
    parser.add_argument("--mode", default="600", help="permission of the socket, in octal")
    parser.add_argument("--allow-root", action="store_true", help="stay uid 0 when started by root (not advised)")
    parser.add_argument("--die-with-parent", action="store_true", help="end when the starting process ends")
    parser.add_argument("--strict-network", action="store_true", help="refuse where a network device is up")
    parser.add_argument("--recycle", type=int, default=CHILDREN, help="children before a fresh process takes over")
    # How a generation is told what it has; for this program's own use.
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--control", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--keeper", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _start_again(arguments: list[str]) -> None:
    """Replace this process by itself with an environment that has nothing of the caller's."""
    os.execve(sys.executable, _command(arguments), ENVIRONMENT)  # noqa: S606 - our own interpreter and module


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "datathon.scoring.sandbox.service", *arguments]


def _run(options: argparse.Namespace) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if options.listener is not None:
        # Imported only now: the caller's environment is gone, so numpy starts one thread.
        from datathon.scoring.sandbox import generation  # noqa: PLC0415

        return generation.run(options, age_s=AGE_S)
    starter = os.getppid()
    lock.no_new_privileges()
    lock.hide()
    if options.die_with_parent:
        lock.die_with_parent(starter)
    slots = []
    for libraries in (CORE, FULL) if options.libraries == "both" else (options.libraries,):
        path = full_socket(options.socket) if libraries == FULL else options.socket
        command = _command(["--socket", str(path), "--libraries", libraries, *_passed_on(options)])
        slots.append(recycle.Slot(libraries, _listen(path, int(options.mode, 8)), tuple(command), ENVIRONMENT))
    recycle.keep(slots)
    return 3


def _passed_on(options: argparse.Namespace) -> list[str]:
    """Return the options that every generation is given."""
    told = ["--jobs", str(options.jobs), "--mode", options.mode, "--recycle", str(options.recycle)]
    told += ["--allow-root"] if options.allow_root else []
    return told + (["--strict-network"] if options.strict_network else [])


def _listen(path: Path, mode: int) -> socket.socket:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        probe.connect(str(path))
        raise Refused(f"another service answers at {path}")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    mask = os.umask(0o777 & ~mode)
    try:
        listener.bind(str(fresh))
        listener.listen(128)
        fresh.replace(path)
    except OSError as error:
        raise Refused(f"cannot listen at {path}: {error.strerror or error}") from error
    finally:
        os.umask(mask)
    return listener


if __name__ == "__main__":
    sys.exit(main())
