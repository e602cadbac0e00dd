"""Public files on their way to a program: one sealed memory file, names first, then the contents one after another."""

import json
import os
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

from datathon.scoring.sandbox import memory

_CHUNK_BYTES = 1 << 20
_SIZE = struct.Struct("<Q")


def pack(files: Sequence[Path]) -> int:
    """Return a descriptor of a sealed memory file with the names and contents of ``files``; raises OSError."""
    packed = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        sizes = [path.stat().st_size for path in files]
        head = json.dumps([[path.name, size] for path, size in zip(files, sizes, strict=True)]).encode()
        memory.write(packed, _SIZE.pack(len(head)) + head)
        for path, size in zip(files, sizes, strict=True):
            _copy(path, size, packed)
        memory.seal(packed)
    except BaseException:
        os.close(packed)
        raise
    return packed


def _copy(path: Path, size: int, packed: int) -> None:
    with path.open("rb") as file:
        left = size
        while chunk := file.read(min(_CHUNK_BYTES, left)):
            memory.write(packed, chunk)
            left -= len(chunk)
    if left:
        raise OSError(f"{path.name} became shorter while it was read")


def pack_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the same of contents at hand."""
    head = json.dumps([[name, len(content)] for name, content in files.items()]).encode()
    return b"".join((_SIZE.pack(len(head)), head, *files.values()))


def unpack(packed: int, folder: str) -> None:
    """Write the files in ``packed`` into ``folder``; raises OSError, ValueError for names that are not plain."""
    (size,) = _SIZE.unpack(os.pread(packed, _SIZE.size, 0))
    listed = json.loads(os.pread(packed, size, _SIZE.size))
    at = _SIZE.size + size
    for name, length in listed:
        if not name or "/" in name or "\0" in name or name in {".", ".."}:
            raise ValueError(f"not the name of an input: {name!r}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        target = os.open(os.path.join(folder, name), flags, 0o444)  # noqa: PTH118 - plain strings in the child
        try:
            end = at + length
            while at < end:
                chunk = os.pread(packed, min(_CHUNK_BYTES, end - at), at)
                if not chunk:
                    raise ValueError("the inputs are cut short")
                memory.write(target, chunk)
                at += len(chunk)
        finally:
            os.close(target)
