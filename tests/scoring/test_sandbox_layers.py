"""Each layer of the sandbox alone: every attack, what stops it, and that it succeeds where nothing does.

Hostile code runs inside real PARSE and SCORE children that were sealed with one layer only; ``tests/hostile.py`` says
how. Without this a layer could be asleep behind another one for years.
"""

import json
from typing import Any

import pytest
from hostile import BARE, HIDDEN, case, ran

from datathon.scoring import outcome
from datathon.scoring.sandbox import doctor, lock
from datathon.scoring.sandbox.attacks import ATTACKS, PARSE, SCORE

ALWAYS = frozenset({"start", "user", "limits", "watch", "seals", "split"})
"""Layers that are there whatever the kernel offers: how the process was started (no environment, no terminal, no
descriptor but the job's), its unprivileged user, resource limits, the supervisor's watch, sealed files, the split."""
S, L = "seccomp", "landlock"

ROOT = "only root may do it, and the service is never root"
# Attack: the layers each of which stops it alone; why it cannot be shown to succeed without any, if it cannot.
TABLE: dict[str, tuple[set[str], str]] = {
    "read_passwd": ({L, S}, ""),
    "read_canary_file": ({L, S}, ""),
    "list_tmp": ({L, S}, ""),
    "environment_of_parent": ({L, S}, ""),
    "own_environment": ({"start", L, S}, ""),
    "tcp_loopback": ({L, S}, ""),
    "udp_loopback": ({S}, ""),
    "abstract_socket": ({L, S}, ""),
    "path_socket": ({S}, ""),
    "fork": ({"limits", S}, ""),
    "daemon": ({"limits", S}, ""),
    "exec": ({L, S}, ""),
    "memfd": ({S}, ""),
    "fill_memory": ({"limits"}, ""),
    "spin": ({"limits", "watch"}, ""),
    "sleep": ({"watch"}, ""),
    "fill_disk": ({"limits", L, S}, ""),
    "fill_shm": ({"limits", L, S}, ""),
    "sysv_shared_memory": ({S}, ""),
    "endless_output": ({"watch"}, ""),
    "signal_parent": ({L, S}, ""),
    "signal_everybody": ({S}, ""),
    "ptrace_parent": ({L, S}, "some machines let nobody attach to a parent (Yama)"),
    "read_parent_memory": ({L, S}, "some machines let nobody attach to a parent (Yama)"),
    "parent_mem_file": ({L, S}, "some machines let nobody attach to a parent (Yama)"),
    "become_root": ({"user", S}, ROOT),
    "new_user_namespace": ({S}, "some machines and containers let only root make one"),
    "mount": ({"user", L, S}, ROOT),
    "allow_core_dumps": ({S}, ""),
    "raise_limits": ({"user", S}, ROOT),
    "io_uring": ({S}, "some machines have switched it off"),
    "bpf": ({S}, "some machines let only root use it"),
    "userfaultfd": ({S}, "some machines let only root use it"),
    "perf_event": ({S}, "some machines let only root use it"),
    "keyctl": ({S}, "some containers refuse it"),
    "open_by_handle": ({S}, "some kernels and containers refuse it to ordinary users before looking at it"),
    "reopen_descriptor": ({S}, ""),
    "change_given_files": ({S}, ""),
    "inherited_descriptors": ({"start"}, ""),
    "x32_call": ({S}, "most kernels and all of aarch64 have no x32"),
    "terminal_input": ({"start", S}, "the tests have no terminal, and kernels since 6.2 refuse it"),
    "raise_priority": ({"user", S}, ROOT),
    "fake_result": ({"split"}, ""),
    "find_labels": ({"split"}, ""),
    "executable_memory": ({S}, ""),
    "signal_parent_thread": ({L, S}, ""),
    "pidfd_parent": ({S}, ""),
    "clone3": ({"limits", S}, "some containers have no such call"),
    "late_import": ({L, S}, "the service's user may not read the interpreter's folder"),
}
NEEDS_ABI = {"tcp_loopback": 4, "abstract_socket": 6, "signal_parent": 6, "signal_parent_thread": 6}
"""The first version of Landlock that knows of it."""
BY_THE_SPLIT = {"fake_result", "find_labels"}

Told = dict[tuple[str, str, tuple[str, ...]], tuple[str, str]]


def landlock_stops(name: str) -> bool:
    return L in TABLE[name][0] and lock.landlock_abi() >= NEEDS_ABI.get(name, 1)


def stopped(name: str, end: str, said: str) -> bool:
    ends = next(a.ends for a in ATTACKS if a.name == name)
    return end in ends or ("stopped " in said and "PASS " not in said)


