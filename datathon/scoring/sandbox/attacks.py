"""What somebody would try who had code running inside a sealed child; each entry must be stopped.

The attacks go in by the same door as an organiser's ``scorer.py``: the service has no other. An attack's text is the
body of a function that uses ``libc``, ``call`` (a libc function by name; raises OSError), ``raw`` (a system call by
number) and ``facts``, and returns what it achieved. Raising OSError, MemoryError or ValueError means stopped.
Numbers are the rows of the attack list in the sandbox notes.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARSE, SCORE, PREDICT = "parse", "score", "predict"

NUMBERS = {
    "x86_64": {"io_uring_setup": 425, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "keyctl": 250,
               "open_by_handle_at": 304, "pidfd_open": 434, "clone3": 435, "getpid": 39},
    "aarch64": {"io_uring_setup": 425, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "keyctl": 219,
                "open_by_handle_at": 265, "pidfd_open": 434, "clone3": 435, "getpid": 172},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt. ``stages`` it is made in; ``ends`` the ways its child may end that count as stopped by force.

    ``cpu_s`` and ``wall_s`` are the child's limits, in seconds.
    """

    row: int
    name: str
    body: str
    stages: tuple[str, ...] = (PARSE, SCORE)
    ends: tuple[str, ...] = ()
    cpu_s: float = 2.0
    wall_s: float = 60.0


_FDS = "[fd for fd in range(3, 1024) if seekable(fd)]"

