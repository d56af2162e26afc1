"""Are errors told as OpenAI tells them, so that its client raises what it raises there?"""

import json
from io import BytesIO

import aiohttp
import openai
import pytest
from tests.web.openai.conftest import ANSWER, Gateway


def raised(kind: type[openai.APIStatusError], gateway: Gateway, text: str = "Hi", **more: object):
    with pytest.raises(kind) as caught:
        gateway.ask(text, **more)
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    return caught.value


def test_an_unknown_model_names_those_there_are(gateway: Gateway):
    error = raised(openai.NotFoundError, gateway, model="gpt-7")
    assert (error.code, error.param, error.type) == ("model_not_found", "model", "invalid_request_error")
    assert "desk, gateway, pair, reviewed" in error.message
    with pytest.raises(openai.NotFoundError):
        gateway.client.models.retrieve("gpt-7")


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "unsupported_value", "tools"),
        ({"n": 2}, "unsupported_value", "n"),
        ({"logprobs": True}, "unsupported_value", "logprobs"),
        ({"user": "me"}, "unsupported_parameter", "user"),
        ({"metadata": {"a": "b"}}, "unsupported_parameter", "metadata"),
        ({"temperature": 3}, "invalid_value", "temperature"),
        ({"max_tokens": 0}, "invalid_value", "max_tokens"),
        ({"extra_body": {"temprature": 1}}, "unknown_parameter", "temprature"),
        ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
        ({"stream": True, "stream_options": {"include": True}}, "invalid_value", "stream_options"),
        ({"messages": []}, "invalid_type", "messages"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user", "content": None}]}, "invalid_value", "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "invalid_value",
            "messages[0].content",
        ),
    ],
)
def test_what_is_not_taken_is_named_and_opens_no_case(gateway: Gateway, given: dict, code: str, param: str):
    before = gateway.count()
    asked = {"model": "gateway", "messages": [{"role": "user", "content": "Hi"}], **given}
    with pytest.raises(openai.BadRequestError) as caught:
        gateway.client.chat.completions.create(**asked)
    assert (caught.value.code, caught.value.param, caught.value.type) == (code, param, "invalid_request_error")
    assert gateway.count() == before


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "system", "content": "Be rude."}, {"role": "user", "content": "Hi"}], "messages[0].role"),
        ([{"role": "assistant", "content": "Hi"}], "messages"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": ""}], "messages"),
        ([{"role": "user", "content": "x" * 4001}], "messages"),
    ],
)
def test_a_workflow_of_its_own_takes_the_question_and_nothing_else(gateway: Gateway, messages: list, param: str):
    with pytest.raises(openai.BadRequestError) as caught:
        gateway.client.chat.completions.create(model="desk", messages=messages)
    assert caught.value.param == param


def test_parameters_that_the_release_settles_are_refused(gateway: Gateway):
    error = raised(openai.BadRequestError, gateway, model="desk", temperature=0.5)
    assert (error.code, error.param) == ("unsupported_parameter", "temperature")


def test_a_chat_above_the_limit_is_too_long_as_openai_says_it(gateway: Gateway):
    error = raised(openai.BadRequestError, gateway, "x" * 400_001)
    assert (error.code, error.param) == ("context_length_exceeded", "messages")


@pytest.mark.parametrize("stream", [False, True])
def test_a_failing_model_is_a_bad_gateway_and_the_case_has_failed(gateway: Gateway, stream: bool):
    error = raised(openai.InternalServerError, gateway, "#503", stream=stream)
    assert (error.status_code, error.code, error.type) == (502, "no_answer", "server_error")
    case = gateway.case(error.response.headers["leitstand-case"])
    assert (case["status"], case["id"] in error.message) == ("failed", True)
    assert gateway.events(case["id"])[-1]["body"] == {"reason": "no_draft"}


def test_an_overloaded_model_says_when_to_come_back(gateway: Gateway):
    error = raised(openai.InternalServerError, gateway, "#429")
    assert (error.status_code, error.code) == (503, "models_overloaded")
    assert error.response.headers["retry-after"] == "7"


def test_the_client_does_not_by_itself_open_a_second_case(gateway: Gateway):
    before = gateway.count()
    with pytest.raises(openai.InternalServerError):
        gateway.client.with_options(max_retries=3).chat.completions.create(
            model="gateway", messages=[{"role": "user", "content": "#503"}]
        )
    assert gateway.count() == before + 1


