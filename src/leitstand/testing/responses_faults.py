"""What does a service that speaks OpenAI's responses send? Bodies and events as they look on the socket.

They go with the behaviours of ``leitstand.testing.faults``: ``reply(200, response(message("Hi")))``,
``events(*streamed("Hi"))``.
"""

import json
from collections.abc import Mapping, Sequence

Json = Mapping[str, object]
USAGE: Json = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 18,
}


def message(said: str) -> Json:
    """An item with a text."""
    return _item({"type": "output_text", "text": said, "annotations": []})


def refusal(said: str) -> Json:
    """An item in which the model refuses."""
    return _item({"type": "refusal", "refusal": said})


def function_call(name: str, arguments: str) -> Json:
    """An item that asks for a tool."""
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": name, "arguments": arguments}
    return {**call, "status": "completed"}


REASONING: Json = {"type": "reasoning", "id": "rs_1", "summary": []}


def reasoning(encrypted: str) -> Json:
    """An item with reasoning that only the service can read."""
    return {**REASONING, "encrypted_content": encrypted}


def response(*output: Json, status: str = "completed", usage: Json | None = USAGE, **fields: object) -> bytes:
    """The JSON of a response; ``fields`` are further ones, such as ``error`` or ``incomplete_details``."""
    return json.dumps(_response(output, status, usage, fields)).encode()


def failed(code: str, said: str = "no") -> bytes:
    """The JSON of a response that failed."""
    return response(status="failed", usage=None, error={"code": code, "message": said})


def incomplete(reason: str, *output: Json) -> bytes:
    """The JSON of a response that was cut off."""
    return response(*output, status="incomplete", incomplete_details={"reason": reason})


def event(kind: str, **fields: object) -> bytes:
    """One event of a stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 1, **fields})}\n\n".encode()


def delta(piece: str, kind: str = "response.output_text.delta") -> bytes:
    """The event with a piece of the text."""
    return event(kind, item_id="msg_1", output_index=0, content_index=0, delta=piece, logprobs=[])


def last(whole: bytes) -> bytes:
    """The event that ends a stream, with the whole response in it."""
    held = json.loads(whole)
    return event(f"response.{held['status']}", response=held)


def streamed(*pieces: str, whole: bytes | None = None) -> tuple[bytes, ...]:
    """An answer as a healthy service streams it, or one that ends with another response than the whole text."""
    begun = event("response.created", response=json.loads(response(status="in_progress", usage=None)))
    return (begun, *(delta(piece) for piece in pieces), last(whole or response(message("".join(pieces)))))


def _item(part: Json) -> Json:
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def _response(output: Sequence[Json], status: str, usage: Json | None, fields: Json) -> dict[str, object]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "model": "fault-model",
        "output": [*output],
        "error": None,
        "incomplete_details": None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage and {**usage},
        **fields,
    }