@pytest.fixture(scope="module")
def told() -> Told:
    """How every attack ended in both stages behind every single layer."""
    sets = [(), (S,), *([(L,)] if lock.landlock_abi() else [])]
    with doctor._canaries() as facts:
        cases = [case(a, stage, layers, facts) for a in ATTACKS for stage in (PARSE, SCORE) for layers in sets]
        hidden = ("environment_of_parent", "ptrace_parent", "read_parent_memory", "parent_mem_file")
        cases += [case(a, stage, (HIDDEN,), facts) for a in ATTACKS if a.name in hidden for stage in (PARSE, SCORE)]
        return ran(cases)


@pytest.fixture(scope="module")
def bare() -> Told:
    """How every attack ended in an ordinary process of an ordinary user."""
    with doctor._canaries() as facts:
        return ran([case(a, PARSE, (BARE,), facts) for a in ATTACKS], bare=True)


def test_table_names_every_attack_and_every_row() -> None:
    assert sorted(TABLE) == sorted(a.name for a in ATTACKS)
    assert {a.row for a in ATTACKS} - {0} == set(range(1, 42))
    assert all(layers <= ALWAYS | {S, L} for layers, _ in TABLE.values())


def test_every_attack_succeeds_where_nothing_is_sealed(bare: Told) -> None:
    shown = {name: bare[name, PARSE, (BARE,)] for name, (_, why_not) in TABLE.items() if not why_not}
    del shown["find_labels"]  # needs a process that was given labels: below
    assert {name: said for name, said in shown.items() if stopped(name, *said)} == {}


@pytest.mark.parametrize("stage", [PARSE, SCORE])
def test_seccomp_alone_stops_what_the_table_says(told: Told, stage: str) -> None:
    expected = {name for name, (layers, _) in TABLE.items() if S in layers}
    assert {name for name in expected if not stopped(name, *told[name, stage, (S,)])} == set()


@pytest.mark.parametrize("stage", [PARSE, SCORE])
def test_landlock_alone_stops_what_the_table_says(told: Told, stage: str) -> None:
    expected = {name for name in TABLE if landlock_stops(name)}
    assert {name for name in expected if not stopped(name, *told[name, stage, (L,)])} == set()


@pytest.mark.parametrize("stage", [PARSE, SCORE])
def test_limits_start_user_and_watch_stop_what_the_table_says(told: Told, stage: str) -> None:
    expected = {name for name, (layers, _) in TABLE.items() if layers & (ALWAYS - {"split"})}
    assert {name for name in expected if not stopped(name, *told[name, stage, ()])} == set()


@pytest.mark.parametrize("stage", [PARSE, SCORE])
def test_without_its_layers_an_attack_gets_through_a_real_child(told: Told, stage: str) -> None:
    # The proof that the layer and nothing else stopped it above.
    only_kernel = {n for n, (layers, why_not) in TABLE.items() if not layers & ALWAYS and not why_not}
    assert {name for name in only_kernel if stopped(name, *told[name, stage, ()])} == set()
    missed = {n for n in only_kernel if L not in TABLE[n][0]} if lock.landlock_abi() else set()
    assert {name for name in missed if stopped(name, *told[name, stage, (L,)])} == set()


@pytest.mark.parametrize("stage", [PARSE, SCORE])
def test_forking_process_cannot_be_looked_into_by_its_children(told: Told, stage: str) -> None:
    looks = [key for key in told if key[1:] == (stage, (HIDDEN,))]
    assert len(looks) == 4
    assert [key for key in looks if not stopped(key[0], *told[key])] == []


def test_labels_are_found_by_the_stage_that_has_them_and_by_no_other(told: Told) -> None:
    for layers in {key[2] for key in told} - {(HIDDEN,)}:
        assert "PASS labels at descriptor" in told["find_labels", SCORE, layers][1]
        assert stopped("find_labels", *told["find_labels", PARSE, layers])


def test_forged_score_means_something_in_the_stage_without_the_file_only(scorer: Any) -> None:
    # A scorer is the organiser's own and may give what numbers it likes; a file that took PARSE over may not.
    attack = next(a for a in ATTACKS if a.name == "fake_result")
    with doctor._canaries() as facts:
        code = doctor.source(attack, {k: v for k, v in facts.items() if not k.startswith("_")})
    forged = doctor.run_score(scorer, code, b"").reply
    parts = {"public": 1, "private": 1, "all": 2}
    assert outcome.read_score(forged, metrics=[outcome.Bounds("mae")], parts=parts) is not None
    reply = doctor.run_parse(scorer, code)[0].reply
    assert json.loads(reply) == json.loads(forged)
    with pytest.raises(outcome.Untrusted):
        outcome.read_parse(reply, rows=4, columns=["id", "p"])