ATTACKS: tuple[Attack, ...] = (
    Attack(1, "read_passwd", "return call('open', b'/etc/passwd', 0)"),
    Attack(2, "read_canary_file", "return call('open', facts['file'].encode(), 0)"),
    Attack(3, "list_tmp", "return call('open', b'/tmp', 0o200000)"),
    Attack(4, "environment_of_parent", "return call('open', b'/proc/%d/environ' % libc.getppid(), 0)"),
    Attack(5, "own_environment", """
import os
libc.getenv.restype = ctypes.c_char_p
found = [k for k in ('PATH', 'HOME', 'DATATHON_TEST_CANARY', 'DATATHON_DATABASE_URL') if libc.getenv(k.encode())]
if found or set(os.environ) - {'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'LOKY_MAX_CPU_COUNT'}:
    return 'environment: ' + ','.join(found)
fd = number(call('open', b'/proc/self/environ', 0))
buffer = ctypes.create_string_buffer(1 << 16)
libc.read(fd, buffer, 1 << 16)
if b'PATH=' in buffer.raw or b'DATATHON' in buffer.raw:
    return 'environment of the start'
raise OSError(0, 'nothing but the service own')"""),
    Attack(6, "tcp_loopback", "fd = call('socket', 2, 1, 0); return connect(fd, inet(facts['tcp']))"),
    Attack(7, "udp_loopback", "fd = call('socket', 2, 2, 0); connect(fd, inet(facts['udp'])); return call('write', number(fd), b'x', 1)"),
    Attack(8, "abstract_socket", "fd = call('socket', 1, 1, 0); return connect(fd, unix(b'\\0' + facts['abstract'].encode()))"),
    Attack(9, "path_socket", "fd = call('socket', 1, 1, 0); return connect(fd, unix(facts['path'].encode()))"),
    Attack(10, "fork", """
for _ in range(300):
    pid = libc.fork()
    if pid == 0: libc._exit(0)
    libc.waitpid(pid, None, 0)
    if pid < 0: return done(pid, 'fork')
return 'forked 300 times'"""),
    Attack(11, "daemon", """
pid = libc.fork()
if pid == 0:
    libc.setsid()
    libc.close_range(3, 1 << 20, 0)
    libc.poll(None, 0, 3000)
    libc._exit(0)
return done(pid, 'a daemon, process')"""),
    Attack(12, "exec", """
argv = (ctypes.c_char_p * 2)(b'/usr/bin/id', None)
return call('execve', b'/usr/bin/id', argv, None)"""),
    Attack(13, "memfd", "return call('memfd_create', b'x', 0)"),
    Attack(14, "fill_memory", "return '%d bytes' % len(bytearray(1_288_490_189))", ends=("memory",)),
    Attack(15, "spin", """
import time
end = time.process_time() + 1
while time.process_time() < end: pass
return 'spun for a second'""", ends=("cpu",), cpu_s=0.2),
    Attack(16, "sleep", "import time; time.sleep(1); return 'slept for a second'", ends=("wall",), wall_s=0.2),
    Attack(17, "fill_disk", """
for fd in range(3, 64):
    try:
        call('pwrite', fd, b'x' * 4096, 4096, ctypes.c_long(1 << 30))
        return 'wrote beyond the end of %d' % fd
    except OSError:
        pass
name = facts['folder'].encode() + b'/fill'
fd = number(call('open', name, 0o101, 0o600))
try:
    return call('write', fd, b'x' * 65536, 65536)
finally:
    libc.unlink(name)"""),
    Attack(
        18,
        "fill_shm",
        """
name = b'/dev/shm/' + facts['folder'].encode().rsplit(b'/', 1)[1]
fd = number(call('open', name, 0o101, 0o600))
try:
    return call('write', fd, b'x' * 65536, 65536)
finally:
    libc.unlink(name)""",
    ),
    Attack(
        19,
        "sysv_shared_memory",
        """
made = call('shmget', 0, 4096, 0o1600)
libc.shmctl(number(made), 0, None)
return made""",
    ),
    Attack(20, "endless_output", """
for fd in range(3, 64):
    if alive(fd) and not seekable(fd):
        for _ in range(64): libc.write(fd, b'x' * 65536, 65536)
return 'four megabytes'""", ends=("output",)),
    Attack(21, "signal_parent", "return call('kill', libc.getppid(), 0)"),
    Attack(22, "signal_everybody", "return call('kill', -1, 0)"),
    Attack(23, "ptrace_parent", "return call('ptrace', 0x4206, libc.getppid(), None, None)"),
    Attack(24, "read_parent_memory", """
buffer = ctypes.create_string_buffer(8)
local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
there = (ctypes.c_void_p * 2)(id(None), 8)
return call('process_vm_readv', libc.getppid(), local, ctypes.c_ulong(1), there, ctypes.c_ulong(1), ctypes.c_ulong(0))"""),
    Attack(25, "parent_mem_file", "return call('open', b'/proc/%d/mem' % libc.getppid(), 0)"),
    Attack(26, "become_root", "return call('setresuid', 0, 0, 0)"),
    Attack(27, "new_user_namespace", "return call('unshare', 0x10000000)"),
    Attack(28, "mount", "return call('mount', b'none', facts['folder'].encode(), b'tmpfs', ctypes.c_ulong(0), None)"),
    Attack(29, "allow_core_dumps", "return call('prctl', 4, ctypes.c_ulong(1), 0, 0, 0)"),
    Attack(30, "raise_limits", "limits = (ctypes.c_ulong * 2)(1 << 20, 1 << 20); return call('setrlimit', 7, limits)"),
    Attack(31, "io_uring", "return reach('io_uring_setup', 4, ctypes.create_string_buffer(256))"),
    Attack(32, "bpf", "return reach('bpf', 0, None, 0)"),
    Attack(32, "userfaultfd", "return reach('userfaultfd', 1)"),
    Attack(32, "perf_event", "return reach('perf_event_open', ctypes.create_string_buffer(struct.pack('<IIQ', 1, 64, 0), 128), 0, -1, -1, 0)"),
    Attack(32, "keyctl", "return reach('keyctl', 0, -3, 1)"),
    Attack(33, "open_by_handle", "return reach('open_by_handle_at', 3, ctypes.create_string_buffer(64), 0)"),
    Attack(34, "reopen_descriptor", """
for fd in range(3, 64):
    try:
        call('open', b'/proc/self/fd/%d' % fd, 2)
        return 'opened %d for writing' % fd
    except OSError as error:
        last = error
raise last"""),
    Attack(35, "change_given_files", f"""
last = OSError(0, 'no file was given')
for fd in {_FDS}:
    for what in (lambda: call('fchmod', fd, 0o777), lambda: call('ftruncate', fd, ctypes.c_long(0)),
                 lambda: call('pwrite', fd, b'x', 1, ctypes.c_long(0))):
        try:
            what()
            return 'changed %d' % fd
        except OSError as error:
            last = error
raise last"""),
    Attack(36, "inherited_descriptors", """
pipes = files = 0
for fd in range(1024):
    if fd > 2 and alive(fd):
        if seekable(fd): files += 1
        else: pipes += 1
if files > 6 or pipes > 2:
    return '%d files and %d pipes' % (files, pipes)
raise OSError(0, 'only the job own descriptors')"""),
    Attack(37, "x32_call", "return raw(0x40000000 | facts['numbers']['getpid'])", ends=("filter",)),
    Attack(38, "terminal_input", "return call('ioctl', 0, ctypes.c_ulong(0x5412), b'x')"),
    Attack(39, "raise_priority", "return call('setpriority', 0, 0, -5)"),
    Attack(40, "fake_result", """
import json, os
fake = json.dumps({'values': [[0.0], [0.0], [0.0]]}).encode()
for fd in range(3, 64):
    if not seekable(fd): libc.write(fd, fake, len(fake))
libc._exit(0)""", (PARSE,), ends=("forged",)),
    Attack(41, "find_labels", f"""
secret = bytes.fromhex(facts['label'])
for fd in {_FDS}:
    buffer = ctypes.create_string_buffer(1 << 16)
    size = libc.pread(fd, buffer, 1 << 16, ctypes.c_long(0))
    if size > 0 and secret in buffer.raw[:size]:
        return 'labels at descriptor %d' % fd
raise OSError(0, 'no labels here')""", (PARSE,)),
    Attack(0, "executable_memory", """
libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(None, ctypes.c_size_t(4096), 7, 0x22, -1, ctypes.c_long(0))
if at in (None, ctypes.c_void_p(-1).value): raise OSError(ctypes.get_errno(), 'mmap')
return 'memory that can be written and run'"""),
    Attack(0, "signal_parent_thread", "return raw(facts['tgkill'], libc.getppid(), libc.getppid(), 0)"),
    Attack(0, "pidfd_parent", "return raw(facts['numbers']['pidfd_open'], libc.getppid(), 0)"),
    Attack(0, "clone3", "return raw(facts['numbers']['clone3'], ctypes.create_string_buffer(88), 88)"),
    Attack(0, "late_import", "import sqlite3; return 'imported from disk'"),
)  # fmt: skip

