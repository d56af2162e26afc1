"""A real server process with gateways before a real upstream on a socket, and with workflows that check and review."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from tests.web.processes import get, server

from leitstand.definition.scaffold import scaffold
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received

ANSWER = "Paris is the capital of France."
PIECES = ("Paris is ", "the capital ", "of France.")
USAGE = {"prompt_tokens": 11, "completion_tokens": 7}
PRICE = 'price = { input_per_million = 1_000_000_000, output_per_million = 2_000_000_000, currency = "EUR" }'


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """The server and its upstream; ``client`` is OpenAI's own, which does not repeat what failed."""

    url: str
    upstream: FaultServer
    client: openai.OpenAI

    def ask(self, text: str, *, model: str = "gateway", **more: object):
        """One completion."""
        return self.client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)

    def case(self, completion_id: str) -> dict:
        """The case behind a completion, at rest."""
        return get(f"{self.url}/v1/cases/{completion_id.removeprefix('chatcmpl-')}?wait=20")

    def events(self, case_id: str) -> list[dict]:
        """The trail of a case."""
        return get(f"{self.url}/v1/cases/{case_id}/events")["events"]

    def count(self) -> int:
        """How many cases there are, up to 200."""
        return len(get(f"{self.url}/v1/cases?limit=200")["cases"])

    def last_asked(self) -> dict:
        """The body of the last request that the upstream got."""
        return json.loads(self.upstream.requests[-1].body)


def behave(request: Received) -> Behaviour:
    """What the upstream does is in the last message; the model ``second`` is always well."""
    asked = json.loads(request.body)
    text = "" if asked["model"] == "second" else str(asked["messages"][-1]["content"])
    if asked.get("stream"):
        return _streamed(text)
    for word, behaviour in (
        ("#503", faults.error(503)),
        ("#429", faults.error(429, headers={"retry-after": "7"})),
        ("#filter", faults.reply(200, faults.completion(None, finish_reason="content_filter"))),
        ("#length", faults.reply(200, faults.completion("Paris is", finish_reason="length", usage=USAGE))),
        ("#unknown-usage", faults.reply(200, faults.completion(ANSWER))),
        ("#late", faults.late(2.0, faults.good(ANSWER))),
        ("#reset", faults.reset()),
    ):
        if word in text:
            return behaviour
    return faults.good(ANSWER)


def _streamed(text: str) -> Behaviour:
    for word, behaviour in (
        ("#503", faults.error(503)),
        ("#reset", faults.events(faults.chunk("Paris "), faults.chunk("is "), then="reset")),
        ("#cut", faults.events(faults.chunk("Paris "), faults.chunk("is "))),
        ("#length", faults.events(faults.chunk("Paris is"), faults.chunk(finish_reason="length"), b"data: [DONE]\n\n")),
        ("#filter", faults.events(faults.chunk("Par"), faults.chunk(finish_reason="content_filter"))),
        ("#slow", faults.streamed(*PIECES, seconds=0.6)),
        ("#long", faults.streamed(*["x" * 1000] * 8000)),
    ):
        if word in text:
            return behaviour
    return faults.streamed(*PIECES)


def a_gateway(folder: Path, url: str, *models: str) -> Path:
    """A pass-through workflow before ``models`` of the upstream, which may not retry."""
    scaffold(folder, "passthrough", "en", folder.name)
    file = folder / "workflow.toml"
    before, rest = file.read_text().split("[[draft.chain]]", 1)
    target = '[[draft.chain]]\nprovider = "openai_compatible"\nbase_url = "{}/v1"\nmodel = "{}"\nretries = 0\n{}\n\n'
    after = rest[rest.index("[review]") :]
    file.write_text(before + "".join(target.format(url, model, PRICE) for model in models) + after)
    return folder


def a_desk(folder: Path, when: str) -> Path:
    """A workflow that answers from sources with checks; ``when`` says what a person sees."""
    scaffold(folder, "answer", "en", folder.name)
    file = folder / "workflow.toml"
    file.write_text(file.read_text().replace('when = "flagged"', f'when = "{when}"'))
    return folder


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One server for all tests of this folder."""
    folder = tmp_path_factory.mktemp("gateway")
    with FaultServer(choose=behave) as upstream:
        workflows = (
            a_gateway(folder / "gateway", upstream.url, "first"),
            a_gateway(folder / "pair", upstream.url, "first", "second"),
            a_desk(folder / "desk", "flagged"),
            a_desk(folder / "reviewed", "always"),
        )
        with server(workflows[0], folder / "data", *workflows[1:]) as running:
            client = openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0)
            with client:
                yield Gateway(url=running.url, upstream=upstream, client=client)
