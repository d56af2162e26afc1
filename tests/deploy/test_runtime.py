"""Do the files of deploy/ name what Leitstand has: its settings, its commands, its addresses?"""

import contextlib
import dataclasses
import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.deploy.dockerfile import stages, variables
from tests.deploy.reading import DEPLOY, Manifest, manifests, own, pods, read_yaml
from tests.deploy.servers import environment, leitstand

from leitstand.cli import commands
from leitstand.settings import PREFIX, Settings, read_settings
from leitstand.testing.ports import free_port

SETTINGS = {PREFIX + field.name.upper() for field in dataclasses.fields(Settings)}
COMPOSE: dict[str, Manifest] = read_yaml((DEPLOY / "compose/compose.yaml").read_text(encoding="utf-8"))["services"]
UNIT = (DEPLOY / "systemd/leitstand.service").read_text(encoding="utf-8")
IMAGE = variables(stages((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))[-1])


def ours(given: dict[str, str]) -> dict[str, str]:
    """What begins with our prefix."""
    return {name: value for name, value in given.items() if name.startswith(PREFIX)}


def environments() -> dict[str, dict[str, str]]:
    """What each way of deployment sets, the image's own settings below those of Compose and Kubernetes."""
    lines = re.findall(r"^Environment=(.*)$", UNIT, re.MULTILINE)
    unit = dict(pair.split("=", 1) for line in lines for pair in line.split())
    url = {"LEITSTAND_DATABASE_URL": "postgresql://leitstand:secret@db:5432/leitstand"}
    found = {"image": ours(IMAGE), "unit": ours(unit)}
    found["kubernetes"] = ours(IMAGE) | manifests()["settings"]["data"] | url
    found |= {name: ours(IMAGE) | ours(each["environment"]) for name, each in COMPOSE.items() if "build" in each}
    return found


@pytest.mark.parametrize("place", environments())
def test_every_setting_exists_and_has_a_value_that_can_be_used(place: str) -> None:
    given = environments()[place]
    assert set(given) <= SETTINGS
    settings = read_settings(given)
    assert all(str(getattr(settings, name.removeprefix(PREFIX).lower())) == value for name, value in given.items())


def test_no_file_names_a_setting_that_is_not_there() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DEPLOY.rglob("*")) if path.is_file())
    named = set(re.findall(r"\bLEITSTAND_[A-Z_]*[A-Z]\b", texts)) - {"LEITSTAND_NAME"}
    assert named <= SETTINGS


def test_the_variables_of_a_service_link_would_keep_it_from_starting() -> None:
    """Why ``enableServiceLinks`` is off: a Service called leitstand sets these in every pod of its namespace."""
    link = {"LEITSTAND_SERVICE_HOST": "10.0.0.1", "LEITSTAND_PORT": "tcp://10.0.0.1:443"}
    command = [sys.executable, "-m", "leitstand.cli", "doctor"]
    ran = subprocess.run(command, env=environment(**link), capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 3
    assert "LEITSTAND_SERVICE_HOST" in ran.stderr


def named_commands() -> Iterator[tuple[str, list[str]]]:
    """Each place with the command that it gives to ``leitstand``."""
    for name, pod in pods().items():
        yield name, own(pod)["args"]
    for name, service in COMPOSE.items():
        if "build" in service and "command" in service:
            yield name, service["command"]
    program = re.search(r"^ExecStart=\S+/leitstand (.*)$", UNIT, re.MULTILINE)
    assert program
    yield "unit", program[1].split()


@pytest.mark.parametrize(("place", "arguments"), [pytest.param(*each, id=each[0]) for each in named_commands()])
def test_every_command_exists(place: str, arguments: list[str]) -> None:
    command: click.Command | None = commands
    for word in arguments:
        assert isinstance(command, click.Group), f"{place}: {word} is below nothing"
        command = command.get_command(click.Context(command), word)
        assert command, f"{place}: there is no {word}"
    assert not isinstance(command, click.Group), f"{place} names a group"
    with command.make_context("leitstand", []):
        pass  # complete as it stands: nothing is missing


def asked_addresses() -> set[str]:
    """The addresses that probes of pods and of Compose ask for."""
    pod = {
        own(each)[kind]["httpGet"]["path"]
        for each in pods().values()
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        if kind in own(each)
    }
    compose = re.findall(r"http://127\.0\.0\.1:8421(/[\w/]+)", str(COMPOSE))
    assert pod and compose
    return pod | set(compose)


def test_probes_are_answered_by_name_of_the_pod_and_nothing_else_is(tmp_path: Path) -> None:
    port, probes = free_port(), free_port()
    given = {"LEITSTAND_PROBES_HOST": "0.0.0.0", "LEITSTAND_PROBES_PORT": str(probes)}
    with leitstand(tmp_path, "--port", str(port), **given):

        def status(path: str) -> int:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", probes, timeout=10)) as connection:
                connection.request("GET", path, headers={"Host": "10.1.2.3:8421"})
                return connection.getresponse().status

        assert {path: status(path) for path in asked_addresses()} == dict.fromkeys(asked_addresses(), 200)
        assert {status(path) for path in ("/", "/v1/cases", "/openapi.json", "/sign-in")} == {404}
