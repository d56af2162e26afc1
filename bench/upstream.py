"""What does the model service answer that all programs are measured against?

    python -m bench.upstream --port 9000

Chat completions at ``/MILLISECONDS/v1/chat/completions``, after that many milliseconds, the same answer to everybody:
JSON, or 19 events when the request says ``"stream": true``, each written by itself. ``GET /calls`` tells how many calls
came since ``POST /forget``: the witness of what a killed server did or did not go on with.
"""

import argparse
import asyncio
import json
import re

import uvloop

ANSWER = (
    "The deposit is returned within fourteen days after the return of the equipment [1]. "
    "Late returns are charged at the daily rate per started day [1]."
)
CONTENT = json.dumps({"answer": ANSWER, "answered": True, "citations": [1]})
USAGE = {"prompt_tokens": 231, "completion_tokens": 62, "total_tokens": 293}
EVENTS = 19
"""Events of a stream: the role, sixteen pieces of text, the end with its usage, and ``[DONE]``."""

_REQUEST = re.compile(rb"(?:POST|GET) /(\w+)[^ ]* HTTP")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAM = re.compile(rb'"stream": *true')


def answer(kind: str, **choice: object) -> bytes:
    """A completion, or a chunk of one, as compact JSON."""
    body: dict[str, object] = {"id": "chatcmpl-1", "object": kind, "created": 1760000000, "model": "model"}
    body["choices"] = [{"index": 0, "logprobs": None, "finish_reason": None, **choice}]
    if "finish_reason" in choice:
        body["usage"] = USAGE
    return json.dumps(body, separators=(",", ":")).encode()


def whole() -> bytes:
    """The answer in one piece, with its head."""
    message = {"role": "assistant", "content": CONTENT, "refusal": None}
    body = answer("chat.completion", message=message, finish_reason="stop")
    return _head(b"application/json", b"content-length: %d" % len(body)) + body


def pieces() -> list[bytes]:
    """The answer as a stream: the head, then each event as a chunk, the last with the end."""
    step = -(-len(CONTENT) // (EVENTS - 3))
    texts = [CONTENT[at : at + step] for at in range(0, len(CONTENT), step)]
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts)]
    events = [answer("chat.completion.chunk", delta=delta) for delta in deltas]
    events += [answer("chat.completion.chunk", delta={}, finish_reason="stop"), b"[DONE]"]
    assert len(events) == EVENTS
    chunks = [b"%x\r\ndata: %b\n\n\r\n" % (len(event) + 8, event) for event in events]
    return [_head(b"text/event-stream", b"transfer-encoding: chunked"), *chunks[:-1], chunks[-1] + b"0\r\n\r\n"]


def _head(kind: bytes, framing: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n%b\r\n\r\n" % (kind, framing)


WHOLE, PIECES = whole(), pieces()


class Calls:
    """How many calls came, shared by all connections."""

    count = 0


class Upstream(asyncio.Protocol):
    """One connection."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._asked = bytearray()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Answer once the request is complete; nobody sends a second one before."""
        asked = self._asked
        asked += data
        head = asked.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(asked, 0, head)
        if len(asked) < head + 4 + (int(length[1]) if length else 0):
            return
        found = _REQUEST.match(asked)
        wanted = bytes(found[1]) if found else b"0"
        streamed = bool(_STREAM.search(asked, head))
        asked.clear()
        self._reply(wanted, streamed=streamed)

    def _reply(self, wanted: bytes, *, streamed: bool) -> None:
        if not wanted.isdigit():
            self._account(wanted)
            return
        self._calls.count += 1
        delay = int(wanted) / 1000
        if streamed:
            self._loop.call_later(delay, self._stream, 0)
        elif delay:
            self._loop.call_later(delay, self._transport.write, WHOLE)
        else:
            self._transport.write(WHOLE)

    def _stream(self, number: int) -> None:
        """One event a turn of the loop, so that each leaves by itself."""
        if number < len(PIECES) and not self._transport.is_closing():
            self._transport.write(PIECES[number])
            self._loop.call_soon(self._stream, number + 1)

    def _account(self, wanted: bytes) -> None:
        if wanted == b"forget":
            self._calls.count = 0
        body = b"%d" % self._calls.count
        self._transport.write(_head(b"text/plain", b"content-length: %d" % len(body)) + body)


async def serve(port: int) -> None:
    """Until the process is ended."""
    calls = Calls()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(calls), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A model service that always answers the same.")
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))
