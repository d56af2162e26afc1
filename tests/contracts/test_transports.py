"""Does the transport keep the contract, on real sockets?"""

import pytest_asyncio

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.transport_contract import TransportContract
from leitstand.transports.aiohttp import AiohttpTransport


class TestAiohttp(TransportContract):
    @pytest_asyncio.fixture
    async def transport(self):
        transport = AiohttpTransport()
        yield transport
        await transport.close()


async def test_a_proxy_in_the_environment_sees_nothing(monkeypatch):
    with FaultServer(faults.good("proxy")) as proxy, FaultServer(faults.good("direct")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        transport = AiohttpTransport()
        reply = await transport.post(server.url, headers={}, body=b"{}", timeout=5)
        await transport.close()
        assert b"direct" in reply.body
        assert not proxy.requests
