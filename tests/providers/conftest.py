"""Which transport do tests of providers use? The one that is the default."""

import pytest_asyncio

from leitstand.transports.pyreqwest import PyreqwestTransport


@pytest_asyncio.fixture
async def transport():
    transport = PyreqwestTransport()
    yield transport
    await transport.close()
