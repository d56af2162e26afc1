"""Does the demo take a real model when it is given one, and go on quoting when that model fails?"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour

ANSWER = json.dumps({"answer": "Turn on bounce keys [1].", "answered": True, "citations": [1]})
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the help pages is made once for all tests here."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(("behaviour", "fallback"), [(faults.good(ANSWER), False), (faults.html(502), True)])
def test_the_demo_asks_the_model_it_is_given(cache: Path, behaviour: Behaviour, *, fallback: bool) -> None:
    with FaultServer(behaviour) as model:
        cases = cases_of_the_demo(cache, "--provider", f"{model.url}/v1", "--model", "mine", "--api-key-env", "MY_KEY")
        assert model.requests[0].headers["authorization"] == "Bearer secret"
        asked = json.loads(model.requests[0].body)
    assert asked["model"] == "mine"
    assert asked["response_format"]["type"] == "json_schema"
    assert len(cases) == 60
    assert all(case["fallback"] is fallback for case in cases)
    assert all(case["status"] in ("delivered", "review", "escalated") for case in cases)


def cases_of_the_demo(folder: Path, *options: str) -> list[dict[str, object]]:
    """The cases that the demo has run once it says that it is done."""
    command = [sys.executable, "-m", "leitstand.cli", "demo", "--port", "0", *options]
    own = {"LEITSTAND_CACHE": str(folder), "LEITSTAND_LANGUAGE": "en", "PYTHONUNBUFFERED": "1", "MY_KEY": "secret"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **own}) as demo:
        said = ""
        for line in demo.stderr or ():
            said += line
            if line.startswith("Done"):
                break
        found = ADDRESS.search(said)
        assert found, said
        with urllib.request.urlopen(f"{found.group()}/v1/cases?limit=200") as reply:
            cases: list[dict[str, object]] = json.load(reply)["cases"]
        demo.terminate()
        demo.communicate()
    return cases
