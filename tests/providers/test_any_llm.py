"""Does a service that any-llm knows answer over our transport, and is every other door refused?"""

import json
import subprocess
import sys

import pytest
from any_llm import AnyLLM
from tests.providers.chat import KEY, SCHEMA, TEXT, a_request

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import ToolOffer
from leitstand.domain.price import Usage
from leitstand.providers.any_llm import AnyLlm
from leitstand.providers.httpx_over_transport import OverTransport
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.shapes import Shape
from leitstand.testing.shapes_chat import CHAT

OFFER = ToolOffer(name="look_up", description="Looks it up.", parameters={"type": "object"})
NOWHERE = "http://127.0.0.1:1/v1"


def a_model(url, transport, model="openrouter:vendor/small-1", key=KEY, **options):
    return AnyLlm(Target(provider="any_llm", model=model, base_url=url, options=options), transport, key)


async def test_the_question_goes_out_through_our_transport_with_our_key_and_nothing_about_this_machine(
    transport, monkeypatch
):
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    with FaultServer(faults.good(TEXT)) as server:
        answer = await a_model(server.url + "/v1", transport).generate(a_request(model="openrouter:vendor/small-1"))
        sent = server.requests[0]
    assert (answer.text, answer.finish_reason, answer.usage) == (TEXT, "stop", Usage(input_tokens=11, output_tokens=7))
    assert (sent.path, sent.headers["authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert not {name for name in sent.headers if name.startswith(("x-stainless", "openai-"))}
    assert "of-the-environment" not in str(sent)
    assert sent.headers["user-agent"] == "leitstand"
    body = json.loads(sent.body)
    assert body["model"] == "vendor/small-1"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_without_a_key_none_is_sent_whatever_the_environment_holds(transport, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server.url + "/v1", transport, model="openai:m", key=None).generate(a_request())
        assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("model", ["mistral:small", "anthropic:m", "bedrock:m", "together:m", "ollama:m"])
def test_a_service_with_a_client_of_its_own_is_refused(transport, model):
    with pytest.raises(SettingInvalid, match="model"):
        a_model(NOWHERE, transport, model=model)


def test_no_service_that_any_llm_knows_is_reached_by_another_door(transport):
    reached = 0
    for service in AnyLLM.get_supported_providers():
        try:
            model = a_model(NOWHERE, transport, model=f"{service}:m")
        except SettingInvalid:
            continue
        assert isinstance(model._client.client._client._transport, OverTransport), service
        reached += 1
    assert reached >= 30


@pytest.mark.parametrize("model", ["", "small-1", "nonsense:m", ":m"])
def test_a_service_that_nobody_knows_is_refused_with_the_form_to_write(transport, model):
    with pytest.raises(SettingInvalid, match="openrouter:qwen3-8b"):
        a_model(NOWHERE, transport, model=model)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "file:///etc/passwd"])
def test_an_address_is_needed(transport, url):
    with pytest.raises(SettingInvalid, match="base_url"):
        a_model(url, transport)


def test_without_the_extra_its_name_is_told():
    """In a process in which any-llm cannot be imported, as when it is not installed."""
    script = (
        "import sys; sys.modules['any_llm'] = None\n"
        "from leitstand import plugins\n"
        "try: plugins.find('providers', 'any_llm')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert "ExtensionMissing" in ran.stdout
    assert "leitstand[any-llm]" in ran.stdout


@pytest.mark.parametrize("shape", CHAT, ids=lambda shape: shape.id)
async def test_whatever_the_service_sends_it_is_the_same_as_asked_directly(shape: Shape, transport):
    patience = 0.3 if shape.name == "silence" else 10.0
    tools = (OFFER,) if "call of a tool" in shape.what else ()
    heard: list[str] = []
    with FaultServer(shape.behaviour) as server:
        model = a_model(server.url + "/v1", transport, model="openai:m")
        try:
            answer = await model.generate(
                a_request(timeout=patience, tools=tools), heard.append if shape.streamed else None
            )
        except ProviderFailed as failure:
            told = f"{failure.kind}{' (may pass)' if failure.retryable else ''}"
        else:
            told = f"answer: {answer.finish_reason}"
    assert told == shape.ours
