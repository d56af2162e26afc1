"""Do tools work from a folder to a person's click, in real processes, and does a kill double nothing?"""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener, urlopen

import pytest
from tests.acceptance.test_acknowledgement import wait_until_served

from leitstand.testing.ports import free_port
from leitstand.testing.receiver import Effect, read_ledger

WORKFLOW = Path(__file__).parents[1] / "chaos" / "workflow"

TOOLS = """
[[tools]]
name = "order_status"
description = "Where an order is."
effect = "{effect}"
url = "{url}/order-status"
parameters = "tools/order.json"
"""

PARAMETERS = {
    "type": "object",
    "properties": {"order": {"type": "string", "pattern": "^[0-9]+$"}},
    "required": ["order"],
    "additionalProperties": False,
}


@contextlib.contextmanager
def receiving(ledger: Path, delay: int) -> Iterator[str]:
    """The service behind the tool: it writes down what it gets, durably, and takes its time to answer."""
    command = [sys.executable, "-m", "leitstand.testing.receiver", "--ledger", str(ledger), "--delay-ms", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


class Desk:
    """A server on a folder with one tool; it can be killed and started again."""

    def __init__(self, folder: Path, url: str, effect: str) -> None:
        self.folder, self.port = folder / "workflow", free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._data = folder / "data"
        shutil.copytree(WORKFLOW, self.folder)
        toml = (self.folder / "workflow.toml").read_text()
        toml = re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', toml)
        toml = re.sub(r"\[\[checks\]\]\nguard = \"\w+\"\n", "", toml).replace("sample_percent = 20.0\n", "")
        script = "tool = 'order_status', tool_arguments = '{\"order\": \"4711\"}', answer ="
        toml = toml.replace("answer =", script, 1) + TOOLS.format(url=url, effect=effect)
        (self.folder / "workflow.toml").write_text(toml)
        (self.folder / "tools").mkdir()
        (self.folder / "tools" / "order.json").write_text(json.dumps(PARAMETERS))
        self.start()

    def start(self) -> None:
        """Serve."""
        serve = [sys.executable, "-m", "leitstand.cli", "serve", str(self.folder), "--port", str(self.port)]
        self.process = subprocess.Popen([*serve, "--data", str(self._data)])
        wait_until_served(self.port)

    def stop(self, how: int) -> None:
        """End the server."""
        self.process.send_signal(how)
        self.process.wait(20)

    def asked(self, path: str, body: dict[str, object] | None = None) -> dict:
        """What the API says."""
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, {"content-type": "application/json"}), timeout=30) as reply:
            return json.load(reply)

    def opened(self, wait: int) -> dict:
        """A new case after so many seconds, or at rest."""
        question = {"input": {"question": "When does the harbour close?", "number": 1}}
        return self.asked(f"/v1/workflows/chaos/cases?wait={wait}", question)

    def signed_in(self) -> OpenerDirector:
        """The browser of somebody who signed in."""
        browser = build_opener(HTTPCookieProcessor())
        browser.open(f"{self.url}/sign-in", urlencode({"name": "Ida"}).encode(), timeout=30).close()
        return browser


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[list[Desk]]:
    """The servers of a test; whatever still runs at its end is ended."""
    started: list[Desk] = []
    yield started
    for desk in started:
        if desk.process.poll() is None:
            desk.stop(signal.SIGTERM)


def until_written(ledger: Path, most: int = 200) -> tuple[Effect, ...]:
    """The ledger as soon as there is something in it."""
    for _ in range(most):
        if found := read_ledger(ledger):
            return found
        time.sleep(0.05)
    raise AssertionError("the tool was never called")


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_a_person_decides_on_a_call_without_scripts(tmp_path: Path, desks: list[Desk], verb: str) -> None:
    ledger = tmp_path / "ledger"
    with receiving(ledger, 0) as url:
        desks.append(desk := Desk(tmp_path, url, "irreversible"))
        case = desk.opened(10)
        assert (case["status"], case["reasons"], case["tool_calls"]) == ("review", ["tool_call"], [1])
        browser = desk.signed_in()
        address = f"{desk.url}/review/{case['id']}"
        german = browser.open(Request(address, headers={"accept-language": "de"}), timeout=30).read().decode()
        assert "Geschieht, wenn Sie annehmen" in german
        assert "Annehmen und ausführen" in german
        page = browser.open(Request(address, headers={"accept-language": "en"}), timeout=30).read().decode()
        for shown in ("Happens when you accept", "order_status", "cannot be taken back", "4711", "Where an order is."):
            assert shown in page
        fields = {name: hidden(page, name)[0] for name in ("draft_commitment", "tool_call")}
        more = {"verb": verb} | ({"reason": "wrong"} if verb == "reject" else {})
        browser.open(address, urlencode(fields | more).encode(), timeout=30).close()
        ended = desk.asked(f"/v1/cases/{case['id']}?wait=10")
        trail = browser.open(f"{desk.url}/cases/{case['id']}", timeout=30).read().decode()
    written = [(effect.key, json.loads(effect.body)) for effect in read_ledger(ledger)]
    assert ended["status"] == {"accept": "delivered", "reject": "rejected"}[verb]
    assert written == ([(f"{case['id']}-tool-1", {"order": "4711"})] if verb == "accept" else [])
    assert ("order_status gave its result." in trail) is (verb == "accept")


def test_a_client_that_does_not_know_of_calls_accepts_nothing(tmp_path: Path, desks: list[Desk]) -> None:
    ledger = tmp_path / "ledger"
    with receiving(ledger, 0) as url:
        desks.append(desk := Desk(tmp_path, url, "write"))
        case = desk.opened(10)
        desk.signed_in()
        decision = {"decision": "accept", "draft": case["draft"], "person": "Ida"}
        with pytest.raises(OSError, match="409"):
            desk.asked(f"/v1/cases/{case['id']}/decision", decision)
        assert read_ledger(ledger) == ()
        ended = desk.asked(f"/v1/cases/{case['id']}/decision?wait=10", {**decision, "tool_calls": [1]})
    assert (ended["status"], len(read_ledger(ledger))) == ("delivered", 1)


@pytest.mark.parametrize(
    ("effect", "status", "calls"), [("read", "delivered", 2), ("write", "delivered", 2), ("irreversible", "failed", 1)]
)
def test_a_kill_in_the_middle_of_a_call(
    tmp_path: Path, desks: list[Desk], effect: str, status: str, calls: int
) -> None:
    """The service has the call, nobody has its answer: it is made again under the same key, or never."""
    ledger = tmp_path / "ledger"
    with receiving(ledger, 2500) as url:
        desks.append(desk := Desk(tmp_path, url, effect))
        case = desk.opened(0 if effect == "read" else 10)
        if effect != "read":
            desk.signed_in()
            decision = {"decision": "accept", "draft": case["draft"], "person": "Ida", "tool_calls": [1]}
            desk.asked(f"/v1/cases/{case['id']}/decision", decision)
        until_written(ledger)
        desk.stop(signal.SIGKILL)
        desk.start()
        ended = desk.asked(f"/v1/cases/{case['id']}?wait=20")
    written = read_ledger(ledger)
    assert ended["status"] == status
    assert [effect.key for effect in written] == [f"{case['id']}-tool-1"] * calls
    assert sum(effect.applied for effect in written) == 1
