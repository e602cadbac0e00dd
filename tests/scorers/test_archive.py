"""A submitted zip: plain members are read, everything that reaches out of it or grows too large is refused."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorers import archive
from scorers.archive import Unreadable, Unsafe, members

MAIN = b"def predict(input_dir):\n    return {}\n"


def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return made.getvalue()


def test_plain_members_are_read() -> None:
    files = {"main.py": MAIN, "model/weights.json": b"{}", "model/empty": b""}
    assert members(packed({"model/": b"", **files})) == files


def test_archive_inside_stays_bytes() -> None:
    inner = packed({"../evil": b"x"})
    assert members(packed({"main.py": MAIN, "inner.zip": inner}))["inner.zip"] == inner


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x.py", "a/../../x.py", "a\\b.py", "C:x.py", "a\nb.py", "a/" * 13 + "x.py", "x" * 201, "//x"],
)
def test_name_that_leaves_the_archive_is_unsafe(name: str) -> None:
    with pytest.raises(Unsafe):
        members(packed({"main.py": MAIN, name: b"x"}))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_link_or_device_is_unsafe(kind: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("main.py", MAIN)
        info = zipfile.ZipInfo("link.py")
        info.create_system = 3
        info.external_attr = (kind | 0o777) << 16
        target.writestr(info, "/etc/passwd")
    with pytest.raises(Unsafe):
        members(made.getvalue())


def test_member_that_stands_twice_is_unsafe() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = _twice()
    with pytest.raises(Unsafe):
        members(raw)


def _twice() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        target.writestr("main.py", MAIN)
        target.writestr("main.py", b"other")
    return made.getvalue()


def test_member_that_grows_too_much_is_unsafe() -> None:
    with pytest.raises(Unsafe):
        members(packed({"main.py": MAIN, "zeros": bytes(5_000_000)}))


def test_too_many_members_are_unsafe() -> None:
    with pytest.raises(Unsafe):
        members(packed({f"f{i}": b"" for i in range(archive.MOST_MEMBERS + 1)}))


def test_too_much_in_all_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1000)
    with pytest.raises(Unsafe):
        members(packed({"a": b"x" * 600, "b": b"y" * 600}))


def test_size_declared_smaller_than_it_is_stops_there() -> None:
    raw = packed({"main.py": MAIN, "big": b"x" * 100_000})
    told = struct.pack("<I", 100_000)
    assert raw.count(told) == 2
    with pytest.raises(Unreadable):
        members(raw.replace(told, struct.pack("<I", 10)))


def test_encrypted_member_is_unreadable() -> None:
    raw = bytearray(packed({"main.py": MAIN}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    with pytest.raises(Unreadable, match="encrypted"):
        members(bytes(raw))


def test_other_compression_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="method"):
        members(packed({"main.py": MAIN}, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("cut", [5, 30, 60, 100])
def test_cut_archive_is_unreadable(cut: int) -> None:
    with pytest.raises(Unreadable):
        members(packed({"main.py": MAIN})[:cut])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_archive_ends_in_a_known_way(data: st.DataObject) -> None:
    raw = bytearray(packed({"main.py": MAIN, "a/b.txt": b"text" * 50}))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = members(bytes(raw))
    except (Unsafe, Unreadable):
        return
    assert all(".." not in name.split("/") and not name.startswith("/") for name in found)
