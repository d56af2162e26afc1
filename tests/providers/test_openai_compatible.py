"""Does the right question go out, and does the answer come back? Over real sockets, both directions seen."""

import asyncio
import json
import time

import jsonschema_rs
import pytest
from tests.providers.chat import KEY, PROMPT, SCHEMA, TEXT, a_model, a_request

from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Message
from leitstand.domain.price import Usage
from leitstand.providers.output_mode import OutputMode
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer


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


async def test_the_second_try_in_a_weaker_mode_gets_only_the_time_that_is_left(transport):
    def choose(request):
        return faults.late(0.5, refusing(b'"json_schema"')(request))

    with FaultServer(choose=choose) as server:
        began = time.monotonic()
        with pytest.raises(ProviderFailed, match="timeout"):
            await a_model(server, transport).generate(a_request(timeout=0.7))
        assert time.monotonic() - began < 2


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
