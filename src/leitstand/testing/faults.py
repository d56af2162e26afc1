"""What can a model service do to its caller? Each behaviour, right or wrong, as it looks on the socket.

A behaviour is an async function of the connection's writer and the request. When it closes the writer, the connection
ends there; else the next request on it is read.
"""

import asyncio
import json
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from leitstand.testing.wire import Received, http_reply

Behaviour = Callable[[asyncio.StreamWriter, Received], Awaitable[None]]

HTML = b"<!doctype html><html><head><title>Gateway</title></head><body><h1>Sign in</h1></body></html>"
BOMB_MIB = 64


def completion(
    text: str | None,
    *,
    finish_reason: str | None = "stop",
    usage: Mapping[str, object] | None = None,
    model: str = "fault-model",
    tool_calls: Sequence[Mapping[str, object]] = (),
) -> bytes:
    """The JSON of a chat completion; no ``usage`` leaves it out, as some servers do."""
    asked = {"tool_calls": list(tool_calls)} if tool_calls else {}
    message = {"role": "assistant", "content": text, **asked}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice]}
    return json.dumps(body | ({"usage": dict(usage)} if usage is not None else {})).encode()


def raw(data: bytes, *, close: bool = False) -> Behaviour:
    """Send exactly these bytes."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return behave


def reply(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Send a well-formed HTTP reply."""
    return raw(http_reply(status, body, headers))


def good(text: str, *, input_tokens: int = 11, output_tokens: int = 7) -> Behaviour:
    """Answer as a healthy model does."""
    usage = {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}
    return reply(200, completion(text, usage=usage))


def late(seconds: float, behaviour: Behaviour) -> Behaviour:
    """Think first."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        await asyncio.sleep(seconds)
        await behaviour(writer, request)

    return behave


def error(status: int, code: str = "", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Refuse with a status and an error object; its message repeats the request's key, as some services do."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        message = f"Rejected; you sent {request.headers.get('authorization', 'no key')}."
        body = json.dumps({"error": {"message": message, "type": "test_error", "code": code or None}}).encode()
        writer.write(http_reply(status, body, headers))
        await writer.drain()

    return behave


def html(status: int) -> Behaviour:
    """Answer with a web page."""
    return reply(status, HTML, {"content-type": "text/html; charset=utf-8"})


def garbage() -> Behaviour:
    """Send bytes that are not HTTP."""
    return raw(b"\x16\x03\x01\x00\xff\x00 this is not HTTP\r\n\r\n", close=True)


def nothing() -> Behaviour:
    """Accept, then close without a byte."""
    return raw(b"", close=True)


def half(text: str) -> Behaviour:
    """Announce a whole answer, send half of it, close."""
    whole = http_reply(200, completion(text))
    return raw(whole[: -len(completion(text)) // 2], close=True)


def wrong_length(text: str, *, off_by: int) -> Behaviour:
    """Announce a length that is ``off_by`` bytes too long (or too short, when negative), then close."""
    body = completion(text)
    return raw(http_reply(200, body, {"content-length": str(len(body) + off_by)}), close=True)


def reset() -> Behaviour:
    """Reset the connection (RST) instead of an answer."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        bare: socket.socket = writer.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return behave


def never() -> Behaviour:
    """Keep the connection open and say nothing."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        del writer
        await asyncio.Event().wait()

    return behave


def drip(text: str, *, seconds: float) -> Behaviour:
    """Send a right answer in fifty pieces over ``seconds``, head first."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        whole = http_reply(200, completion(text))
        step = max(1, len(whole) // 50)
        for begin in range(0, len(whole), step):
            writer.write(whole[begin : begin + step])
            await writer.drain()
            await asyncio.sleep(seconds / 50)

    return behave


def endless() -> Behaviour:
    """Begin a body that never ends."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            writer.write(b" " * 65_536)
            await writer.drain()

    return behave


def bomb() -> Behaviour:
    """Send 64 MiB of zeros as a gzip body of 64 KiB."""
    packer = zlib.compressobj(wbits=31)
    body = b"".join(packer.compress(bytes(2**20)) for _ in range(BOMB_MIB)) + packer.flush()
    return reply(200, body, {"content-encoding": "gzip"})


def redirect(url: str) -> Behaviour:
    """Point elsewhere."""
    return reply(307, b"", {"location": url})


def chunk(
    text: str | None = None,
    *,
    finish_reason: str | None = None,
    tool_calls: Sequence[Mapping[str, object]] = (),
    **more: object,
) -> bytes:
    """One event of a streamed chat completion; ``more`` are further fields of it, such as ``usage``."""
    asked = {"tool_calls": list(tool_calls)} if tool_calls else {}
    delta = ({"content": text} if text is not None else {}) | asked
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fault-model"}
    return b"data: " + json.dumps({**body, "choices": [choice], **more}).encode() + b"\n\n"


def streamed(*pieces: str, seconds: float = 0.0, input_tokens: int = 11, output_tokens: int = 7) -> Behaviour:
    """Answer as a healthy model does that is asked for a stream: ``seconds`` pass before each piece but the first.

    Whether usage is told is up to the request.
    """

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        asked = json.loads(request.body)
        end = [chunk(finish_reason="stop")]
        if (asked.get("stream_options") or {}).get("include_usage"):
            usage = {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}
            end.append(chunk(choices=[], usage=usage))
        pauses = [0.0, *[seconds] * len(pieces)]
        events = [*(chunk(piece) for piece in pieces), b"".join([*end, b"data: [DONE]\n\n"])]
        await _send_events(writer, list(zip(pauses, events, strict=True)))

    return behave


def events(*sent: bytes, then: str = "close") -> Behaviour:
    """Send these bytes as a stream of events, then ``close`` as if it were whole, ``reset`` or stay ``silent``.

    All of it leaves at once, and who has heard enough may hang up before the close: what was sent was sent.
    """

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        writer.write(STREAM_HEAD + b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in sent))
        await writer.drain()
        await asyncio.sleep(0.05)  # what was sent arrives before what comes now
        match then:
            case "reset":
                await reset()(writer, request)
            case "silent":
                await asyncio.Event().wait()
            case _:
                writer.write(b"0\r\n\r\n")
                with suppress(ConnectionError):
                    await writer.drain()

    return behave


def dripping(event: bytes, *, seconds: float) -> Behaviour:
    """Send the same bytes again and again as a stream of events that never ends, with so many seconds between them."""

    async def behave(writer: asyncio.StreamWriter, _: Received) -> None:
        writer.write(STREAM_HEAD)
        while True:
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


async def _send_events(writer: asyncio.StreamWriter, sent: Sequence[tuple[float, bytes]]) -> None:
    writer.write(STREAM_HEAD)
    for pause, event in sent:
        if pause:
            await writer.drain()
            await asyncio.sleep(pause)
        writer.write(b"%x\r\n%b\r\n" % (len(event), event))
    writer.write(b"0\r\n\r\n")
    await writer.drain()
