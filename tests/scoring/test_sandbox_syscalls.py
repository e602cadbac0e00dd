"""The tables of system calls against a second source, and the filter's program against a machine of our own."""

import platform
import re
import struct
from pathlib import Path

import pytest

from datathon.scoring.sandbox import attacks, lock, syscalls

# Written down from the kernel's include/uapi/asm-generic/unistd.h, which aarch64 uses, in the order of that file.
GENERIC = """
17 getcwd 23 dup 24 dup3 25 fcntl 29 ioctl 34 mkdirat 35 unlinkat 48 faccessat 56 openat 57 close 59 pipe2 61 getdents64 62 lseek
63 read 64 write 65 readv 66 writev 67 pread64 68 pwrite64 78 readlinkat 79 newfstatat 80 fstat 93 exit 94 exit_group
96 set_tid_address 98 futex 101 nanosleep 113 clock_gettime 114 clock_getres 115 clock_nanosleep 117 ptrace
122 sched_setaffinity 123 sched_getaffinity 124 sched_yield 128 restart_syscall 129 kill 130 tkill 131 tgkill
132 sigaltstack 134 rt_sigaction 135 rt_sigprocmask 139 rt_sigreturn 140 setpriority 147 setresuid 153 times
157 setsid 160 uname 163 getrlimit 164 setrlimit 165 getrusage 167 prctl 168 getcpu 169 gettimeofday 172 getpid
173 getppid 174 getuid 175 geteuid 176 getgid 177 getegid 178 gettid 179 sysinfo 194 shmget 198 socket 203 connect
214 brk 215 munmap 216 mremap 217 add_key 219 keyctl 220 clone 221 execve 222 mmap 226 mprotect 233 madvise
241 perf_event_open 261 prlimit64 265 open_by_handle_at 270 process_vm_readv 277 seccomp 278 getrandom
279 memfd_create 280 bpf 281 execveat 282 userfaultfd 291 statx 425 io_uring_setup 434 pidfd_open 435 clone3
436 close_range 437 openat2 439 faccessat2 444 landlock_create_ruleset 445 landlock_add_rule 446 landlock_restrict_self
"""
# arch/x86/entry/syscalls/syscall_64.tbl
X86_64 = """
0 read 1 write 2 open 3 close 4 stat 5 fstat 6 lstat 8 lseek 9 mmap 10 mprotect 11 munmap 12 brk 13 rt_sigaction
14 rt_sigprocmask 15 rt_sigreturn 16 ioctl 17 pread64 18 pwrite64 19 readv 20 writev 21 access 24 sched_yield 25 mremap
28 madvise 29 shmget 32 dup 33 dup2 35 nanosleep 39 getpid 41 socket 42 connect 56 clone 57 fork 58 vfork 59 execve
60 exit 62 kill 63 uname 72 fcntl 79 getcwd 89 readlink 96 gettimeofday 97 getrlimit 98 getrusage 99 sysinfo 100 times
101 ptrace 102 getuid 104 getgid 107 geteuid 108 getegid 110 getppid 117 setresuid 131 sigaltstack 141 setpriority
157 prctl 160 setrlimit 165 mount 186 gettid 200 tkill 202 futex 204 sched_getaffinity 217 getdents64
218 set_tid_address 219 restart_syscall 228 clock_gettime 229 clock_getres 230 clock_nanosleep 231 exit_group
234 tgkill 250 keyctl 257 openat 262 newfstatat 267 readlinkat 269 faccessat 272 unshare 298 perf_event_open 302 prlimit64
304 open_by_handle_at 309 getcpu 310 process_vm_readv 317 seccomp 318 getrandom 319 memfd_create 321 bpf 322 execveat
323 userfaultfd 332 statx 425 io_uring_setup 434 pidfd_open 435 clone3 436 close_range 437 openat2 439 faccessat2
444 landlock_create_ruleset 445 landlock_add_rule 446 landlock_restrict_self
"""
HEADERS = (
    Path("/usr/include/asm-generic/unistd.h"),
    *Path("/usr/include").glob("*/asm/unistd_64.h"),
)
FORBIDDEN = {
    "open", "openat", "openat2", "stat", "newfstatat", "statx", "socket", "connect", "fork", "vfork", "clone", "execve",
    "execveat", "kill", "tkill", "ptrace", "process_vm_readv", "memfd_create", "pwrite64", "ioctl", "prctl", "setrlimit",
    "prlimit64", "shmget", "bpf", "keyctl", "userfaultfd", "io_uring_setup", "perf_event_open", "open_by_handle_at",
    "mount", "unshare", "setresuid", "setpriority", "pidfd_open", "close_range", "landlock_create_ruleset", "dup2", "dup3",
}  # fmt: skip
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
PID = 4711


def numbers(listed: str) -> dict[str, int]:
    words = listed.split()
    return {name: int(number) for number, name in zip(words[::2], words[1::2], strict=True)}


SOURCES = {"x86_64": numbers(X86_64), "aarch64": numbers(GENERIC)}


