"""Do the providers keep the contract that the model chain relies on?"""

import pytest
import pytest_asyncio

from leitstand.domain.drafting import Target
from leitstand.domain.message import Grounding, Message, Request
from leitstand.providers.anthropic import Anthropic
from leitstand.providers.any_llm import AnyLlm
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.providers.openai_responses import OpenaiResponses
from leitstand.providers.scripted import ScriptedModel
from leitstand.testing import anthropic_faults, faults, responses_faults
from leitstand.testing.http_provider_contract import HttpProviderContract
from leitstand.testing.provider_contract import ModelProviderContract
from leitstand.transports.aiohttp import AiohttpTransport


@pytest.fixture
def request_to_model():
    return Request(
        model="m",
        messages=(Message(role="user", content="How do I pay 4711?"),),
        schema=None,
        grounding=Grounding(question="How do I pay 4711?", language="en", passages=()),
        timeout=5.0,
        key="contract",
    )


class TestScripted(ModelProviderContract):
    @pytest.fixture
    def provider(self):
        return ScriptedModel(["hello"], delay=0.05)


GOOD = {
    OpenaiCompatible: faults.good("hello"),
    OpenaiResponses: faults.reply(200, responses_faults.response(responses_faults.message("hello"))),
    Anthropic: faults.reply(200, anthropic_faults.message(anthropic_faults.text("hello"))),
}


class OverHttp(HttpProviderContract):
    """Each over the transport that is used."""

    make = OpenaiCompatible

    @pytest_asyncio.fixture
    async def transport(self):
        transport = AiohttpTransport()
        yield transport
        await transport.close()

    @pytest.fixture
    def make_provider(self, transport):
        return lambda url, key: self.make(Target(provider="p", model="m", base_url=url + "/v1"), transport, key)

    @pytest.fixture
    def good(self):
        return GOOD[self.make]


class TestOpenaiCompatible(OverHttp):
    make = OpenaiCompatible


class TestOpenaiResponses(OverHttp):
    make = OpenaiResponses


class TestAnthropic(OverHttp):
    make = Anthropic


class TestAnyLlm(OverHttp):
    @pytest.fixture
    def make_provider(self, transport):
        return lambda url, key: AnyLlm(
            Target(provider="any_llm", model="openai:m", base_url=url + "/v1"), transport, key
        )
