import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from datathon.demo.redis_choice import NoRedis, clear_socket, masked, resolve_redis


@pytest.fixture
def run():
    # Sockets need a short path; pytest's own folders may be too deep.
    folder = Path(mkdtemp(prefix="dt-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start(run, tmp_path):
    started = []

    def begin():
        choice = resolve_redis("", data_dir=tmp_path / "valkey", socket_path=run / "v.sock")
        process = subprocess.Popen(choice.command, stdout=subprocess.DEVNULL, env={})
        started.append(process)
        client = Redis.from_url(choice.url, retry=Retry(ConstantBackoff(0.05), 400))
        client.ping()
        return process, client

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_bundled_server_keeps_what_it_was_told_when_killed(start):
    process, client = start()
    client.set("kept", "1")
    client.close()
    time.sleep(1.5)  # its file is synced every second: that is the promise
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, again = start()
    assert again.get("kept") == b"1"
    again.close()


def test_bundled_server_never_evicts_and_listens_on_no_port(start):
    _, client = start()
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}
    client.close()


def test_socket_of_a_server_left_behind_is_cleared(start, run):
    process, client = start()
    client.close()
    clear_socket(run / "v.sock")
    assert process.wait(timeout=20) == 0
    assert not (run / "v.sock").exists()


def test_socket_that_nobody_listens_on_is_cleared(start, run):
    process, client = start()
    client.close()
    process.kill()
    process.wait()
    clear_socket(run / "v.sock")
    assert not (run / "v.sock").exists()


def test_named_redis_that_does_not_answer_is_refused_without_its_password(run, tmp_path):
    with pytest.raises(NoRedis) as refused:
        resolve_redis("redis://user:hidden@127.0.0.1:1/0", data_dir=tmp_path, socket_path=run / "v.sock")
    assert str(refused.value) == "Redis at redis://user:***@127.0.0.1:1/0 does not answer: ConnectionError"


def test_password_is_masked_in_every_form_of_url():
    assert masked("redis://:hidden@host:6379/0") == "redis://:***@host:6379/0"
    assert masked("unix:///run/valkey.sock?db=0") == "unix:///run/valkey.sock?db=0"
