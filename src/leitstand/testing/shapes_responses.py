"""What do services send that speak OpenAI's responses?"""

from leitstand.testing import faults
from leitstand.testing.faults import events, reply
from leitstand.testing.responses_faults import (
    REASONING,
    delta,
    event,
    failed,
    function_call,
    incomplete,
    last,
    message,
    refusal,
    response,
    streamed,
)
from leitstand.testing.shapes import Row, shapes
from leitstand.testing.shapes_chat import error

HELLO = message("Hello")
CALL = function_call("look_up", '{"a": 1}')
CUT = incomplete("max_output_tokens", message("Hel"))
FILTERED = incomplete("content_filter", message("Hel"))

ANSWERS: tuple[Row, ...] = (
    ("completed", "a whole answer", reply(200, response(HELLO)), "completed", "answer: stop"),
    ("reasoning", "reasoning before it", reply(200, response(REASONING, HELLO)), "completed", "answer: stop"),
    ("function_call", "a call of a tool", reply(200, response(CALL)), "completed", "answer: tool_calls"),
    ("max_output_tokens", "cut off at the token limit", reply(200, CUT), "incomplete", "truncated"),
    ("content_filter", "incomplete: content_filter", reply(200, FILTERED), "incomplete", "filtered"),
    ("refusal", "a part in which the model refuses", reply(200, response(refusal("No."))), "completed", "filtered"),
    ("no_output", "completed without output", reply(200, response()), "completed", "empty (may pass)"),
    ("failed", "failed: server_error", reply(200, failed("server_error")), "failed", "server_error (may pass)"),
    (
        "failed_rate",
        "failed: rate_limit_exceeded",
        reply(200, failed("rate_limit_exceeded")),
        "failed",
        "overloaded (may pass)",
    ),
    ("failed_prompt", "failed: invalid_prompt", reply(200, failed("invalid_prompt")), "failed", "filtered"),
    ("failed_policy", "failed: bio_policy", reply(200, failed("bio_policy")), "failed", "filtered"),
    ("in_progress", "not finished", reply(200, response(status="in_progress")), "in_progress", "malformed (may pass)"),
    ("cancelled", "cancelled", reply(200, response(status="cancelled")), "cancelled", "malformed (may pass)"),
    ("html_200", "a web page with status 200", faults.html(200), "nothing", "malformed (may pass)"),
)

ERRORS: tuple[Row, ...] = (
    ("context", "400 context_length_exceeded", error(400, "context_length_exceeded"), "BadRequestError", "context"),
    ("bad_request", "400", error(400, None), "BadRequestError", "refused"),
    ("key", "401 invalid_api_key", error(401, "invalid_api_key"), "AuthenticationError", "denied"),
    ("rights", "403", error(403, None), "PermissionDeniedError", "denied"),
    ("model", "404 model_not_found", error(404, "model_not_found"), "NotFoundError", "gone"),
    ("rate", "429 rate_limit_exceeded", error(429, "rate_limit_exceeded"), "RateLimitError", "overloaded (may pass)"),
    ("quota", "429 insufficient_quota", error(429, "insufficient_quota"), "RateLimitError", "quota"),
    ("server_error", "500", error(500, "server_error"), "InternalServerError", "server_error (may pass)"),
    ("reset", "the connection is reset", faults.reset(), "APIConnectionError", "unreachable (may pass)"),
    ("silence", "no reply", faults.never(), "APITimeoutError", "timeout (may pass)"),
)

STREAMS: tuple[Row, ...] = (
    ("completed", "a whole answer", events(*streamed("Hel", "lo")), "completed", "answer: stop"),
    ("no_pieces", "the text in the last event only", events(last(response(HELLO))), "completed", "answer: stop"),
    ("function_call", "a call of a tool", events(*streamed(whole=response(CALL))), "completed", "answer: tool_calls"),
    ("incomplete", "cut off at the token limit", events(*streamed("Hel", whole=CUT)), "incomplete", "truncated"),
    ("filtered", "filtered half way", events(*streamed("Hel", whole=FILTERED)), "incomplete", "filtered"),
    (
        "refusal",
        "a refusal in pieces",
        events(delta("No.", "response.refusal.delta"), last(response(refusal("No.")))),
        "completed",
        "filtered",
    ),
    (
        "failed",
        "response.failed",
        events(*streamed("Hel", whole=failed("server_error"))),
        "failed",
        "server_error (may pass)",
    ),
    (
        "error",
        "an error event, its fields at the top",
        events(delta("Hel"), event("error", code="rate_limit_exceeded", message="no", param=None)),
        "error",
        "overloaded (may pass)",
    ),
    (
        "error_nested",
        "an error event with an error object",
        events(delta("Hel"), event("error", error={"type": "server_error", "code": "server_error", "message": "no"})),
        "APIError",
        "server_error (may pass)",
    ),
    (
        "error_context",
        "the context is too small",
        events(event("error", code="context_length_exceeded", message="no", param="input")),
        "error",
        "context",
    ),
    ("broken_off", "an end without a last event", events(delta("Hel")), "nothing", "unreachable (may pass)"),
    ("nothing", "no event at all", events(), "nothing", "empty (may pass)"),
    ("garbage", "an event that is no JSON", events(b"data: {]\n\n"), "JSONDecodeError", "malformed (may pass)"),
    ("reset", "reset half way", events(delta("Hel"), then="reset"), "APIConnectionError", "unreachable (may pass)"),
    ("silence", "silence half way", events(delta("Hel"), then="silent"), "APITimeoutError", "timeout (may pass)"),
)

RESPONSES = (*shapes("responses", ANSWERS + ERRORS), *shapes("responses", STREAMS, streamed=True))
