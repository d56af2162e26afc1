"""What does passing a request on cost? Raw ASGI with aiohttp's client; nothing is read, checked or kept."""

import os
from typing import Any

from bench.peers import Peer, Place, Receive, Send, asgi, chat, read

HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-bench"}


def command(place: Place) -> list[str]:
    """The upstream is told through the environment of the process."""
    return ["env", f"UPSTREAM={place.upstream}", *asgi(place, "aiohttp_proxy", lifespan="off")]


PEER = Peer(
    title="aiohttp proxy",
    command=command,
    request=lambda _place: chat("/v1/chat/completions"),
    streamed=lambda _place: chat("/v1/chat/completions", stream=True),
)

SESSION: list[Any] = []
"""The client, made with the first request, when the loop runs."""


async def app(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Pass one request on, and its answer back as it comes."""
    body = await read(receive)
    if not SESSION:
        SESSION.append(_session())
    url = os.environ["UPSTREAM"] + "/chat/completions"
    async with SESSION[0].post(url, data=body, headers=HEADERS) as reply:
        kept = (b"content-type", b"content-length")
        headers = [(name.lower(), value) for name, value in reply.raw_headers if name.lower() in kept]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.content_length is None:
            async for chunk in reply.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": await reply.read()})


def _session() -> Any:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=1024)
    return aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
