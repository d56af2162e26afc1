"""Which transport do tests of providers use? The one that is the default."""

import pytest_asyncio

from leitstand.transports.aiohttp import AiohttpTransport


@pytest_asyncio.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.close()
