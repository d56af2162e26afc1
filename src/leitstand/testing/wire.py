"""How are HTTP/1.1 requests read from a bare socket, so that a test server can answer them with anything at all?"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

REASONS = {
    200: "OK",
    307: "Temporary Redirect",
    400: "Bad Request",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A request as it came in; ``number`` counts all requests from 1, ``connection`` all connections from 1.

    Header names are lower-case.
    """

    number: int
    connection: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader, *, number: int, connection: int) -> Received | None:
    """The next request of a connection; None when the client is gone.

    Reads bodies with a ``Content-Length`` and chunked ones; anything that is not HTTP raises ``ValueError``.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        pairs = (line.split(":", 1) for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = await _chunks(reader)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Received(number=number, connection=connection, method=method, path=path, headers=headers, body=body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(parts)


def http_reply(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a reply; ``Content-Length`` is right unless ``headers`` says otherwise."""
    fields = {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n"
    return (head + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode() + body
