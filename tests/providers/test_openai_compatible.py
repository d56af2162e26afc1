"""Is every way in which a service answers, or fails to, read as what it is? Over real sockets, both directions seen."""

import asyncio
import email.utils
import json
import time

import jsonschema_rs
import pytest
import pytest_asyncio

from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Grounding, Message, Request, Usage
from leitstand.domain.workflow import Target
from leitstand.providers.openai_compatible import OpenaiCompatible, OutputMode
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.pyreqwest import PyreqwestTransport

KEY = "sk-proj-never-show-this-1234"
PROMPT = "Wie mache ich ein Bildschirmfoto? Geheimnis 4711"
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "citations": {"type": "array", "items": {"type": "integer"}}},
    "required": ["answer", "citations"],
    "additionalProperties": False,
}
TEXT = json.dumps({"answer": "Druck drücken. [1]", "citations": [1]})


@pytest_asyncio.fixture
async def transport():
    transport = PyreqwestTransport()
    yield transport
    await transport.close()


def a_request(**changes):
    values = {
        "model": "small-1",
        "messages": (Message(role="system", content="Answer."), Message(role="user", content=PROMPT)),
        "schema": SCHEMA,
        "grounding": Grounding(question=PROMPT, language="de", passages=()),
        "timeout": 5.0,
        "key": "case-1-1",
    }
    return Request(**values | changes)


def a_model(server, transport, key=KEY, **options):
    url = server if isinstance(server, str) else server.url + "/v1"
    target = Target(provider="openai_compatible", model="small-1", base_url=url, options=options)
    return OpenaiCompatible(target, transport, key)


async def failure(transport, behaviour, **request):
    """The failure that a behaviour of the service becomes; never holds the key or the prompt."""
    with FaultServer(behaviour) as server, pytest.raises(ProviderFailed) as caught:
        await a_model(server, transport).generate(a_request(**request))
    assert KEY not in str(caught.value)
    assert "4711" not in str(caught.value)
    return caught.value


async def test_the_question_goes_out_and_the_answer_comes_back(transport):
    with FaultServer(faults.good(TEXT)) as server:
        deltas = []
        answer = await a_model(server, transport).generate(a_request(), deltas.append)
        sent = server.requests[0]
    assert (answer.text, answer.model, answer.finish_reason) == (TEXT, "fault-model", "stop")
    assert answer.usage == Usage(input_tokens=11, output_tokens=7)
    assert deltas == [TEXT]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["idempotency-key"] == "case-1-1"
    body = json.loads(sent.body)
    assert body["model"] == "small-1"
    assert body["temperature"] == 0
    assert body["messages"][1] == {"role": "user", "content": PROMPT}
    assert body["response_format"]["json_schema"] == {"name": "output", "schema": SCHEMA, "strict": True}


async def test_without_a_key_there_is_no_header(transport):
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server, transport, key=None).generate(a_request())
        assert "authorization" not in server.requests[0].headers


async def test_options_reach_the_body_and_free_text_asks_for_no_format(transport):
    with FaultServer(faults.good("Hallo.")) as server:
        model = a_model(server, transport, temperature="default", max_tokens=50, seed=7)
        await model.generate(a_request(schema=None))
        body = json.loads(server.requests[0].body)
    assert body["max_tokens"] == 50
    assert body["seed"] == 7
    assert "temperature" not in body
    assert "response_format" not in body


async def test_a_schema_that_leaves_things_open_is_not_called_strict(transport):
    opened = {**SCHEMA, "required": ["answer"]}
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server, transport).generate(a_request(schema=opened))
        assert json.loads(server.requests[0].body)["response_format"]["json_schema"]["strict"] is False


@pytest.mark.parametrize(
    "options", [{"temprature": 0.5}, {"max_tokens": "many"}, {"json_schema": 1}, {"temperature": "hot"}]
)
def test_unknown_and_wrong_options_are_named(options):
    with pytest.raises(SettingInvalid, match="Known options: json_schema, temperature"):
        a_model("http://127.0.0.1:1/v1", None, **options)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://x/v1", "http://", "http://x:port/v1", "file:///etc/passwd"])
def test_an_address_that_cannot_be_called_is_refused_at_once(url):
    with pytest.raises(SettingInvalid, match="base_url"):
        a_model(url, None)


@pytest.mark.parametrize("key", ["a\r\nx: y", "schlüssel", "a\0b"])
def test_a_key_that_fits_no_header_is_refused_unshown(key):
    with pytest.raises(SettingInvalid) as caught:
        a_model("http://127.0.0.1:1/v1", None, key=key)
    assert key not in str(caught.value)


def refusing(*words):
    """A service that refuses requests whose body holds one of the words, in the words of services."""

    def choose(request):
        if any(word in request.body for word in words):
            message = {"error": {"message": "'response_format.type' must be 'text'", "code": "invalid_request_error"}}
            return faults.reply(400, json.dumps(message).encode())
        return faults.good(TEXT)

    return choose


async def test_a_service_without_schema_mode_is_asked_in_a_weaker_one_from_then_on(transport):
    with FaultServer(choose=refusing(b'"json_schema"')) as server:
        model = a_model(server, transport)
        for _ in range(2):
            assert (await model.generate(a_request())).text == TEXT
        bodies = [json.loads(request.body) for request in server.requests]
    assert model.mode is OutputMode.OBJECT
    assert [body["response_format"]["type"] for body in bodies] == ["json_schema", "json_object", "json_object"]
    assert json.dumps(SCHEMA, separators=(",", ":")) in bodies[1]["messages"][0]["content"]


