"""What do services send that speak Anthropic's messages?"""

from leitstand.testing import faults
from leitstand.testing.anthropic_faults import (
    PING,
    begin,
    block,
    end,
    ending,
    error,
    error_event,
    message,
    spoken,
    streamed,
    text,
    tool_use,
)
from leitstand.testing.faults import events, reply
from leitstand.testing.shapes import Row, shapes

HELLO = text("Hello")
HEL = text("Hel")
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "x"}
CALL = tool_use("look_up", {"a": 1})
FULL = "model_context_window_exceeded"
TOO_LONG = "prompt is too long: 200001 tokens > 200000 maximum"
NO_MONEY = "Your credit balance is too low to access the API."

ANSWERS: tuple[Row, ...] = (
    ("end_turn", "a whole answer", reply(200, message(HELLO)), "end_turn", "answer: stop"),
    (
        "stop_sequence",
        "a stop sequence",
        reply(200, message(HELLO, stop_reason="stop_sequence")),
        "stop_sequence",
        "answer: stop",
    ),
    ("thinking", "thinking before it", reply(200, message(THOUGHT, HELLO)), "end_turn", "answer: stop"),
    (
        "tool_use",
        "a call of a tool",
        reply(200, message(CALL, stop_reason="tool_use")),
        "tool_use",
        "answer: tool_calls",
    ),
    (
        "max_tokens",
        "cut off at the token limit",
        reply(200, message(HEL, stop_reason="max_tokens")),
        "max_tokens",
        "truncated",
    ),
    ("context_window", "the context is full", reply(200, message(HEL, stop_reason=FULL)), FULL, "context"),
    ("refusal", "the model refuses", reply(200, message(stop_reason="refusal")), "refusal", "filtered"),
    (
        "pause_turn",
        "a turn that paused",
        reply(200, message(HEL, stop_reason="pause_turn")),
        "pause_turn",
        "truncated (may pass)",
    ),
    ("no_content", "no content", reply(200, message()), "end_turn", "empty (may pass)"),
    ("html_200", "a web page with status 200", faults.html(200), "nothing", "malformed (may pass)"),
)

ERRORS: tuple[Row, ...] = (
    ("bad_request", "400 invalid_request_error", error(400, "invalid_request_error"), "BadRequestError", "refused"),
    (
        "context",
        "400, the prompt is too long",
        error(400, "invalid_request_error", TOO_LONG),
        "BadRequestError",
        "context",
    ),
    ("credit", "400, no money left", error(400, "invalid_request_error", NO_MONEY), "BadRequestError", "quota"),
    ("key", "401 authentication_error", error(401, "authentication_error"), "AuthenticationError", "denied"),
    ("billing", "402 billing_error", error(402, "billing_error"), "APIStatusError", "quota"),
    ("rights", "403 permission_error", error(403, "permission_error"), "PermissionDeniedError", "denied"),
    ("model", "404 not_found_error", error(404, "not_found_error"), "NotFoundError", "gone"),
    ("conflict", "409", error(409, "invalid_request_error"), "ConflictError", "overloaded (may pass)"),
    ("too_large", "413 request_too_large", error(413, "request_too_large"), "RequestTooLargeError", "context"),
    ("unprocessable", "422", error(422, "invalid_request_error"), "UnprocessableEntityError", "refused"),
    ("rate", "429 rate_limit_error", error(429, "rate_limit_error"), "RateLimitError", "overloaded (may pass)"),
    (
        "told_to_stop",
        "429 with x-should-retry: false",
        error(429, "rate_limit_error", headers={"x-should-retry": "false"}),
        "RateLimitError",
        "overloaded",
    ),
    ("api_error", "500 api_error", error(500, "api_error"), "InternalServerError", "server_error (may pass)"),
    ("unavailable", "503", error(503, "api_error"), "InternalServerError", "server_error (may pass)"),
    ("timeout", "504 timeout_error", error(504, "timeout_error"), "InternalServerError", "server_error (may pass)"),
    ("overloaded", "529 overloaded_error", error(529, "overloaded_error"), "OverloadedError", "overloaded (may pass)"),
    ("gateway", "502 with a web page", faults.html(502), "InternalServerError", "server_error (may pass)"),
    ("reset", "the connection is reset", faults.reset(), "APIConnectionError", "unreachable (may pass)"),
    ("silence", "no reply", faults.never(), "APITimeoutError", "timeout (may pass)"),
)