def answer(program: bytes, machine: int, number: int, *arguments: int) -> int:
    """Run a filter as the kernel does and return what it answers."""
    data = struct.pack("<IIQ6Q", number, machine, 0, *[a & (2**64 - 1) for a in arguments], *[0] * (6 - len(arguments)))
    steps = list(struct.iter_unpack("<HBBI", program))
    at = value = 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            met = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
            at += yes if met else no


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_numbers_are_those_of_a_second_source(name: str) -> None:
    machine, source = syscalls._TABLES[name], SOURCES[name]
    ours = {**machine.allowed, **machine.guarded, **machine.reading}
    assert ours == {call: source[call] for call in ours}
    assert len(ours) == len(machine.allowed) + len(machine.guarded) + len(machine.reading)
    assert (machine.seccomp, machine.clone3, machine.landlock) == (
        source["seccomp"], source["clone3"], source["landlock_create_ruleset"],
    )  # fmt: skip
    assert {call: source[call] for call in attacks.NUMBERS[name]} == attacks.NUMBERS[name]


def test_numbers_are_those_of_the_headers_of_this_machine() -> None:
    # Only where a compiler's headers are installed; the lists above hold everywhere.
    for header in filter(Path.is_file, HEADERS):
        source = SOURCES["aarch64" if "generic" in str(header) else platform.machine()]
        found = {name: int(n) for name, n in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())}
        assert len(found) > 200
        assert {name: found[name] for name in source if name in found} == {n: source[n] for n in source if n in found}


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_filter_answers_every_call_as_meant(name: str) -> None:
    machine, source = syscalls._TABLES[name], SOURCES[name]
    program = lock.allow_list(machine, PID)
    assert len(program) // 8 < 4096
    guarded = set(machine.guarded) - {"open", "openat"}
    for call, number in source.items():
        if call in guarded:
            continue
        expected = ALLOW if call in machine.allowed else ENOSYS if call == "clone3" else EPERM
        assert answer(program, machine.audit, number) == expected, call
    assert not FORBIDDEN & {*machine.allowed, *guarded}
    for number in range(1024):
        known = number in {*machine.allowed.values(), *(machine.guarded[call] for call in guarded)}
        assert known or answer(program, machine.audit, number) != ALLOW


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_filter_looks_at_arguments(name: str) -> None:
    machine = syscalls._TABLES[name]
    program = lock.allow_list(machine, PID)

    def said(call: str, *arguments: int) -> int:
        return answer(program, machine.audit, machine.guarded[call], *arguments)

    for call in ("mmap", "mprotect"):
        assert [said(call, 0, 4096, rights) for rights in (0, 1, 2, 3)] == [ALLOW] * 4
        assert [said(call, 0, 4096, rights) for rights in (4, 5, 7, 4 | 1 << 32)] == [EPERM] * 4
    commands = {command: said("fcntl", 3, command) for command in (*range(20), *range(1024, 1040))}
    assert {c for c, answered in commands.items() if answered == ALLOW} == {0, 1, 3, 1030}
    assert said("tgkill", PID, PID, 6) == ALLOW
    assert {said("tgkill", PID, PID, s) for s in (0, 9, 19, 24)} | {said("tgkill", 1, 1, 6)} == {EPERM}


@pytest.mark.parametrize("name", ["x86_64", "aarch64"])
def test_filter_that_lets_read_adds_reading_and_nothing_else(name: str) -> None:
    machine, source = syscalls._TABLES[name], SOURCES[name]
    program, strict = lock.allow_list(machine, PID, reading=True), lock.allow_list(machine, PID)
    opens = {call: machine.guarded[call] for call in ("open", "openat") if call in machine.guarded}
    more = {n for n in range(1024) if answer(program, machine.audit, n) != answer(strict, machine.audit, n)}
    # Without arguments mmap asks for nothing that either refuses by its rights, and is no file's.
    assert more - {machine.guarded["mmap"]} == {*machine.reading.values(), *opens.values()}
    assert not (FORBIDDEN - {"stat", "newfstatat"}) & set(machine.reading)
    for call, number in opens.items():
        before = [0] * (1 if call == "open" else 2)
        read = (0, 0o2000000, 0o200000)  # O_RDONLY, O_CLOEXEC, O_DIRECTORY
        assert {answer(program, machine.audit, number, *before, flags) for flags in read} == {ALLOW}
        written = (1, 2, 0o100, 0o1000, 0o2000, 0o20000000, 0o10000000)
        assert {answer(program, machine.audit, number, *before, flags) for flags in written} == {EPERM}
    private, anonymous = 0x2, 0x22
    assert answer(program, machine.audit, source["mmap"], 0, 4096, 5, private) == ALLOW  # a library's code
    assert answer(program, machine.audit, source["mmap"], 0, 4096, 7, private) == EPERM
    assert answer(program, machine.audit, source["mmap"], 0, 4096, 5, anonymous) == EPERM
    assert answer(program, machine.audit, source["mprotect"], 0, 4096, 5) == EPERM


def test_other_architectures_and_the_second_interface_of_x86_are_killed() -> None:
    x86, arm = syscalls._TABLES["x86_64"], syscalls._TABLES["aarch64"]
    assert answer(lock.allow_list(x86, PID), arm.audit, 0) == KILL
    assert answer(lock.allow_list(arm, PID), x86.audit, 63) == KILL
    assert answer(lock.allow_list(x86, PID), 0x40000003, 3) == KILL  # i386
    assert answer(lock.allow_list(x86, PID), x86.audit, x86.x32_bit | 39) == KILL


def test_table_of_this_machine_is_the_one_in_use() -> None:
    assert syscalls.table() is syscalls._TABLES[platform.machine()]