async def test_a_service_without_any_json_mode_gets_the_schema_in_the_prompt(transport):
    with FaultServer(choose=refusing(b"response_format")) as server:
        model = a_model(server, transport)
        assert (await model.generate(a_request())).text == TEXT
        assert (await model.generate(a_request())).text == TEXT
        assert len(server.requests) == 4
        assert "response_format" not in json.loads(server.requests[3].body)
    assert model.mode is OutputMode.TEXT


async def test_schema_mode_can_be_switched_off(transport):
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server, transport, json_schema=False).generate(a_request())
        assert json.loads(server.requests[0].body)["response_format"] == {"type": "json_object"}


async def test_another_400_changes_no_mode(transport):
    with FaultServer(faults.error(400, "context_length_exceeded")) as server:
        model = a_model(server, transport)
        with pytest.raises(ProviderFailed, match="context_length_exceeded"):
            await model.generate(a_request())
        assert (model.mode, len(server.requests)) == (OutputMode.SCHEMA, 1)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (307, "malformed", False),
        (400, "refused", False),
        (401, "refused", False),
        (402, "refused", False),
        (403, "refused", False),
        (404, "refused", False),
        (408, "timeout", True),
        (409, "overloaded", True),
        (413, "refused", False),
        (422, "refused", False),
        (425, "overloaded", True),
        (429, "overloaded", True),
        (500, "server_error", True),
        (501, "server_error", False),
        (502, "server_error", True),
        (503, "server_error", True),
        (504, "server_error", True),
        (529, "server_error", True),
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
        ({"retry-after": email.utils.formatdate(time.time() + 600, usegmt=True)}, 500, 600),
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


async def test_an_exhausted_account_is_not_asked_again(transport):
    failed = await failure(transport, faults.error(429, "insufficient_quota", {"retry-after": "1"}))
    assert (failed.kind, failed.retryable, failed.retry_after) == ("refused", False, None)


def body(value):
    return faults.reply(200, value if isinstance(value, bytes) else json.dumps(value).encode())


def choice(**fields):
    return body({"choices": [fields]})


@pytest.mark.parametrize(
    ("behaviour", "kind", "retryable"),
    [
        (faults.html(200), "malformed", True),
        (faults.html(502), "server_error", True),
        (faults.html(404), "refused", False),
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
        (choice(message={"content": "x"}, finish_reason="content_filter"), "refused", False),
        (choice(message={"content": None, "refusal": "I will not."}, finish_reason="stop"), "refused", False),
        (body({"error": {"message": "no", "code": 429}}), "overloaded", True),
        (body({"error": {"message": "no", "type": "overloaded_error"}}), "overloaded", True),
        (body({"error": {"message": "no", "code": 401}}), "refused", False),
        (body({"error": "it broke"}), "server_error", True),
        (body({"error": {"message": "no"}, "choices": [{"message": {"content": TEXT}}]}), "server_error", True),
        (faults.nothing(), "unreachable", True),
        (faults.garbage(), "unreachable", True),
        (faults.reset(), "unreachable", True),
        (faults.half(TEXT), "unreachable", True),
        (faults.endless(), "unreachable", True),
        (faults.bomb(), "unreachable", True),
        (faults.wrong_length(TEXT, off_by=20), "unreachable", True),
        (faults.wrong_length(TEXT, off_by=-20), "malformed", True),
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


async def test_the_second_try_in_a_weaker_mode_gets_only_the_time_that_is_left(transport):
    def choose(request):
        return faults.late(0.5, refusing(b"response_format")(request))

    with FaultServer(choose=choose) as server:
        began = time.monotonic()
        with pytest.raises(ProviderFailed, match="timeout"):
            await a_model(server, transport).generate(a_request(timeout=0.7))
        assert time.monotonic() - began < 2


async def test_nobody_there_is_unreachable(transport):
    with pytest.raises(ProviderFailed) as caught:
        await a_model(f"http://user:{KEY}@127.0.0.1:1/v1", transport).generate(a_request())
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", True)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        (None, Usage()),
        ({"prompt_tokens": 5}, Usage(input_tokens=5)),
        ({"prompt_tokens": -5, "completion_tokens": 0}, Usage(output_tokens=0)),
        ({"prompt_tokens": "5"}, Usage()),
    ],
)
async def test_missing_and_impossible_counts_are_unknown(transport, usage, read):
    with FaultServer(faults.reply(200, faults.completion(TEXT, usage=usage, finish_reason=None))) as server:
        answer = await a_model(server, transport).generate(a_request())
    assert (answer.usage, answer.finish_reason) == (read, "unknown")


async def test_content_in_parts_is_put_together(transport):
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": "Hal"}, {"type": "text", "text": "lo"}]
    with FaultServer(choice(message={"content": parts}, finish_reason="stop")) as server:
        answer = await a_model(server, transport).generate(a_request())
    assert (answer.text, answer.model) == ("Hallo", "small-1")


async def test_sixty_four_questions_at_once_get_their_own_answers(transport):
    def choose(request):
        return faults.good(json.loads(request.body)["messages"][0]["content"])

    with FaultServer(choose=choose) as server:
        model = a_model(server, transport)
        asked = [a_request(messages=(Message(role="user", content=f"n{number}"),)) for number in range(64)]
        answers = await asyncio.gather(*(model.generate(request) for request in asked))
    assert [answer.text for answer in answers] == [f"n{number}" for number in range(64)]


def test_the_answers_used_here_fit_the_schema():
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(TEXT))
