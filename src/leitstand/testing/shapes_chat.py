"""What do services send that speak OpenAI's chat completions?"""

import json
from collections.abc import Mapping

from leitstand.testing import faults
from leitstand.testing.faults import Behaviour, chunk, events, reply
from leitstand.testing.shapes import Row, shapes

DONE = b"data: [DONE]\n\n"
END = chunk(finish_reason="stop")
STOPPED = (chunk("Hel"), chunk("lo"), END, DONE)
CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": '{"a": 1}'}}


def error(status: int, code: str | None, kind: str = "", headers: Mapping[str, str] | None = None) -> Behaviour:
    """Refuse as OpenAI does, with its request id."""
    body = {"error": {"message": "no", "type": kind or "invalid_request_error", "param": None, "code": code}}
    return reply(status, json.dumps(body).encode(), {"x-request-id": "req_1", **(headers or {})})


def said(message: str, *, kind: str = "invalid_request_error") -> Behaviour:
    """Refuse with 400 and a reason that only the message tells."""
    return reply(400, json.dumps({"error": {"message": message, "type": kind, "code": None}}).encode())


def choice(finish_reason: str | None, **message: object) -> Behaviour:
    """Answer with one choice, and a message with these fields."""
    whole = json.loads(faults.completion(None, finish_reason=finish_reason))
    whole["choices"][0]["message"] |= message
    return reply(200, json.dumps(whole).encode())


def delta(finish_reason: str | None = None, **fields: object) -> bytes:
    """A piece of a stream with these fields in its delta."""
    return chunk(choices=[{"index": 0, "delta": fields, "finish_reason": finish_reason}])


AZURE_FILTER = {
    "error": {
        "message": "The response was filtered",
        "type": None,
        "code": "content_filter",
        "innererror": {"code": "ResponsibleAIPolicyViolation"},
    }
}
OLD_VLLM = {"object": "error", "message": "This model's maximum context length is 10", "type": "BadRequestError"}
GOOGLE = [{"error": {"code": 429, "message": "no", "status": "RESOURCE_EXHAUSTED"}}]

ANSWERS: tuple[Row, ...] = (
    ("stop", "a whole answer", faults.good("Hello"), "stop", "answer: stop"),
    ("tool_calls", "a call of a tool", choice("tool_calls", tool_calls=[CALL]), "tool_calls", "answer: tool_calls"),
    ("length", "cut off at the token limit", choice("length", content="Hel"), "length", "truncated"),
    ("content_filter", "finish reason content_filter", choice("content_filter"), "content_filter", "filtered"),
    ("refusal", "a refusal in place of the text", choice("stop", refusal="I will not."), "stop", "filtered"),
    ("null_content", "a message without a text", choice("stop"), "stop", "empty (may pass)"),
    ("no_choices", "no choices", reply(200, b'{"choices": []}'), "nothing", "empty (may pass)"),
    (
        "error_in_200",
        "an error object with status 200",
        reply(200, b'{"error": {"message": "no", "code": 502}}'),
        "nothing",
        "server_error (may pass)",
    ),
    ("html_200", "a web page with status 200", faults.html(200), "nothing", "malformed (may pass)"),
    ("half_json", "JSON that ends early", reply(200, b'{"choices": [{'), "JSONDecodeError", "malformed (may pass)"),
)

