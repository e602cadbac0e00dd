"""One generation of the scorer process follows another: nothing is lost, nothing is turned away, all is new."""

import io
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sandboxed import GOOD, make_challenge

from datathon.scoring.run import score_file
from datathon.scoring.sandbox import doctor
from datathon.scoring.sandbox.client import ScorerClient
from datathon.scoring.sandbox.private import private_scorer


@pytest.fixture
def short_lived() -> Iterator[ScorerClient]:
    """A service whose generations last for 60 children."""
    with private_scorer(libraries="core", options=["--recycle", "60"]) as client:
        yield client


def pids_until_new(client: ScorerClient, old: int) -> int:
    end = time.monotonic() + 60
    while (now := int(client.status()["pid"])) == old:
        assert time.monotonic() < end, "nobody took over"
        time.sleep(0.01)
    return now


def test_hundreds_of_jobs_through_several_generations_all_score(short_lived: ScorerClient, tmp_path: Path) -> None:
    challenge = make_challenge(tmp_path)
    seen: set[int] = set()

    def job(_: int) -> str:
        told = score_file(challenge, io.BytesIO(GOOD), scorer=short_lived)
        seen.add(int(short_lived.status()["pid"]))
        return told.outcome

    with ThreadPoolExecutor(4) as threads:
        while len(seen) < 4:
            assert set(threads.map(job, range(100))) == {"scored"}


def test_job_under_way_is_finished_by_the_generation_that_began_it(short_lived: ScorerClient) -> None:
    slow = b"import time\ndef parse(file, ctx):\n    time.sleep(4)\n    return {'p': [0.5] * len(ctx.ids)}\n"
    old = int(short_lived.status()["pid"])
    for _ in range(50):
        assert doctor.run_parse(short_lived, None)[0].end == "done"
    with ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(doctor.run_parse, short_lived, slow, limits=doctor._PATIENT)
        for _ in range(10):
            assert doctor.run_parse(short_lived, None)[0].end == "done"
        pids_until_new(short_lived, old)
        was_running = not under_way.done()
        assert under_way.result()[0].reply == b'{"rows": 4}'
    assert was_running


def test_retired_generation_is_gone_in_the_end(short_lived: ScorerClient) -> None:
    old = int(short_lived.status()["pid"])
    for _ in range(60):
        doctor.run_parse(short_lived, None)
    pids_until_new(short_lived, old)
    end = time.monotonic() + 30
    while Path(f"/proc/{old}").exists():
        assert time.monotonic() < end, "the retired process stays"
        time.sleep(0.01)


def test_no_job_waits_for_the_successor_to_warm_up(short_lived: ScorerClient) -> None:
    # Jobs go on being served by the old generation while the new one loads: many of them within one loading.
    old = int(short_lived.status()["pid"])
    served_after_worn = 0
    for number in range(2000):
        told = short_lived.status()
        if told["pid"] != old:
            break
        served_after_worn = max(served_after_worn, int(told["served"]) - 60)
        assert doctor.run_parse(short_lived, None)[0].end == "done", number
    assert int(short_lived.status()["pid"]) != old
    assert served_after_worn > 0


def test_generations_share_neither_addresses_nor_hash_seed(short_lived: ScorerClient) -> None:
    code = (
        b"from scorers import Reject\n"
        b"def parse(file, ctx):\n    raise Reject('format', '%d %d %d' % (id(None), hash('x'), ctx.rng.integers(1 << 40)))\n"
    )

    def seen() -> list[bytes]:
        return doctor.run_parse(short_lived, code)[0].reply.split(b'"text": "')[1].split(b'"')[0].split()

    old, first = int(short_lived.status()["pid"]), seen()
    for _ in range(60):
        assert seen() == first  # forks of one process: the same layout, the same seed
    pids_until_new(short_lived, old)
    second = seen()
    assert (second[0], second[1]) != (first[0], first[1])
    assert second[2] == first[2]  # the submission's own numbers do not depend on the process


def test_process_that_dies_while_its_successor_warms_up_costs_no_later_job(short_lived: ScorerClient) -> None:
    old = int(short_lived.status()["pid"])
    for _ in range(60):
        doctor.run_parse(short_lived, None)
    if int(short_lived.status()["pid"]) == old:
        os.kill(old, signal.SIGKILL)
    assert [doctor.run_parse(short_lived, None)[0].end for _ in range(3)] == ["done"] * 3