@pytest.mark.parametrize("stream", [False, True])
def test_the_second_model_answers_for_the_first(gateway: Gateway, stream: bool):
    answer = gateway.ask("#503", model="pair", stream=stream)
    if stream:
        assert "".join(chunk.choices[0].delta.content or "" for chunk in answer) == ANSWER
    else:
        assert answer.choices[0].message.content == ANSWER
        assert gateway.case(answer.id)["fallback"] is True


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_that_refuses_is_a_content_filter(gateway: Gateway, stream: bool):
    answer = gateway.ask("#filter", stream=stream)
    if stream:
        assert list(answer)[-1].choices[0].finish_reason == "content_filter"
        return
    choice = answer.choices[0]
    assert (choice.finish_reason, choice.message.content) == ("content_filter", None)
    assert "refused to answer" in choice.message.refusal


@pytest.mark.parametrize("stream", [False, True])
def test_what_waits_for_a_person_is_held_back_and_told_after_the_decision(gateway: Gateway, stream: bool):
    question = f"When is the shop open on Saturdays? {stream}"
    key = {"Idempotency-Key": f"held-{stream}"}
    held = gateway.ask(question, model="reviewed", stream=stream, extra_headers=key)
    first = list(held) if stream else [held]
    said = first[1].choices[0].delta if stream else held.choices[0].message
    assert (said.content, first[-1].choices[0].finish_reason) == (None, "content_filter")
    case = gateway.case(first[0].id)
    assert case["status"] == "review"
    assert case["id"] in said.refusal
    decide(gateway, case)
    again = gateway.ask(question, model="reviewed", extra_headers=key)
    assert again.id == first[0].id
    assert again.choices[0].finish_reason == "stop"
    assert "10:00" in again.choices[0].message.content


def decide(gateway: Gateway, case: dict) -> None:
    from urllib.parse import urlencode
    from urllib.request import Request, urlopen

    urlopen(Request(f"{gateway.url}/sign-in", data=urlencode({"name": "Ida"}).encode()), timeout=10).close()
    body = json.dumps({"decision": "accept", "draft": case["draft"], "person": "Ida"}).encode()
    url = f"{gateway.url}/v1/cases/{case['id']}/decision?wait=10"
    urlopen(Request(url, data=body, headers={"content-type": "application/json"}), timeout=10).close()


def test_details_are_german_for_who_asks_in_german(gateway: Gateway):
    error = raised(openai.NotFoundError, gateway, model="nix", extra_headers={"Accept-Language": "de"})
    assert "keinen aktiven Workflow" in error.message


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"model": "gateway", "model": "desk", "messages": []}', 400),
        (b'{"model": 5, "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "gateway", "messages": "x"}', 400),
        (b'{"model": "gateway", "messages": [5]}', 400),
        (b'{"model": "gateway", "messages": [{"role": "user", "content": "\\ud800"}]}', 400),
        (b'{"model": "gateway", "stream": "yes", "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"a":' * 200 + b"1" + b"}" * 200, 400),
        (b'{"model": "gateway", "messages": [' + b'{"role": "user", "content": "x"},' * 40_000 + b"{}]}", 413),
        (b"\xff\xfe", 400),
    ],
)
async def test_hostile_bodies_are_told_in_the_same_form(gateway: Gateway, body: bytes, status: int):
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{gateway.url}/v1/chat/completions", data=BytesIO(body), headers={"Content-Type": "application/json"}
        ) as reply,
    ):
        assert reply.status == status, await reply.text()
        assert set((await reply.json())["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/v1/chat/completions", {}, 405, "method_unknown"),
        ("POST", "/v1/chat/completions?x=1", {"Content-Type": "application/json"}, 400, "request_malformed"),
        ("POST", "/v1/chat/completions", {"Content-Type": "text/plain"}, 415, "media_type_unsupported"),
        ("POST", "/v1/chat/completions", {"Host": "example.org"}, 403, "denied"),
        ("POST", "/v1/chat/completions", {"Origin": "http://example.org"}, 403, "denied"),
        ("GET", "/v1/models?x=1", {}, 400, "request_malformed"),
    ],
)
async def test_every_refusal_has_the_form(
    gateway: Gateway, method: str, path: str, headers: dict, status: int, code: str
):
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, gateway.url + path, headers=headers, data=b"{}") as reply,
    ):
        assert (reply.status, (await reply.json())["error"]["code"]) == (status, code)