NOT_FOR_PROGRAMS = frozenset({"late_import", "find_labels", "fake_result"})
"""Importing from disk is what a program may do; it has no labels to find, and its predictions are its own to fake."""

_PROLOGUE = """
import ctypes, errno, struct
from scorers import Reject
libc = ctypes.CDLL(None, use_errno=True)
libc.lseek.restype = ctypes.c_long
facts = json_facts
def done(result, name):
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return "%s gave %s" % (name, result)
def call(name, *arguments):
    return done(getattr(libc, name)(*arguments), name)
def raw(number, *arguments):
    libc.syscall.restype = ctypes.c_long
    return done(libc.syscall(ctypes.c_long(number), *arguments), str(number))
def reach(name, *arguments):
    try:
        return raw(facts['numbers'][name], *arguments)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOSYS): raise
        return 'the kernel answered %s: its code is in reach' % errno.errorcode.get(error.errno)
def number(text):
    return int(str(text).rsplit(" ", 1)[1])
def connect(fd, address):
    return call("connect", number(fd), address, len(address))
def inet(port):
    return struct.pack("<H", 2) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)
def unix(path):
    return struct.pack("<H", 1) + path
def seekable(fd):
    return libc.lseek(fd, ctypes.c_long(0), 1) != -1
def alive(fd):
    return seekable(fd) or ctypes.get_errno() != errno.EBADF
def attack():
"""
_EPILOGUE = """
def outcome():
    try:
        return "PASS " + str(attack())
    except (OSError, MemoryError, ValueError, ImportError) as error:
        return "stopped " + type(error).__name__ + " " + str(error)[:120]
def parse(file, ctx):
    raise Reject("format", outcome())
def score(y_true, y_pred, ctx):
    raise RuntimeError(outcome())
def predict(input_dir):
    raise RuntimeError(outcome())
"""


def source(attack: Attack, facts: Mapping[str, Any]) -> bytes:
    """Return the attack as the text of a ``scorer.py``; ``facts`` say where the canaries are."""
    return program(attack.body, facts)


def program(body: str, facts: Mapping[str, Any]) -> bytes:
    """Return ``body`` as the text of a ``scorer.py`` that reports what it achieved."""
    indented = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    known = {"numbers": NUMBERS.get(platform.machine(), NUMBERS["x86_64"]), **facts}
    known["tgkill"] = 131 if platform.machine() == "aarch64" else 234
    return (_PROLOGUE.replace("json_facts", repr(json.loads(json.dumps(known)))) + indented + "\n" + _EPILOGUE).encode()
