"""Do the providers keep the contract that the model chain relies on?"""

import pytest
import pytest_asyncio

from leitstand.domain.drafting import Target
from leitstand.domain.message import Grounding, Message, Request
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.providers.scripted import ScriptedModel
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.provider_contract import ModelProviderContract
from leitstand.transports.aiohttp import AiohttpTransport
from leitstand.transports.pyreqwest import PyreqwestTransport


@pytest.fixture
def request_to_model():
    return Request(
        model="m",
        messages=(Message(role="user", content="?"),),
        schema=None,
        grounding=Grounding(question="?", language="en", passages=()),
        timeout=5.0,
        key="contract",
    )


class TestScripted(ModelProviderContract):
    @pytest.fixture
    def provider(self):
        return ScriptedModel(["hello"], delay=0.05)


class TestOpenaiCompatible(ModelProviderContract):
    @pytest_asyncio.fixture(params=[PyreqwestTransport, AiohttpTransport])
    async def provider(self, request):
        transport = request.param()
        with FaultServer(faults.late(0.05, faults.good("hello"))) as server:
            yield OpenaiCompatible(Target(provider="openai_compatible", base_url=server.url), transport, None)
            await transport.close()
