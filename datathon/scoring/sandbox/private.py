"""A scorer service of one's own, for commands that score without the platform running."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datathon.scoring.sandbox.client import ScorerClient, ScorerUnavailable

_START_S = 20.0


@contextmanager
def private_scorer(*, libraries: str = "both", options: Sequence[str] = ()) -> Iterator[ScorerClient]:
    """Start a scorer service, hand out its client, stop it at the end; raises ScorerUnavailable when it refuses.

    ``libraries``: "core" for shipped metrics, "full" for custom scorers, "both"; ``options`` further ones of the
    service's command line.
    """
    # A socket's path may have 107 bytes at most: a short place, whatever TMPDIR says.
    with tempfile.TemporaryDirectory(prefix="dth-", dir="/tmp") as folder:
        path = Path(folder) / "scorer.sock"
        command = [sys.executable, "-m", "datathon.scoring.sandbox.service", "--socket", str(path)]
        command += ["--libraries", libraries, "--die-with-parent", *options]
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as service:
            try:
                _wait(service, folders=("core", "full") if libraries == "both" else (libraries,))
                yield ScorerClient(path, patience_s=_START_S)
            finally:
                service.kill()


def _wait(service: "subprocess.Popen[bytes]", *, folders: tuple[str, ...]) -> None:
    """Read the service's log until each process says it is ready; raises ScorerUnavailable with its last word."""
    if service.stderr is None:
        return
    said = ""
    ready: set[str] = set()
    while not ready.issuperset(folders):
        line = service.stderr.readline().decode("utf-8", "replace")
        if not line:
            raise ScorerUnavailable(said.strip() or "the service ended at once", refused=True)
        said = line
        ready.update(name for name in folders if line.startswith(f"scorer: {name} ready"))
