"""The scorer service: a warm process on a Unix socket that forks one sealed child per stage.

``python -m datathon.scoring.sandbox.service --socket PATH`` starts two of them: numpy only at PATH, where the shipped
metrics run, and one with pandas, SciPy and scikit-learn at PATH.full for custom scorers. It holds no secret, no label
and no path to data: everything a job needs comes as an open descriptor and is closed with the job.
"""

import argparse
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from datathon.scoring.sandbox import lock
from datathon.scoring.sandbox.lock import Refused

CORE, FULL = "core", "full"
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_SERVICE_UID = 10001


def full_socket(path: Path) -> Path:
    """Return the socket of the process that has the large libraries, beside ``path``."""
    return path.with_name(path.name + ".full")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service until it is stopped; return 3 when it refuses to start."""
    options = _options(arguments)
    if dict(os.environ) != _ENVIRONMENT:
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
    return parser.parse_args(arguments)


def _start_again(arguments: list[str]) -> None:
    """Replace this process by itself with an environment that has nothing of the caller's."""
    command = [sys.executable, "-m", "datathon.scoring.sandbox.service", *arguments]
    os.execve(sys.executable, command, _ENVIRONMENT)  # noqa: S606 - our own interpreter and module


def _run(options: argparse.Namespace) -> int:
    starter = os.getppid()
    libraries, path = options.libraries, options.socket
    other = 0
    if libraries == "both":
        parent = os.getpid()
        other = os.fork()
        libraries = CORE if other else FULL
        if not other:
            starter = parent
    if libraries == FULL:
        path = full_socket(path)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    owner = os.getuid()
    listener = _listen(path, int(options.mode, 8))

    # Imported only now: the caller's environment is gone, so numpy starts one thread.
    from datathon.scoring.sandbox import serving  # noqa: PLC0415

    serving.warm(full=libraries == FULL)
    about = {"environment": serving.environment(), "digests": serving.shipped_digests(), "level": ""}
    _become_nobody(allow_root=options.allow_root)
    os.environ.clear()
    lock.hide()
    lock.no_new_privileges()
    if options.die_with_parent or libraries == FULL != options.libraries:
        lock.die_with_parent(starter)  # after the change of uid, which would cancel it
    layers = serving.layers()
    about["level"] = serving.level(layers)
    gc.collect()
    gc.freeze()
    print(f"scorer: {libraries} ready at {path}, level {about['level']}", file=sys.stderr, flush=True)  # noqa: T201 - the service's log
    peers = {0, owner} if options.mode == "600" else None
    serving.serve(listener, layers=layers, jobs=options.jobs, peers=peers, other=other, about=about)
    raise Refused("the companion process with the large libraries has ended")


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


def _become_nobody(*, allow_root: bool) -> None:
    """Leave uid 0 for good; raises Refused when that is impossible and nobody said to stay."""
    if os.geteuid() != 0 or allow_root:
        return
    try:
        os.setgroups([])
        os.setresgid(_SERVICE_UID, _SERVICE_UID, _SERVICE_UID)
        os.setresuid(_SERVICE_UID, _SERVICE_UID, _SERVICE_UID)
    except OSError as error:
        raise Refused(f"started as root and cannot become uid {_SERVICE_UID}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
