"""One generation of a scorer process: load the libraries, become nobody, try the seal, serve until told to retire."""

import argparse
import gc
import os
import socket
import sys

from datathon.scoring.sandbox import carried, lock, place, recycle, scratch, serving
from datathon.scoring.sandbox.lock import Refused

SERVICE_UID = 10001


def run(options: argparse.Namespace, *, age_s: float) -> int:
    """Serve on the descriptors in ``options`` until retired; raises Refused where scoring would not be safe."""
    keeper = os.getppid()
    owner = os.getuid()
    listener = socket.socket(fileno=options.listener)
    control = socket.socket(fileno=options.control)
    for handed in (listener, control):
        handed.set_inheritable(False)
    serving.warm(full=options.libraries == "full")
    about = {"environment": serving.environment(), "digests": serving.shipped_digests()}
    if options.libraries == "full":
        carried.carry(lambda: _become_nobody(allow_root=options.allow_root))
    _become_nobody(allow_root=options.allow_root)
    os.environ.clear()
    lock.hide()
    lock.no_new_privileges()
    lock.die_with_parent(keeper)  # after the change of uid, which would cancel it
    devices = place.network_devices()
    if devices and options.strict_network:
        raise Refused(f"a network is visible ({', '.join(devices)}) and DATATHON_STRICT_NETWORK is set")
    if options.libraries == "full":
        scratch.sweep()
    layers = serving.layers()
    level = serving.level(layers)
    gc.collect()
    gc.freeze()
    print(f"scorer: {options.libraries} ready at {options.socket}, level {level}", file=sys.stderr, flush=True)  # noqa: T201 - the service's log
    control.send(recycle.READY + level.encode())
    peers = {0, owner} if options.mode == "600" else None
    life = serving.Life(control, children=options.recycle, age_s=age_s)
    serving.serve(listener, layers=layers, jobs=options.jobs, peers=peers, life=life, about={**about, "level": level})
    return 0


def _become_nobody(*, allow_root: bool) -> None:
    """Leave uid 0 for good; raises Refused when that is impossible and nobody said to stay."""
    if os.geteuid() != 0 or allow_root:
        return
    try:
        os.setgroups([])
        os.setresgid(SERVICE_UID, SERVICE_UID, SERVICE_UID)
        os.setresuid(SERVICE_UID, SERVICE_UID, SERVICE_UID)
    except OSError as error:
        raise Refused(f"started as root and cannot become uid {SERVICE_UID}: {error.strerror}") from error
