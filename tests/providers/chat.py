"""How do tests of the chat provider ask a server of their own?"""

import json

import pytest

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Grounding, Message, Request
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer

KEY = "sk-proj-never-show-this-1234"
PROMPT = "Wie mache ich ein Bildschirmfoto? Geheimnis 4711"
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "citations": {"type": "array", "items": {"type": "integer"}}},
    "required": ["answer", "citations"],
    "additionalProperties": False,
}
TEXT = json.dumps({"answer": "Druck drücken. [1]", "citations": [1]})


def a_request(**changes):
    values = {
        "model": "small-1",
        "messages": (Message(role="system", content="Answer."), Message(role="user", content=PROMPT)),
        "schema": SCHEMA,
        "grounding": Grounding(question=PROMPT, language="de", passages=()),
        "timeout": 5.0,
        "key": "case-1-1",
    }
    return Request(**values | changes)


def a_model(server, transport, key=KEY, **options):
    url = server if isinstance(server, str) else server.url + "/v1"
    target = Target(provider="openai_compatible", model="small-1", base_url=url, options=options)
    return OpenaiCompatible(target, transport, key)


async def failure(transport, behaviour, **request):
    """The failure that a behaviour of the service becomes; never holds the key or the prompt."""
    with FaultServer(behaviour) as server, pytest.raises(ProviderFailed) as caught:
        await a_model(server, transport).generate(a_request(**request))
    assert KEY not in str(caught.value)
    assert "4711" not in str(caught.value)
    return caught.value


def body(value):
    return faults.reply(200, value if isinstance(value, bytes) else json.dumps(value).encode())


def choice(**fields):
    return body({"choices": [fields]})
