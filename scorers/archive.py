"""A submitted zip, read member by member with caps. Nothing is written to disk and no name in it is ever a path."""

import io
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from scorers.sniffing import shown

MOST_MEMBERS = 500
MOST_BYTES = 200_000_000
"""Most bytes the members may have together, unpacked."""
MOST_RATIO = 100
"""Most times a member may grow when it is unpacked, from a megabyte on."""

_SMALL_BYTES = 1_000_000
_DEPTH = 12
_NAME_CHARACTERS = 200
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Unsafe(Exception):  # noqa: N818 - says what the archive is
    """The archive holds what is not taken: a link, a name that leaves it, too much. The text names the member."""


class Unreadable(Exception):  # noqa: N818 - says what the archive is
    """The archive cannot be read: damaged, encrypted, or packed by a method other than deflate."""


def members(raw: bytes) -> dict[str, bytes]:
    """Return the archive's files by name, folders left out; raises Unsafe or Unreadable. Archives inside stay bytes.

    Every declared size is checked before a byte is unpacked, and unpacking stops at the declared size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            listed = archive.infolist()
            _check_all(listed)
            return {info.filename: _content(archive, info) for info in listed if not info.is_dir()}
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(str(error) or type(error).__name__) from error
    except RuntimeError as error:  # what zipfile raises for a password, should the flag have lied
        raise Unreadable(str(error)) from error


def _check_all(listed: list[zipfile.ZipInfo]) -> None:
    if len(listed) > MOST_MEMBERS:
        raise Unsafe(f"{len(listed)} members")
    seen: set[str] = set()
    total = 0
    for info in listed:
        name = shown(info.orig_filename)
        if not _plain(info):
            raise Unsafe(name)
        if info.filename in seen:
            raise Unsafe(f"{name} ×2")
        if info.flag_bits & _ENCRYPTED:
            raise Unreadable(f"{name}: encrypted")
        if info.compress_type not in _METHODS:
            raise Unreadable(f"{name}: method {info.compress_type}")
        if info.file_size > max(_SMALL_BYTES, MOST_RATIO * info.compress_size):
            raise Unsafe(f"{name}: {info.compress_size} → {info.file_size} bytes")
        total += info.file_size
        seen.add(info.filename)
    if total > MOST_BYTES:
        raise Unsafe(f"{total} bytes")


def _plain(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a file or a folder with a name that stays inside."""
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or not name.isprintable() or "\\" in name or ":" in name:
        return False
    parts = PurePosixPath(name).parts
    return (
        0 < len(parts) <= _DEPTH
        and len(name) <= _NAME_CHARACTERS
        and not name.startswith("/")
        and ".." not in name.split("/")
        and not info.filename.startswith("/")
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        found = member.read(info.file_size + 1)
    if len(found) != info.file_size:
        raise Unreadable(f"{shown(info.filename)}: {len(found)} bytes instead of {info.file_size}")
    return found
