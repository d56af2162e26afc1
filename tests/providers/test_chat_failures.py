"""Is every way in which a service can fail read as the failure that it is? None of them shows the key or the prompt."""

import email.utils
import time

import pytest
from tests.providers.chat import KEY, TEXT, a_model, a_request, body, choice, failure

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.price import Usage
from leitstand.testing import faults


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (307, "malformed", False),
        (400, "refused", False),
        (401, "denied", False),
        (402, "quota", False),
        (403, "denied", False),
        (404, "gone", False),
        (408, "timeout", True),
        (409, "overloaded", True),
        (410, "gone", False),
        (413, "context", False),
        (422, "refused", False),
        (425, "overloaded", True),
        (429, "overloaded", True),
        (500, "server_error", True),
        (501, "server_error", False),
        (502, "server_error", True),
        (503, "server_error", True),
        (504, "server_error", True),
        (529, "overloaded", True),
    ],
)
async def test_every_status_has_its_meaning(transport, status, kind, retryable):
    failed = await failure(transport, faults.error(status, "some_code"))
    assert (failed.kind, failed.retryable) == (kind, retryable)
    assert f"HTTP {status} some_code" in str(failed)


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({"retry-after": " 1.5 "}, 1.5, 1.5),
        ({"retry-after": "-3"}, 0, 0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7, 7),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "Mon, 99 Foo 20155 07:28:00 GMT"}, None, None),
        ({}, None, None),
    ],
)
async def test_the_wish_to_wait_is_read_in_all_its_forms(transport, headers, low, high):
    failed = await failure(transport, faults.error(429, headers=headers))
    assert failed.retry_after == low or low <= failed.retry_after <= high


async def test_a_wish_to_wait_until_a_date_counts_from_now(transport):
    until = email.utils.formatdate(time.time() + 600, usegmt=True)
    failed = await failure(transport, faults.error(429, headers={"retry-after": until}))
    assert 500 <= failed.retry_after <= 600


async def test_an_exhausted_account_is_not_asked_again(transport):
    failed = await failure(transport, faults.error(429, "insufficient_quota", {"retry-after": "1"}))
    assert (failed.kind, failed.retryable, failed.retry_after) == ("quota", False, None)


@pytest.mark.parametrize(
    ("behaviour", "kind", "retryable"),
    [
        (faults.html(200), "malformed", True),
        (faults.html(502), "server_error", True),
        (faults.html(404), "gone", False),
        (faults.reply(200, b""), "empty", True),
        (faults.reply(204, b""), "malformed", False),
        (body(b"\xff\xfe{"), "malformed", True),
        (body(b'{"choices": [{"message": {"content": "half'), "malformed", True),
        (body(b'{"a":' * 100_000), "malformed", True),
        (body(["a list"]), "malformed", True),
        (body({"choices": "none"}), "malformed", True),
        (body({}), "empty", True),
        (body({"choices": []}), "empty", True),
        (body({"choices": None}), "empty", True),
        (choice(), "empty", True),
        (choice(message=None), "empty", True),
        (choice(message={"content": None}, finish_reason="tool_calls"), "empty", True),
        (choice(message={"content": "  \n"}, finish_reason="stop"), "empty", True),
        (choice(message={"content": TEXT[:20]}, finish_reason="length"), "truncated", False),
        (choice(message={"content": "x"}, finish_reason="content_filter"), "filtered", False),
        (choice(message={"content": None, "refusal": "I will not."}, finish_reason="stop"), "filtered", False),
        (body({"error": {"message": "no", "code": 429}}), "overloaded", True),
        (body({"error": {"message": "no", "type": "overloaded_error"}}), "overloaded", True),
        (body({"error": {"message": "no", "code": 401}}), "denied", False),
        (body({"error": "it broke"}), "server_error", True),
        (body({"error": {"message": "no"}, "choices": [{"message": {"content": TEXT}}]}), "server_error", True),
        (faults.nothing(), "unreachable", True),
        (faults.garbage(), "unreachable", True),
        (faults.reset(), "unreachable", True),
        (faults.half(TEXT), "unreachable", True),
        (faults.endless(), "unreachable", True),
        (faults.bomb(), "unreachable", True),
        (faults.wrong_length(TEXT, off_by=20), "unreachable", True),
        (faults.wrong_length(TEXT, off_by=-20), "unreachable", True),
    ],
)
async def test_what_only_looks_like_an_answer_is_a_failure(transport, behaviour, kind, retryable):
    failed = await failure(transport, behaviour)
    assert (failed.kind, failed.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    "behaviour", [faults.never(), faults.drip(TEXT, seconds=30), faults.late(9, faults.good(TEXT))]
)
async def test_silence_and_dripping_end_with_the_timeout(transport, behaviour):
    began = time.monotonic()
    failed = await failure(transport, behaviour, timeout=0.5)
    assert (failed.kind, failed.retryable) == ("timeout", True)
    assert time.monotonic() - began < 3


async def test_nobody_there_is_unreachable(transport):
    with pytest.raises(ProviderFailed) as caught:
        await a_model(f"http://user:{KEY}@127.0.0.1:1/v1", transport).generate(a_request())
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", True)
    assert caught.value.usage == Usage.none(), "nothing left, so nothing is billed"
    assert KEY not in str(caught.value)
