"""How does an answer of the API leave: JSON with the headers that every such answer carries?"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Scope, Send

Header = tuple[bytes, bytes]

API_HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""On every answer of the API: nothing in it may run, be framed, be sniffed, be kept or be embedded elsewhere."""

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonReply:
    """An answer as an ASGI application; ``body`` is anything that msgspec encodes, or bytes of JSON."""

    status: int
    body: object
    headers: Iterable[Header] = ()
    media_type: bytes = b"application/json"

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it; the server itself leaves the body out of an answer to HEAD."""
        payload = self.body if isinstance(self.body, bytes) else _ENCODER.encode(self.body)
        headers = [
            (b"content-type", self.media_type),
            (b"content-length", b"%d" % len(payload)),
            *API_HEADERS,
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": payload})
