"""Compute the intervals of one board in a process of its own: it needs numpy, which workers must not import.

``python -m datathon.leaderboard.resample PARENT`` reads a request as JSON and prints its progress, then the result, one
JSON object a line. The losses of the part wait on the disk in a file without a name, so that memory does not grow with
their number.
"""

import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from datathon.config import Settings
from datathon.kernel.clock import utcnow
from datathon.kernel.errors import NotFound
from datathon.kernel.parent import die_with_parent
from datathon.leaderboard.intervals import (
    NO_LOSSES_DECLARED,
    TOO_FEW_ROWS,
    VERSIONS,
    Asked,
    claim_due,
    keep,
    losses_of,
    renew,
)
from datathon.scoring.losses import PARTS, read_kept
from datathon.store.db import reading, transaction
from datathon.store.files import FileStore
from scorers import sums

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from datathon.leaderboard.bootstrap import Certainty
    from datathon.leaderboard.recount import Brought

logger = logging.getLogger(__name__)

SAY_EVERY_S = 2.0
LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""What keeps the computation on one processor: scoring comes first."""


Given = Mapping[str, Any]
"""A request with everything ``compute`` needs besides."""
Run = Callable[[Given, Callable[[float], bool]], Mapping[str, Any] | None]
"""Computes a request, telling how far it is until it hears False; None when it failed."""


def compute_next(engine: Engine, settings: Settings, *, worker: str, run: Run | None = None) -> Asked | None:
    """Compute the intervals that have been wanted longest and keep them; return for which board, None without any.

    ``run`` computes; in a process of its own unless given.
    """
    with transaction(engine) as db:
        asked = claim_due(db, worker=worker, now=utcnow())
    if asked is None:
        return None
    with reading(engine) as db:
        # A published ranking names its losses itself: they stay those it was made of.
        digests = asked.request.get("digests") or losses_of(db, asked.request)

    def told(progress: float) -> bool:
        with transaction(engine) as db:
            return renew(db, asked, progress=progress, now=utcnow())

    found: Mapping[str, Any] | None
    if isinstance(digests, str):
        found = {"state": "none", "reason": digests}
    else:
        found = (run or in_a_process)(_given(settings, asked, digests), told)
    if found is None:
        logger.error("the intervals of %s/%s could not be computed", asked.edition_id, asked.challenge_id)
    with transaction(engine) as db:
        keep(db, asked, found, now=utcnow())
    return asked


def _given(settings: Settings, asked: Asked, digests: list[str]) -> Given:
    return {
        "losses_dir": str(settings.losses_dir.resolve()),
        "secret": settings.secret_key,
        "digests": digests,
        "edition": f"{asked.edition_id}/{asked.challenge_id}",
        "part": asked.part,
        **asked.request,
    }


def in_a_process(given: Given, told: Callable[[float], bool]) -> Mapping[str, Any] | None:
    """Compute a request in a process of its own, on one processor."""
    command = [sys.executable, "-m", "datathon.leaderboard.resample", str(os.getpid())]
    environment = {**os.environ, **dict.fromkeys(LIBRARIES, "1")}
    result: Mapping[str, Any] | None = None
    with subprocess.Popen(  # noqa: S603 - this program again
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise OSError("the process has no pipes")
        with process.stdin as pipe:
            pipe.write(json.dumps(given))
        for line in process.stdout:
            said = json.loads(line)
            result = said.get("result")
            if "progress" in said and not told(said["progress"]):
                process.kill()
    return result


@dataclass(frozen=True, slots=True)
class Spool:
    """What ``teams`` teams bring on ``rows`` rows, team after team as doubles in ``file``, ``width`` for each row.

    ``brought`` says what is common to the rows of each team where they bring no plain losses.
    """

    file: io.FileIO
    rows: int
    teams: int
    width: int = 1
    brought: "tuple[Brought, ...]" = ()

    def read(self, team: int, start: int, size: int) -> "npt.NDArray[np.float64]":
        """Return what ``size`` rows of a team bring, shape (size, width)."""
        import numpy as np  # noqa: PLC0415 - the process's own

        at = 8 * self.width * (team * self.rows + start)
        raw = os.pread(self.file.fileno(), 8 * self.width * size, at)
        return np.frombuffer(raw, dtype="<f8").reshape(size, self.width)

    def blocks(self) -> "Iterator[npt.NDArray[np.float64]]":
        """Yield them row by row, in blocks of shape (some rows, teams)."""
        import numpy as np  # noqa: PLC0415 - the process's own

        from datathon.leaderboard.bootstrap import BLOCK_ROWS  # noqa: PLC0415 - imports numpy

        for start in range(0, self.rows, BLOCK_ROWS):
            size = min(BLOCK_ROWS, self.rows - start)
            block = np.empty((size, self.teams))
            for team in range(self.teams):
                block[:, team] = self.read(team, start, size)[:, 0]
            yield block


def compute(given: Mapping[str, Any], *, progress: Callable[[float], object]) -> dict[str, Any]:
    """Return what a board shows of its certainty: state "ready" with figures by team, or "none" with a reason."""
    from datathon.leaderboard.bootstrap import bootstrap, seed_of  # noqa: PLC0415 - imports numpy
    from datathon.leaderboard.recount import recount  # noqa: PLC0415 - imports numpy

    seed = seed_of(given["secret"].encode(), given["edition"], given["part"])
    place = Path(given["losses_dir"])
    with tempfile.TemporaryFile(dir=place.parent, buffering=0) as file:
        spool = _spooled(FileStore(place), file, given)
        if isinstance(spool, str):
            return {"state": "none", "reason": spool}
        how: Any = {"rows": spool.rows, "decimals": given["decimals"], "seed": seed, "progress": progress}
        made_by = sums.BY_GROUP.get(given["made_by"], given["made_by"])
        if made_by in sums.BY_ROW:
            found = bootstrap(spool.blocks, teams=spool.teams, made_by=made_by, **how)
        else:
            again = recount(spool.read, spool.brought, **how)
            if again is None:
                return {"state": "none", "reason": TOO_FEW_ROWS}
            found = again
    return _said(found, [key for key, _ in given["teams"]], seed)


def _spooled(files: FileStore, file: Any, given: Mapping[str, Any]) -> Spool | str:
    import numpy as np  # noqa: PLC0415 - the process's own

    from datathon.leaderboard.recount import MOST_NUMBERS, brought_by  # noqa: PLC0415 - imports numpy

    made_by = given["made_by"]
    where: bytes | None = None
    rows = 0
    brought = []
    for digest in given["digests"]:
        try:
            kept = read_kept(files, digest)
        except (NotFound, ValueError):
            return "losses"
        if kept.made_by != made_by or (where is not None and kept.parts != where):
            return VERSIONS
        where = kept.parts
        numbers = np.frombuffer(kept.values, dtype="<f8").reshape(len(where), -1)
        there = numbers[np.frombuffer(where, dtype=np.uint8) == PARTS.index(given["part"])]
        if made_by in sums.BY_GROUP:  # one number for each group, in its first row
            there = there[np.isfinite(there[:, 0])]
        rows = len(there)
        file.write(there.tobytes())
        if made_by not in sums.BY_ROW | sums.BY_GROUP.keys() and rows:
            brought.append(brought_by(made_by, there))
            if brought[-1].wide > MOST_NUMBERS:  # a table of hundreds of classes: its sums would fill the memory
                return NO_LOSSES_DECLARED
    if rows < 2:
        return TOO_FEW_ROWS
    return Spool(file, rows, len(given["digests"]), sums.WIDTHS[made_by], tuple(brought))


def _said(found: "Certainty", teams: list[str], seed: int) -> dict[str, Any]:
    from datathon.leaderboard.bootstrap import groups  # noqa: PLC0415 - imports numpy

    order = list(range(len(teams)))
    bands = groups(order, found.better)
    tied = {one: {other for band in bands if one in band for other in band if other != one} for one in order}
    return {
        "state": "ready",
        "rows": found.rows,
        "draws": found.draws,
        "level": found.level,
        # As text: it has more figures than a JSON number keeps.
        "seed": str(seed),
        "indicative": found.indicative,
        "critical": _short(found.critical),
        "groups": [[teams[one] for one in band] for band in bands],
        "teams": [
            {
                "team": key,
                "ranks": list(found.ranks[one]),
                "drawn": list(found.drawn[one]),
                "median": found.median[one],
                "p_first": _short(found.first[one]),
                "p_podium": _short(found.podium[one]),
                "p_ahead": _short(found.beats[one, one + 1]) if one + 1 < len(teams) else None,
                "tied": [teams[other] for other in sorted(tied[one])],
            }
            for one, key in enumerate(teams)
        ],
    }


def _short(value: Any) -> float:
    return round(float(value), 4)


def main(arguments: list[str]) -> None:
    """Answer one request, politely: after everything else that wants the processor."""
    die_with_parent(int(arguments[0]))
    os.nice(10)
    told = 0.0

    def tell(done: float) -> None:
        nonlocal told
        if time.monotonic() - told >= SAY_EVERY_S:
            told = time.monotonic()
            print(json.dumps({"progress": round(done, 3)}), flush=True)  # noqa: T201 - read by the parent

    result = compute(json.load(sys.stdin), progress=tell)
    print(json.dumps({"result": result}), flush=True)  # noqa: T201 - the process's answer


if __name__ == "__main__":
    main(sys.argv[1:])
