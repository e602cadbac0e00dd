import errno
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from datathon.kernel.errors import NotFound, TooLarge, Unavailable
from datathon.store.files import FileStore


def test_put_keeps_bytes_under_their_digest(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    stored = store.put(BytesIO(b"abc"), limit_bytes=3)
    assert stored.digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert stored.size == 3
    with store.open(stored.digest) as kept:
        assert kept.read() == b"abc"
    assert b"".join(store.chunks(stored.digest)) == b"abc"


def test_put_same_bytes_twice_is_one_file(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    first = store.put(BytesIO(b"abc"), limit_bytes=10)
    assert store.put(BytesIO(b"abc"), limit_bytes=10) == first
    assert [p for p in store.root.rglob("*") if p.is_file()] == [store.path(first.digest)]


def test_put_above_the_limit_leaves_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    with pytest.raises(TooLarge) as refused:
        store.put(BytesIO(b"x" * 4_000_000), limit_bytes=3_999_999)
    assert refused.value.params == {"limit": 3_999_999}
    assert [p for p in store.root.rglob("*") if p.is_file()] == []


def test_put_on_a_full_disk_is_refused_before_anything(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files", min_free_bytes=1 << 60)
    with pytest.raises(Unavailable):
        store.put(BytesIO(b"abc"), limit_bytes=10)
    assert [p for p in store.root.rglob("*") if p.is_file()] == []


def test_put_while_the_disk_fills_up_leaves_nothing(tmp_path: Path) -> None:
    class Full(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            raise OSError(errno.ENOSPC, "No space left on device")

    store = FileStore(tmp_path / "files")
    with pytest.raises(Unavailable):
        store.put(Full(b"abc"), limit_bytes=10)
    assert [p for p in store.root.rglob("*") if p.is_file()] == []


def test_take_back_removes_only_what_this_putting_made(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    first = store.put(BytesIO(b"abc"), limit_bytes=10)
    again = store.put(BytesIO(b"abc"), limit_bytes=10)
    assert [store.take_back(again), store.take_back(first)] == [False, False]  # wanted by the other of the two
    assert b"".join(store.chunks(first.digest)) == b"abc"
    alone = store.put(BytesIO(b"def"), limit_bytes=10)
    assert [store.take_back(alone), store.take_back(alone)] == [True, False]
    assert [p for p in store.root.rglob("*") if p.is_file()] == [store.path(first.digest)]


def test_take_back_never_robs_who_hands_in_the_same_bytes_at_the_same_time(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")

    def visit(number: int) -> None:
        stored = store.put(BytesIO(b"abc"), limit_bytes=10)
        if number % 2:
            store.take_back(stored)

    for _ in range(20):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(visit, range(6)))
        store.put_back()
        assert [p.read_bytes() for p in store.root.rglob("*") if p.is_file()] == [b"abc"]
        next(p for p in store.root.rglob("*") if p.is_file()).unlink()


def test_a_missing_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        FileStore(tmp_path).chunks("0" * 64)
