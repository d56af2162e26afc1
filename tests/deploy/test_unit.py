"""Would systemd take the unit, and how much may a service that it starts still do?"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.deploy.reading import DEPLOY

UNIT = DEPLOY / "systemd/leitstand.service"
TEXT = UNIT.read_text(encoding="utf-8")
MOST_EXPOSED = 15
"""Tenths of systemd's exposure level, from 0 (locked up) to 100."""

HARDENED = {
    **dict.fromkeys(("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "PrivateUsers"), "yes"),
    **dict.fromkeys(("ProtectHome", "ProtectKernelModules", "ProtectKernelTunables", "ProtectKernelLogs"), "yes"),
    **dict.fromkeys(("ProtectControlGroups", "ProtectClock", "ProtectHostname", "RestrictSUIDSGID"), "yes"),
    **dict.fromkeys(("LockPersonality", "MemoryDenyWriteExecute", "RestrictNamespaces", "RestrictRealtime"), "yes"),
    "ProtectSystem": "strict",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "UMask": "0077",
    "SystemCallArchitectures": "native",
}


def directives() -> dict[str, dict[str, list[str]]]:
    """Section, name, values: a name may come several times."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in TEXT.splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals and re.fullmatch(r"[A-Za-z]+", name), line
            found.setdefault(section, {}).setdefault(name, []).append(value)
    return found


def test_the_service_is_locked_up() -> None:
    service = directives()["Service"]
    assert {name: service[name][-1] for name in HARDENED} == HARDENED
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged @resources", "mbind fchown"]
    assert set(directives()) == {"Unit", "Service", "Install"}


def test_data_and_cache_lie_where_the_service_may_write() -> None:
    service = directives()["Service"]
    environment = dict(pair.split("=", 1) for line in service["Environment"] for pair in line.split())
    assert environment["LEITSTAND_DATA"] == f"/var/lib/{service['StateDirectory'][0]}"
    assert environment["LEITSTAND_CACHE"] == f"/var/cache/{service['CacheDirectory'][0]}"
    assert int(service["TimeoutStopSec"][0]) > int(environment["LEITSTAND_DRAIN_SECONDS"]) + 10


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit with the program of this environment, as systemd looks for it."""
    program = Path(sys.executable).with_name("leitstand")
    assert "ExecStart=/opt/leitstand/bin/leitstand serve\n" in TEXT
    unit = tmp_path / UNIT.name
    unit.write_text(TEXT.replace("/opt/leitstand/bin/leitstand", str(program)), encoding="utf-8")
    return unit


def test_systemd_itself_is_content_where_it_is_installed(installed: Path) -> None:
    """Without systemd the tests above hold the unit to what it must say."""
    analyze = shutil.which("systemd-analyze")
    if analyze:
        verified = subprocess.run(
            [analyze, "verify", str(installed)], capture_output=True, text=True, timeout=60, check=False
        )
        assert (verified.returncode, verified.stderr.strip()) == (0, "")
        command = [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(installed)]
        rated = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert rated.returncode == 0, rated.stdout[-3000:] + rated.stderr
    assert installed.read_text(encoding="utf-8").count("ExecStart=") == 1