STREAMS: tuple[Row, ...] = (
    ("end_turn", "a whole answer with a ping", events(*streamed("Hel", "lo")), "end_turn", "answer: stop"),
    (
        "thinking",
        "thinking in pieces before it",
        events(
            begin(),
            block(
                0, {"type": "thinking", "thinking": "", "signature": ""}, {"type": "thinking_delta", "thinking": "Hm."}
            ),
            spoken("Hello", index=1),
            end(),
        ),
        "end_turn",
        "answer: stop",
    ),
    (
        "tool_use",
        "a call of a tool, its input in pieces",
        events(
            begin(),
            block(
                0,
                tool_use("look_up", {}),
                {"type": "input_json_delta", "partial_json": '{"a"'},
                {"type": "input_json_delta", "partial_json": ": 1}"},
            ),
            end("tool_use"),
        ),
        "tool_use",
        "answer: tool_calls",
    ),
    (
        "no_stop",
        "a whole answer without message_stop",
        events(begin(), spoken("Hello"), ending()),
        "end_turn",
        "answer: stop",
    ),
    (
        "unknown_event",
        "an event of a later API",
        events(begin(), b"event: x\ndata: {}\n\n", spoken("Hello"), end()),
        "end_turn",
        "answer: stop",
    ),
    (
        "max_tokens",
        "cut off at the token limit",
        events(begin(), spoken("Hel"), end("max_tokens")),
        "max_tokens",
        "truncated",
    ),
    ("context_window", "the context is full", events(begin(), spoken("Hel"), end(FULL)), FULL, "context"),
    ("refusal", "the model refuses half way", events(begin(), spoken("Hel"), end("refusal")), "refusal", "filtered"),
    (
        "pause_turn",
        "a turn that paused",
        events(begin(), spoken("Hel"), end("pause_turn")),
        "pause_turn",
        "truncated (may pass)",
    ),
    (
        "overloaded",
        "overloaded_error half way",
        events(begin(), error_event("overloaded_error")),
        "APIStatusError",
        "overloaded (may pass)",
    ),
    (
        "api_error",
        "api_error half way",
        events(begin(), spoken("Hel"), error_event("api_error")),
        "APIStatusError",
        "server_error (may pass)",
    ),
    (
        "context",
        "too long, found half way",
        events(begin(), error_event("invalid_request_error", TOO_LONG)),
        "APIStatusError",
        "context",
    ),
    (
        "broken_off",
        "an end without a stop reason",
        events(begin(), PING, spoken("Hel")),
        "nothing",
        "unreachable (may pass)",
    ),
    ("nothing", "no event at all", events(), "nothing", "empty (may pass)"),
    (
        "garbage",
        "an event that is no JSON",
        events(b"event: message_stop\ndata: {]\n\n"),
        "JSONDecodeError",
        "malformed (may pass)",
    ),
    (
        "reset",
        "reset half way",
        events(begin(), spoken("Hel"), then="reset"),
        "ReadError",
        "unreachable (may pass)",
    ),
    ("silence", "silence half way", events(begin(), then="silent"), "ReadTimeout", "timeout (may pass)"),
    ("rate", "429 before it began", error(429, "rate_limit_error"), "RateLimitError", "overloaded (may pass)"),
)

MESSAGES = (*shapes("messages", ANSWERS + ERRORS), *shapes("messages", STREAMS, streamed=True))
