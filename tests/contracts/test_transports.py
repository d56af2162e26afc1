"""Do both transports keep the contract, on real sockets?"""

import pytest
import pytest_asyncio

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.transport_contract import TransportContract
from leitstand.transports.aiohttp import AiohttpTransport
from leitstand.transports.pyreqwest import PyreqwestTransport


class TestPyreqwest(TransportContract):
    @pytest_asyncio.fixture
    async def transport(self):
        transport = PyreqwestTransport()
        yield transport
        await transport.close()


class TestAiohttp(TransportContract):
    @pytest_asyncio.fixture
    async def transport(self):
        transport = AiohttpTransport()
        yield transport
        await transport.close()


@pytest.mark.parametrize("make", [PyreqwestTransport, AiohttpTransport])
async def test_a_proxy_in_the_environment_sees_nothing(make, monkeypatch):
    with FaultServer(faults.good("proxy")) as proxy, FaultServer(faults.good("direct")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        transport = make()
        reply = await transport.post(server.url, headers={}, body=b"{}", timeout=5)
        await transport.close()
        assert b"direct" in reply.body
        assert not proxy.requests
