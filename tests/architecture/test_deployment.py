"""What an installation is made of: pins that agree, a compose file that says what the security notes promise."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8")))


def test_compose_is_accepted() -> None:
    command = ["docker", "compose"] if _has_compose_plugin() else ["docker-compose"]
    if shutil.which(command[0]) is None:
        pytest.skip("compose.yaml: neither docker compose nor docker-compose is installed")
    done = subprocess.run(
        [*command, "-f", "compose.yaml", "config", "-q"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def _has_compose_plugin() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


def test_scorer_service_is_sealed(compose: dict[str, Any]) -> None:
    scorer = compose["services"]["scorer"]
    assert scorer["network_mode"] == "none"
    assert scorer["read_only"] is True
    assert scorer["cap_drop"] == ["ALL"]
    assert scorer["security_opt"] == ["no-new-privileges:true"]
    assert scorer["volumes"] == ["scorer-socket:/run/scorer"], "the socket's folder and nothing else"
    assert "secrets" not in scorer
    assert scorer["environment"] == {"DATATHON_STRICT_NETWORK": "1"}, "no secret, and no start beside a network"
    assert scorer["mem_limit"] == scorer["memswap_limit"]
    assert not scorer["user"].startswith("0")


def test_only_web_is_reachable_from_outside(compose: dict[str, Any]) -> None:
    published = [name for name, service in compose["services"].items() if "ports" in service]
    assert published == ["web"]
    assert compose["networks"]["inside"]["internal"] is True


def test_no_service_holds_a_secret_or_the_engine(compose: dict[str, Any]) -> None:
    text = (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")
    assert "docker.sock" not in text
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            if re.search("PASSWORD|SECRET|DATABASE_URL|REDIS_URL", name):
                assert name.endswith("_FILE"), name
                assert str(value).startswith("/run/secrets/")


def test_pins_agree() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    pins = {pin.split(" ;")[0].strip() for pin in project["tool"]["uv"]["constraint-dependencies"]}
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9._-]+==[^ \\]+)", lock, flags=re.MULTILINE))
    assert locked
    assert locked <= pins
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_client_layout_stands() -> None:
    for name in ("datathon", "challenges", "scorers", "tests", "worker.py", "wsgi.py", "compose.yaml", "README.md"):
        assert (REPOSITORY / name).exists(), name
