"""What does a service that speaks Anthropic's messages send? Bodies, events and errors as they look on the socket.

They go with the behaviours of ``leitstand.testing.faults``: ``reply(200, message("Hi"))``, ``events(*streamed("Hi"))``.
"""

import json
from collections.abc import Mapping, Sequence

from leitstand.testing.faults import Behaviour, reply

Json = Mapping[str, object]
USAGE: Json = {"input_tokens": 11, "output_tokens": 7}


def text(said: str) -> Json:
    """A block of text."""
    return {"type": "text", "text": said}


def tool_use(name: str, given: object) -> Json:
    """A block that asks for a tool."""
    return {"type": "tool_use", "id": "toolu_1", "name": name, "input": given}


def message(*content: Json, stop_reason: str | None = "end_turn", usage: Json = USAGE) -> bytes:
    """The JSON of a message."""
    return json.dumps(_message(content, stop_reason, usage)).encode()


def error(status: int, kind: str, said: str = "no", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Refuse as the service does, with its request id."""
    body = {"type": "error", "error": {"type": kind, "message": said}, "request_id": "req_1"}
    return reply(status, json.dumps(body).encode(), {"request-id": "req_1", **(headers or {})})


def event(kind: str, **fields: object) -> bytes:
    """One event of a stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def error_event(kind: str, said: str = "no") -> bytes:
    """The error that ends a stream."""
    return event("error", error={"type": kind, "message": said})


PING = event("ping")


def begin(usage: Json = USAGE) -> bytes:
    """The first event."""
    return event("message_start", message=_message((), None, {**usage, "output_tokens": 1}))


def block(index: int, first: Json, *deltas: Json) -> bytes:
    """The events of one block of content."""
    return b"".join(
        [
            event("content_block_start", index=index, content_block=first),
            *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
            event("content_block_stop", index=index),
        ]
    )


def spoken(*pieces: str, index: int = 0) -> bytes:
    """A block of text in pieces."""
    return block(index, text(""), *({"type": "text_delta", "text": piece} for piece in pieces))


def end(stop_reason: str = "end_turn", usage: Json = USAGE) -> bytes:
    """The event with the stop reason, and the last one."""
    return ending(stop_reason, usage) + event("message_stop")


def ending(stop_reason: str = "end_turn", usage: Json = USAGE) -> bytes:
    """The event with the stop reason."""
    return event("message_delta", delta={"stop_reason": stop_reason, "stop_sequence": None}, usage=usage)


def streamed(*pieces: str) -> tuple[bytes, ...]:
    """A whole answer as a healthy service streams it."""
    return (begin(), PING, spoken(*pieces), end())


def _message(content: Sequence[Json], stop_reason: str | None, usage: Json) -> dict[str, object]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "fault-model",
        "content": [*content],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {**usage},
    }
