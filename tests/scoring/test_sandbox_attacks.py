"""Everything an attacker with code inside a sealed child would try, in real PARSE and SCORE children."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from datathon.scoring import outcome
from datathon.scoring.sandbox import doctor, lock
from datathon.scoring.sandbox.attacks import ATTACKS, Attack, source
from datathon.scoring.sandbox.client import ScorerClient

IDS = [f"{attack.row}-{attack.name}-{stage}" for attack in ATTACKS for stage in attack.stages]
CASES = [(attack, stage) for attack in ATTACKS for stage in attack.stages]


@pytest.fixture(scope="module")
def canaries() -> Iterator[dict[str, Any]]:
    with doctor._canaries() as facts:
        yield facts
        assert [check for check in doctor._canaries_untouched(facts) if not check.ok] == []


@pytest.mark.parametrize(("attack", "stage"), CASES, ids=IDS)
def test_attack_is_stopped(scorer: ScorerClient, canaries: dict[str, Any], attack: Attack, stage: str) -> None:
    check = doctor._attempt(scorer, attack, stage, canaries)
    assert check.ok, check.detail


def test_forged_score_is_not_believed(scorer: ScorerClient, canaries: dict[str, Any]) -> None:
    attack = next(a for a in ATTACKS if a.name == "fake_result")
    facts = {k: v for k, v in canaries.items() if not k.startswith("_")}
    end, _ = doctor.run_parse(scorer, source(attack, facts))
    with pytest.raises(outcome.Untrusted):
        outcome.read_parse(end.reply, rows=4, columns=["id", "p"])


def test_whole_examination_reaches_a_level(scorer: ScorerClient) -> None:
    report = doctor.examine(scorer)
    assert [check for check in report.checks if not check.ok] == []
    assert report.level == ("full" if lock.landlock_abi() else "container")
    told = json.loads(json.dumps(report.as_json()))
    assert told["ok"] is True
    assert {"kernel", "landlock_abi", "uid", "checks", "level", "service"} <= set(told)


def test_examination_that_finds_a_hole_refuses() -> None:
    attack = ATTACKS[0]
    end = doctor.StageEnd(
        "done", b'{"problems": [{"params": {"text": "PASS open gave 5"}}]}', "", 1, 0, 0, "full", {}, {}
    )
    assert not doctor.verdict(attack, "parse", end).ok


def test_part_that_raises_is_reported() -> None:
    def broken() -> str:
        raise OSError("no answer")

    check = doctor._look(("redis", broken))
    assert (check.ok, check.group, check.detail) == (False, "platform", "no answer")


def test_children_drop_root(scorer: ScorerClient) -> None:
    body = "def parse(file, ctx):\n    import os\n    from scorers import Reject\n    raise Reject('format', '%d %d' % (os.getuid(), os.getegid()))\n"
    end, _ = doctor.run_parse(scorer, body.encode())
    expected = "10001 10001" if os.getuid() == 0 else f"{os.getuid()} {os.getegid()}"
    assert json.loads(end.reply)["problems"][0]["params"]["text"] == expected
