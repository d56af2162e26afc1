"""Is the Compose file one that Compose would take, and is every service locked up and reachable as meant?"""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from tests.deploy.reading import DEPLOY, Manifest, manifests, own, pods, read_yaml

FOLDER = DEPLOY / "compose"
TEXT = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = read_yaml(TEXT)
SERVICES: dict[str, Manifest] = COMPOSE["services"]
LEITSTAND = [name for name, each in SERVICES.items() if each["image"].startswith("leitstand:")]
PROXIES = [name for name, each in SERVICES.items() if each["image"].startswith("nginx:")]

KNOWN = {
    "top": {"name", "services", "networks", "volumes", "secrets"},
    "service": {
        *("build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "mem_limit"),
        *("network_mode", "networks", "pids_limit", "ports", "read_only", "restart", "secrets", "security_opt"),
        *("shm_size", "stop_grace_period", "stop_signal", "tmpfs", "user", "volumes"),
    },
    "build": {"context", "dockerfile"},
    "healthcheck": {"test", "interval", "timeout", "retries", "start_period", "disable"},
    "dependency": {"condition"},
}
"""The keys of the Compose Specification that we use; anything else is a slip of the pen."""


def test_no_key_is_unknown() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} <= KNOWN["top"]
    for service in SERVICES.values():
        assert set(service) <= KNOWN["service"]
        assert set(service.get("build", {})) <= KNOWN["build"]
        assert set(service.get("healthcheck", {})) <= KNOWN["healthcheck"]
        if isinstance(service.get("depends_on"), dict):
            assert all(set(each) <= KNOWN["dependency"] for each in service["depends_on"].values())


def test_what_is_referred_to_is_there() -> None:
    networks, volumes, secrets = (set(COMPOSE[kind]) for kind in ("networks", "volumes", "secrets"))
    for service in SERVICES.values():
        assert set(service.get("networks", [])) <= networks
        assert set(service.get("secrets", [])) <= secrets
        assert set(service.get("depends_on", [])) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or source.startswith("./secrets") or (FOLDER / source).exists()
        if "build" in service:
            context = (FOLDER / service["build"]["context"]).resolve()
            assert (context / service["build"]["dockerfile"]).is_file()
    assert re.fullmatch(r"service:leitstand-[12]", SERVICES["proxy-1"]["network_mode"])


@pytest.mark.parametrize("name", [*LEITSTAND, *PROXIES])
def test_a_service_has_no_rights_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert "privileged" not in service
    assert service.get("user", "10001:10001") == "10001:10001"


def test_the_only_open_port_is_the_balancers_and_on_loopback() -> None:
    assert {name: each["ports"] for name, each in SERVICES.items() if "ports" in each} == {
        "balancer": ["127.0.0.1:8443:8443"]
    }
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == ["inner"]
    balancer = (FOLDER / "balancer.conf").read_text(encoding="utf-8")
    behind = set(re.findall(r"server ([\w-]+):8443", balancer))
    assert behind == {SERVICES[name]["network_mode"].removeprefix("service:") for name in PROXIES if name != "balancer"}
    assert behind == {name for name in LEITSTAND if "command" not in SERVICES[name]}


def test_leitstand_starts_after_the_migration_and_has_time_to_stop() -> None:
    for name in ("leitstand-1", "leitstand-2"):
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
        assert seconds > int(SERVICES[name]["environment"]["LEITSTAND_DRAIN_SECONDS"]) + 10
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["command"] == own(pods()["migrate"])["args"]
    drain = manifests()["settings"]["data"]["LEITSTAND_DRAIN_SECONDS"]
    assert SERVICES["leitstand-1"]["environment"]["LEITSTAND_DRAIN_SECONDS"] == drain


def test_the_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "secrets.sh", tmp_path)
    first = subprocess.run([tmp_path / "secrets.sh"], capture_output=True, text=True, check=True, timeout=60)
    assert "operator signs in with" in first.stdout
    made = {str(path.relative_to(tmp_path / "secrets")): path for path in (tmp_path / "secrets").rglob("*")}
    mentioned = set(re.findall(r"\./secrets/(\S+?)(?=[:\s\"]|$)", TEXT))
    assert mentioned <= set(made)
    for name, path in made.items():
        assert not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO), name
    assert len(made["keys/default.key"].read_bytes()) == 32
    password = made["postgres_password"].read_text(encoding="utf-8")
    assert made["pgpass"].read_text(encoding="utf-8") == f"postgres:5432:leitstand:leitstand:{password}\n"
    again = subprocess.run([tmp_path / "secrets.sh"], capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 6
    assert made["postgres_password"].read_text(encoding="utf-8") == password
    ignored = subprocess.run(["git", "check-ignore", "-q", str(FOLDER / "secrets/pgpass")], cwd=FOLDER, check=False)
    assert ignored.returncode == 0, "secrets could be committed"


def test_compose_itself_takes_the_file_where_it_is_installed() -> None:
    """Without Compose the tests above stand for it: they resolve the same references."""
    docker = shutil.which("docker")
    resolved = SERVICES
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        command = [docker, "compose", "-f", str(FOLDER / "compose.yaml"), "config"]
        checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert checked.returncode == 0, checked.stderr
        resolved = read_yaml(checked.stdout)["services"]
    assert set(resolved) == {*LEITSTAND, *PROXIES, "postgres"}