ERRORS: tuple[Row, ...] = (
    ("bad_request", "400", error(400, None), "BadRequestError", "refused"),
    ("context", "400 context_length_exceeded", error(400, "context_length_exceeded"), "BadRequestError", "context"),
    (
        "context_in_words",
        "400, the message says so",
        said("maximum context length is 10"),
        "BadRequestError",
        "context",
    ),
    ("context_vllm", "400, not nested", reply(400, json.dumps(OLD_VLLM).encode()), "BadRequestError", "context"),
    ("policy", "400 content_policy_violation", error(400, "content_policy_violation"), "BadRequestError", "filtered"),
    ("filter_azure", "400, filtered", reply(400, json.dumps(AZURE_FILTER).encode()), "BadRequestError", "filtered"),
    ("invalid_prompt", "400 invalid_prompt", error(400, "invalid_prompt"), "BadRequestError", "filtered"),
    ("key", "401 invalid_api_key", error(401, "invalid_api_key"), "AuthenticationError", "denied"),
    ("country", "403", error(403, "unsupported_country_region_territory"), "PermissionDeniedError", "denied"),
    ("model", "404 model_not_found", error(404, "model_not_found"), "NotFoundError", "gone"),
    ("model_in_400", "400 model_decommissioned", error(400, "model_decommissioned"), "BadRequestError", "gone"),
    ("request_timeout", "408", error(408, None), "APIStatusError", "timeout (may pass)"),
    ("conflict", "409", error(409, None), "ConflictError", "overloaded (may pass)"),
    ("too_large", "413", error(413, None), "APIStatusError", "context"),
    ("unprocessable", "422", error(422, None), "UnprocessableEntityError", "refused"),
    ("rate", "429 rate_limit_exceeded", error(429, "rate_limit_exceeded"), "RateLimitError", "overloaded (may pass)"),
    (
        "rate_google",
        "429 in a list",
        reply(429, json.dumps(GOOGLE).encode()),
        "RateLimitError",
        "overloaded (may pass)",
    ),
    ("quota", "429 insufficient_quota", error(429, "insufficient_quota"), "RateLimitError", "quota"),
    (
        "told_to_stop",
        "429 with x-should-retry: false",
        error(429, None, headers={"x-should-retry": "false"}),
        "RateLimitError",
        "overloaded",
    ),
    (
        "told_to_go_on",
        "400 with x-should-retry: true",
        error(400, None, headers={"x-should-retry": "true"}),
        "BadRequestError",
        "refused (may pass)",
    ),
    (
        "server_error",
        "500 server_error",
        error(500, None, "server_error"),
        "InternalServerError",
        "server_error (may pass)",
    ),
    ("gateway", "502 with a web page", faults.html(502), "InternalServerError", "server_error (may pass)"),
    ("slow_down", "503 slow_down", error(503, "slow_down"), "InternalServerError", "overloaded (may pass)"),
    ("gateway_timeout", "504", error(504, None), "InternalServerError", "server_error (may pass)"),
    ("reset", "the connection is reset", faults.reset(), "APIConnectionError", "unreachable (may pass)"),
    ("nothing", "the connection closes at once", faults.nothing(), "APIConnectionError", "unreachable (may pass)"),
    ("half", "the body is half of what was told", faults.half("Hello"), "APIConnectionError", "unreachable (may pass)"),
    ("silence", "no reply", faults.never(), "APITimeoutError", "timeout (may pass)"),
)

STREAMS: tuple[Row, ...] = (
    ("stop", "a whole answer", events(*STOPPED), "stop", "answer: stop"),
    ("no_done", "a whole answer without [DONE]", events(*STOPPED[:-1]), "stop", "answer: stop"),
    (
        "crlf",
        "lines that end with CR LF",
        events(*(e.replace(b"\n", b"\r\n") for e in STOPPED)),
        "stop",
        "answer: stop",
    ),
    ("comments", "comments between the events", events(b": hold on\n\n", *STOPPED), "stop", "answer: stop"),
    (
        "usage",
        "an event with usage and no choices",
        events(
            *STOPPED[:3], chunk(choices=[], usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}), DONE
        ),
        "stop",
        "answer: stop",
    ),
    (
        "tool_calls",
        "a call of a tool in pieces",
        events(delta(tool_calls=[CALL]), chunk(finish_reason="tool_calls"), DONE),
        "tool_calls",
        "answer: tool_calls",
    ),
    ("whole", "a whole answer in place of a stream", faults.good("Hello"), "nothing", "answer: stop"),
    (
        "length",
        "cut off at the token limit",
        events(chunk("Hel"), chunk(finish_reason="length")),
        "length",
        "truncated",
    ),
    ("content_filter", "filtered half way", events(chunk("H"), delta("content_filter")), "content_filter", "filtered"),
    ("refusal", "a refusal in pieces", events(delta(refusal="No."), END, DONE), "stop", "filtered"),
    (
        "error",
        "an error half way",
        events(chunk("Hel"), b'data: {"error": {"message": "no", "code": "server_error"}}\n\n'),
        "APIError",
        "server_error (may pass)",
    ),
    (
        "error_rate",
        "the rate limit half way",
        events(chunk("Hel"), b'event: error\ndata: {"error": {"type": "rate_limit_exceeded"}}\n\n'),
        "APIError",
        "overloaded (may pass)",
    ),
    ("no_reason", "an end without a finish reason", events(chunk("Hel"), DONE), "nothing", "unreachable (may pass)"),
    ("nothing", "no event at all", events(), "nothing", "empty (may pass)"),
    ("garbage", "an event that is no JSON", events(b"data: {]\n\n"), "JSONDecodeError", "malformed (may pass)"),
    (
        "reset",
        "the connection is reset half way",
        events(chunk("Hel"), then="reset"),
        "APIConnectionError",
        "unreachable (may pass)",
    ),
    ("silence", "silence half way", events(chunk("Hel"), then="silent"), "APITimeoutError", "timeout (may pass)"),
    ("rate", "429 before it began", error(429, "rate_limit_exceeded"), "RateLimitError", "overloaded (may pass)"),
)

CHAT = (*shapes("chat", ANSWERS + ERRORS), *shapes("chat", STREAMS, streamed=True))
