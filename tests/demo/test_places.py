import os
import socket
import stat

import pytest

from datathon.demo.places import CannotStart, alone, check_port, kept_secret, prepare


def test_prepare_makes_folders_that_only_this_user_reads(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    places = prepare(tmp_path / ("deep" * 20) / "data")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (places.data, places.run)] == [0o700, 0o700]
    assert len(str(places.redis_socket).encode()) < 100
    places.run.rmdir()


def test_prepare_gives_one_data_folder_one_run_folder(tmp_path):
    first, again, other = prepare(tmp_path / "a"), prepare(tmp_path / "a" / ".." / "a"), prepare(tmp_path / "b")
    assert first.run == again.run != other.run
    first.run.rmdir()
    other.run.rmdir()


def test_alone_refuses_a_second_demonstration_on_the_same_folder(tmp_path):
    places = prepare(tmp_path)
    with (
        alone(places),
        pytest.raises(CannotStart, match=rf"already runs on .* \(process {os.getpid()}\)"),
        alone(places),
    ):
        pass
    with alone(places):
        pass
    places.run.rmdir()


def test_secret_is_made_once_and_kept_private(tmp_path):
    path = tmp_path / "secret-key"
    secret = kept_secret(path)
    assert kept_secret(path) == secret
    assert len(secret) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_busy_port_is_said_before_anything_starts():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            check_port("127.0.0.1", port)
