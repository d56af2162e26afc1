"""How is a model service asked over HTTP: at which address, with which key, whole or piece by piece, until when?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Request
from leitstand.domain.price import Usage
from leitstand.http_reply import Reply, StreamedReply
from leitstand.ports import Transport
from leitstand.providers.said import word

SILENCE = 60.0
"""Longest pause inside a stream in seconds; the model has stopped, whatever the time left says."""

Listener = Callable[[str], None]
"""Hears the pieces of an answer's text as they come; an empty one says that a piece of a tool call came."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a service's replies of status 200 become answers, whole or as a stream; both raise ``ProviderFailed``.

    ``streamed`` raises what the chunks raise too.
    """

    whole: Callable[[Reply, Request, str], Answer]
    streamed: Callable[[StreamedReply, Request, str, Listener], Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One address of a model service; ``name`` stands in its failures, ``headers`` go with each question."""

    url: str
    name: str
    headers: Mapping[str, str]
    transport: Transport
    reading: Reading

    async def ask(
        self, body: Mapping[str, object], request: Request, deadline: float, on_delta: Listener | None
    ) -> Answer | Reply:
        """The answer, or a reply of another status than 200; raises ``ProviderFailed`` for everything else.

        ``deadline`` is on the loop's clock. With ``on_delta`` the body asks for a stream; a service that sends a whole
        answer instead is heard in one piece.
        """
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise self.failed("timeout", "no time is left")
        try:
            if on_delta:
                return await self._streamed(body, request, left, on_delta)
            sent = msgspec.json.encode(body)
            reply = await self.transport.post(self.url, headers=self._headers(request), body=sent, timeout=left)
            return self.reading.whole(reply, request, self.name) if reply.status == 200 else reply
        except TimeoutError:
            raise self.failed("timeout", f"no answer within {request.timeout:g} s") from None
        except ConnectionError as error:
            failure = self.failed("unreachable", str(error))
            failure.usage = Usage.none() if isinstance(error, ConnectionRefusedError) else None
            raise failure from None

    def failed(self, kind: str, detail: str) -> ProviderFailed:
        """A failure that may pass."""
        return ProviderFailed(kind=kind, retryable=True, provider=self.name, detail=detail)

    async def _streamed(
        self, body: Mapping[str, object], request: Request, left: float, on_delta: Listener
    ) -> Answer | Reply:
        sent = msgspec.json.encode({**body, "stream": True})
        headers = self._headers(request)
        asked = self.transport.stream(self.url, headers=headers, body=sent, timeout=left, silence=SILENCE)
        async with asked as begun:
            if begun.status == 200 and begun.headers.get("content-type", "").startswith("text/event-stream"):
                return await self.reading.streamed(begun, request, self.name, on_delta)
            received = b"".join([chunk async for chunk in begun.chunks])
        whole = Reply(status=begun.status, headers=begun.headers, body=received)
        if whole.status != 200:
            return whole
        answer = self.reading.whole(whole, request, self.name)
        on_delta(answer.text)
        return answer

    def _headers(self, request: Request) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "accept": "application/json",
            **self.headers,
            "idempotency-key": request.key,
        }


def not_this(reply: Reply, what: str, provider: str) -> ProviderFailed:
    """The failure behind a reply of status 200 that cannot be read as ``what``."""
    if not reply.body.strip():
        return ProviderFailed(kind="empty", retryable=True, provider=provider, detail="the reply is empty")
    kind = word(reply.headers.get("content-type", "").split(";")[0]) or "no type"
    detail = f"the reply ({kind}) is not a {what}"
    return ProviderFailed(kind="malformed", retryable=True, provider=provider, detail=detail)


def broken_off(provider: str, *, begun: bool) -> ProviderFailed:
    """The failure behind a stream that ended, however politely, before the service said that it is whole."""
    detail = "the stream ended without a finish reason" if begun else "the stream holds no answer"
    return ProviderFailed(kind="unreachable" if begun else "empty", retryable=True, provider=provider, detail=detail)


def checked_url(base_url: str, path: str) -> str:
    """The address to ask; raises ``SettingInvalid`` for one that nothing can be sent to."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        way_out = "Use the address of the service up to and including /v1, such as http://127.0.0.1:8080/v1."
        raise SettingInvalid(name="base_url", value=base_url or '""', way_out=way_out)
    return base_url.rstrip("/") + path


def checked_key(api_key: str | None) -> str:
    """The key, empty for none; one that cannot stand in a header is refused without showing it."""
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingInvalid(name="api_key_env", value="(hidden)", way_out="The key holds characters that no key has.")
    return key


def bearer(api_key: str | None) -> dict[str, str]:
    """The header with the key, none without."""
    key = checked_key(api_key)
    return {"authorization": f"Bearer {key}"} if key else {}
