"""Which events are in a stream of server-sent events (WHATWG HTML, section 9.2)?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

LAST_BYTES = 0.1
"""Seconds for what follows the last event; a body that was read to its end leaves the connection usable."""


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each event; comments and other fields are left out, and so is an event that is cut off."""
    data: list[bytes] = []
    begun: list[bytes] = []
    async for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        if not others:
            continue
        whole, begun = [b"".join(begun), *others[:-1]], others[-1:]
        for line in whole:
            if line.startswith(b"data:"):
                data.append(line[5:].strip())
            elif data and line in (b"", b"\r"):
                yield b"\n".join(data)
                data = []


async def read_to_the_end(chunks: AsyncIterator[bytes]) -> None:
    """Let what follows the last event come in, for a moment."""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(LAST_BYTES):
            async for _ in chunks:
                pass
