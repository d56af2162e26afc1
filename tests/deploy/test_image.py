"""Does the Dockerfile do what it says? Its steps are run here, one by one; the engine that would wrap them is not."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from fnmatch import fnmatch
from pathlib import Path

import pytest
from tests.deploy.dockerfile import Instruction, instructions, stages, variables
from tests.deploy.reading import DEPLOY, ROOT

from leitstand.testing.ports import free_port

TEXT = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
BUILD, FINAL = stages(TEXT)
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink|symlink|link\(|bind\(.*sun_path")


def copied(stage: list[Instruction]) -> list[str]:
    """What COPY takes from the build context."""
    return [
        name for each in stage if each.word == "COPY" and "--from" not in each.text for name in each.text.split()[:-1]
    ]


def test_the_image_runs_as_nobody_in_particular() -> None:
    words = [each.word for each in FINAL]
    assert words.count("USER") == 1
    user = next(each.text for each in FINAL if each.word == "USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", user), "a number, so that Kubernetes can see that it is not root"
    assert words.index("USER") > words.index("RUN")
    assert not [each for each in instructions(TEXT) if each.word == "ADD"]
    assert json.loads(FINAL[-2].text) == ["leitstand"]
    assert json.loads(FINAL[-1].text) == ["serve"]


def test_the_same_interpreter_builds_and_runs_and_everything_has_a_hash() -> None:
    assert [stage[0].text for stage in (BUILD, FINAL)] == ["${PYTHON} AS build", "${PYTHON}"]
    installs = [each for run in BUILD if run.word == "RUN" for each in run.text.split(" && ") if "pip install" in each]
    assert len(installs) == 3
    assert all(
        "--require-hashes" in each or "--no-index dist" in each.replace("--no-compile ", "") for each in installs
    )
    assert "://" not in TEXT.replace("http://127.0.0.1", "")


def test_only_what_the_image_is_made_from_reaches_the_build() -> None:
    rules = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert let_in == set(copied(BUILD))
    assert all((ROOT / name).exists() for name in let_in)
    assert not [name for name in let_in if fnmatch(name, "*data*") or fnmatch(name, "*key*")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the build stage leaves, its steps run with other paths; pip fetches the packages."""
    top = tmp_path_factory.mktemp("image")
    here, commands = top / "build", top / "bin"
    here.mkdir()
    commands.mkdir()
    python = commands / "python"
    python.write_text(f'#!/bin/sh\nexec {Path(sys.base_prefix) / "bin/python3"} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    environment = {**os.environ, "PATH": f"{commands}:/usr/bin:/bin", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for step in BUILD:
        if step.word == "COPY":
            for name in step.text.split()[:-1]:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, here / name, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy2(ROOT / name, here / name)
        if step.word == "RUN":
            text = step.text.replace("/opt/leitstand", f"{top}/opt")
            ran = subprocess.run(
                ["sh", "-ec", text], cwd=here, env=environment, capture_output=True, text=True, timeout=280, check=False
            )
            assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return top / "opt"


def settings(built: Path, folder: Path) -> dict[str, str]:
    """The environment of a container, its places below ``folder``."""
    found = variables(FINAL)
    found["PATH"] = found["PATH"].replace("/opt/leitstand", str(built))
    for name in ("LEITSTAND_DATA", "LEITSTAND_CACHE"):
        found[name] = f"{folder}{found[name]}"
    return {
        **found,
        "HOME": f"{folder}/var/lib/leitstand",
        "TMPDIR": f"{folder}/tmp",
        "LEITSTAND_PORT": str(free_port()),
    }


def test_the_image_holds_leitstand_its_driver_and_nothing_that_installs(built: Path, tmp_path: Path) -> None:
    environment = settings(built, tmp_path)
    said = subprocess.run(
        ["leitstand", "--version"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("leitstand, version")
    found = "import importlib.util as u, sys; sys.exit(not (u.find_spec('asyncpg') and not u.find_spec('pip')))"
    subprocess.run([built / "bin/python", "-c", found], check=True)
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    pinned = re.search(r"^asyncpg==(\S+)", lock, re.MULTILINE)
    assert pinned
    assert list(built.glob(f"lib/python*/site-packages/asyncpg-{pinned[1]}.dist-info"))
    assert list(built.glob("lib/python*/site-packages/leitstand/cli/__pycache__/serve.*.pyc")), "no byte code"


def test_a_container_writes_only_where_something_is_mounted(built: Path, tmp_path: Path) -> None:
    environment = settings(built, tmp_path)
    for place in ("var/lib/leitstand", "tmp"):
        (tmp_path / place).mkdir(parents=True)
    workflow = subprocess.run(["leitstand", "init", "mine"], cwd=tmp_path / "tmp", env=environment, check=False)
    assert workflow.returncode == 0
    trace = tmp_path / "trace"
    calls = "trace=open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,symlink,linkat,bind"
    command = ["strace", "-f", "-z", "-s", "300", "-e", calls, "-o", str(trace), "leitstand", "serve", "mine"]
    with subprocess.Popen(
        command, cwd=tmp_path / "tmp", env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stderr
        while "serves" not in (line := server.stderr.readline()):
            assert line, "the server did not start"
        body = json.dumps({"input": {"question": "When do you open?"}}).encode()
        address = f"http://127.0.0.1:{environment['LEITSTAND_PORT']}/v1/workflows/mine/cases?wait=20"
        urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/json"})).close()
        os.killpg(server.pid, signal.SIGTERM)
        server.communicate(timeout=60)
    written = [line for line in trace.read_text(encoding="utf-8").splitlines() if WRITES.search(line)]
    paths = [path for line in written for path in re.findall(r'"(/[^"]*)"', line)]
    assert any(path.endswith("leitstand.db") for path in paths), "the trace shows nothing"
    mounted = (f"{tmp_path}/var/lib/leitstand", f"{tmp_path}/tmp", "/dev/", "/proc/")
    assert not [path for path in paths if not path.startswith(mounted)]
