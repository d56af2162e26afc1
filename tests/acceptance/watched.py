"""How does a real server that did some work look from outside?

Canaries stand in the input, the prompt, the sources, the answers, the errors of the model, the names of people, the
keys, the idempotency keys and the exceptions of the operator's own code: none of it may be seen.
"""

import json
import shutil
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from tests.exporters.collector import Collector, collecting
from tests.web.processes import Server, get, server

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.wire import Received

WORKFLOW = Path(__file__).parents[1] / "chaos" / "workflow"
CANARIES = ("kanarie-", "sittich-", "Petra Zeisig")
"""Nothing that is watched may hold these, whatever stands behind the first two."""

CHAIN = """
[[draft.chain]]
provider = "openai_compatible"
model = "{model}"
base_url = "{url}/v1"
api_key_env = "MODEL_KEY"
retries = 0

[draft.chain.price]
input_per_million = 150_000_000
output_per_million = 600_000_000
currency = "EUR"
"""
HOOKS = '''
def postprocess(output, given):
    """Breaks as operators' code does: with the content in its words."""
    if "#break" in given["question"]:
        raise ValueError(f"cannot do {given} {output}")
    return output
'''
ANSWER = {"answer": "The harbour closes at 18 o'clock [1].", "answered": True, "citations": [1]}

REPLIES = (faults.reply(200, b"{}"), faults.reply(400, b"kanarie-refusal"), faults.reply(200, b"{}"))
"""What the receiver of deliveries says: the second one it refuses for good."""


def behave(request: Received) -> faults.Behaviour:
    """The first model fails for some questions with the question in its words; drafts may be invented."""
    asked = json.loads(request.body)
    text = json.dumps(asked["messages"])
    if "#fail" in text and asked["model"] == "first":
        return faults.reply(500, json.dumps({"error": {"message": f"kanarie-error {text}"}}).encode())
    invented = {**ANSWER, "answer": "Petra Zeisig paid 77 kanarie-answer [1]."}
    return faults.good(json.dumps(invented if "#invent" in text else ANSWER))


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A server that did some work: what it shows, what it sent, what it wrote."""

    metrics: str
    log: str
    collector: Collector
    cases: dict[str, dict]


@contextmanager
def watched(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """The server, after it answered, fell back, asked a person, broke, delivered, refused and was asked nonsense."""
    with (
        FaultServer(choose=behave) as model,
        FaultServer(*REPLIES) as receiver,
        collecting() as collector,
    ):
        patch.setenv("MODEL_KEY", "kanarie-key")
        patch.setenv("LEITSTAND_OTLP_ENDPOINT", collector.url)
        patch.setenv("LEITSTAND_LOG_FORMAT", "json")
        patch.setenv("LEITSTAND_LOG_LEVEL", "debug")
        workflow = made(folder / "harbour", model.url, f"{receiver.url}/effects")
        with server(workflow, folder / "data") as running:
            cases = {mark: opened(running, mark) for mark in ("plain", "#refuse", "#fail", "#invent", "#break")}
            decide(running, cases["#invent"])
            nonsense(running)
            collector.wait()
            text = scraped(running)
            running.process.terminate()
            running.process.wait(30)
            yield Watched(metrics=text, log=running.log.read_text(), collector=collector, cases=cases)


def made(folder: Path, model: str, receiver: str) -> Path:
    shutil.copytree(WORKFLOW, folder)
    toml = (folder / "workflow.toml").read_text()
    before, _, rest = toml.partition("[[draft.chain]]")
    checks = rest[rest.index("[[checks]]") :].replace("http://127.0.0.1:0/effects", receiver)
    checks = checks.replace("sample_percent = 20.0", "sample_percent = 0.0")
    chain = "".join(CHAIN.format(model=name, url=model) for name in ("first", "second"))
    (folder / "workflow.toml").write_text(before + chain + checks)
    (folder / "hooks.py").write_text(HOOKS)
    (folder / "prompt.md").write_text("kanarie-prompt {{ passages }} {{ input.question }}\n")
    with (folder / "knowledge" / "harbour.md").open("a") as source:
        source.write("\n\n# sittich-source\n\nThe tower belongs to sittich-owner.\n")
    return folder


def opened(running: Server, mark: str) -> dict:
    """A case, after its first rest."""
    question = f"When does the harbour of kanarie-input close? {mark} Petra Zeisig"
    body = json.dumps({"input": {"question": question, "number": 1}}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"kanarie-idempotency{mark.strip('#')}"}
    wait = 2 if mark == "#break" else 20
    request = Request(f"{running.url}/v1/workflows/chaos/cases?wait={wait}", data=body, headers=headers)
    with urlopen(request, timeout=60) as reply:
        return json.load(reply)


def decide(running: Server, case: dict) -> None:
    """A person with a name decides, with a note."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    browser.open(f"{running.url}/sign-in", urlencode({"name": "Petra Zeisig", "back": "/"}).encode(), timeout=30)
    output = {**ANSWER, "answer": "kanarie-edited [1]."}
    body = {"decision": "edit", "draft": case["draft"], "output": output, "note": "kanarie-note"}
    headers = {"Content-Type": "application/json", "Leitstand-Person": "Petra Zeisig"}
    url = f"{running.url}/v1/cases/{case['id']}/decision?wait=20"
    with browser.open(Request(url, data=json.dumps(body).encode(), headers=headers), timeout=60) as reply:
        assert json.load(reply)["status"] == "delivered"


def nonsense(running: Server) -> None:
    """Requests that are refused, each with something that must not be repeated."""
    for path, data in (
        ("/v1/workflows/chaos/cases", b'{"input": {"question": "kanarie-refused", "kanarie-field": 1}}'),
        ("/v1/workflows/kanarie-workflow/cases", b'{"input": {}}'),
        ("/v1/cases/kanarie-case", None),
        ("/kanarie-address?kanarie-parameter=1", None),
    ):
        with pytest.raises(urllib.error.HTTPError):
            urlopen(Request(running.url + path, data=data, headers={"Content-Type": "application/json"}), timeout=30)
    assert get(f"{running.url}/health/live")["status"] == "alive"


def scraped(running: Server) -> str:
    with urlopen(f"{running.url}/metrics", timeout=30) as reply:
        assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
        return reply.read().decode()
