"""Does the right question go out to OpenAI's responses, and does the answer come back with all that was counted?"""

import json

import pytest
from tests.providers.chat import KEY, PROMPT, SCHEMA, TEXT, a_request

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import ToolCall, ToolOffer, ToolRound
from leitstand.domain.price import Usage
from leitstand.providers.openai_responses import OpenaiResponses
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.responses_faults import (
    REASONING,
    delta,
    function_call,
    last,
    message,
    reasoning,
    response,
    streamed,
)

GOOD = faults.reply(200, response(message(TEXT)))
OFFER = ToolOffer(name="look_up", description="Looks it up.", parameters={"type": "object"})


def a_model(server, transport, key=KEY, **options):
    target = Target(provider="openai_responses", model="small-1", base_url=server.url + "/v1", options=options)
    return OpenaiResponses(target, transport, key)


async def asked(transport, behaviour=GOOD, *, of_target=None, **request):
    """What goes out, as JSON, and what comes back."""
    with FaultServer(behaviour) as server:
        answer = await a_model(server, transport, **(of_target or {})).generate(a_request(**request))
        return json.loads(server.requests[0].body), answer


async def test_the_question_goes_out_in_the_words_of_the_api_and_nothing_is_to_be_stored(transport):
    with FaultServer(GOOD) as server:
        answer = await a_model(server, transport).generate(a_request())
        sent = server.requests[0]
    assert (answer.text, answer.model, answer.finish_reason) == (TEXT, "fault-model", "stop")
    assert (sent.path, sent.headers["authorization"]) == ("/v1/responses", f"Bearer {KEY}")
    assert json.loads(sent.body) == {
        "model": "small-1",
        "input": [{"role": "system", "content": "Answer."}, {"role": "user", "content": PROMPT}],
        "store": False,
        "text": {"format": {"type": "json_schema", "name": "output", "schema": SCHEMA, "strict": True}},
    }


def test_the_address_need_not_be_given():
    assert Target(provider="openai_responses", model="m").base_url == "https://api.openai.com/v1"


async def test_options_of_the_target_and_of_the_caller(transport):
    of_target = {"reasoning_effort": "low", "verbosity": "low", "max_output_tokens": 100, "temperature": 1.0}
    body, _ = await asked(transport, of_target=of_target, schema=None)
    assert (body["reasoning"], body["text"], body["max_output_tokens"]) == (
        {"effort": "low"},
        {"verbosity": "low"},
        100,
    )
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    of_caller = {"max_tokens": 5, "reasoning_effort": "high", "presence_penalty": 0, "response_format": form}
    body, _ = await asked(transport, of_target=of_target, schema=None, options=of_caller)
    assert (body["reasoning"], body["max_output_tokens"], body["temperature"]) == ({"effort": "high"}, 5, 1.0)
    assert body["text"]["format"] == {"type": "json_schema", "name": "x", "schema": SCHEMA}
    assert not {"presence_penalty", "max_tokens", "response_format", "reasoning_effort", "verbosity"} & set(body)


async def test_options_that_the_api_has_no_word_for_are_refused_by_name_before_anything_is_sent(transport):
    with FaultServer(GOOD) as server, pytest.raises(ProviderFailed, match="its API has no seed, stop") as refused:
        await a_model(server, transport).generate(a_request(options={"stop": ["x"], "seed": 7, "top_p": 1}))
    assert (refused.value.kind, refused.value.retryable, refused.value.usage) == ("refused", False, Usage.none())
    assert not server.requests


def test_unknown_options_are_named():
    target = Target(provider="openai_responses", model="m", options={"max_tokens": 5})
    with pytest.raises(SettingInvalid, match="Known options: json_schema, temperature, top_p, max_output_tokens"):
        OpenaiResponses(target, None, None)


async def test_a_service_without_schema_mode_is_asked_in_a_weaker_one_from_then_on(transport):
    def choose(request):
        if b'"json_schema"' in request.body:
            return faults.reply(400, b'{"error": {"message": "Unsupported value: text.format.type"}}')
        return GOOD

    with FaultServer(choose=choose) as server:
        model = a_model(server, transport)
        for _ in range(2):
            assert (await model.generate(a_request())).text == TEXT
        bodies = [json.loads(request.body) for request in server.requests]
    assert [body["text"]["format"]["type"] for body in bodies] == ["json_schema", "json_object", "json_object"]
    assert json.dumps(SCHEMA, separators=(",", ":")) in bodies[1]["input"][0]["content"]


async def test_tools_are_offered_asked_for_and_told_of(transport):
    rounds = (ToolRound(text="", calls=(ToolCall(name="look_up", arguments="{}", id="abcdefgh1"),), results=("42",)),)
    behaviour = faults.reply(200, response(function_call("look_up", '{"a": 1}')))
    body, answer = await asked(transport, behaviour, tools=(OFFER,), rounds=rounds)
    assert answer.tool_calls == (ToolCall(name="look_up", arguments='{"a": 1}'),)
    assert body["tools"] == [
        {
            "type": "function",
            "name": "look_up",
            "description": "Looks it up.",
            "parameters": {"type": "object"},
            "strict": False,
        }
    ]
    assert body["input"][2:] == [
        {"type": "function_call", "call_id": "abcdefgh1", "name": "look_up", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "abcdefgh1", "output": "42"},
    ]


THOUGHT = [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}]


@pytest.mark.parametrize("streamed_", [False, True])
async def test_what_the_model_reasoned_before_it_asked_for_tools_comes_along_and_goes_back(transport, streamed_):
    whole = response(reasoning("gAAA"), REASONING, function_call("look_up", "{}"))
    behaviour = faults.events(*streamed(whole=whole)) if streamed_ else faults.reply(200, whole)
    with FaultServer(behaviour, GOOD) as server:
        model = a_model(server, transport)
        first = await model.generate(a_request(tools=(OFFER,)), (lambda _: None) if streamed_ else None)
        assert json.loads(first.thought) == THOUGHT
        call = ToolCall(name="look_up", arguments="{}", id="call00001")
        rounds = (ToolRound(text="Let me see.", calls=(call,), results=("42",), thought=first.thought),)
        last_one = await model.generate(a_request(tools=(OFFER,), rounds=rounds))
        sent = [json.loads(request.body) for request in server.requests]
    assert last_one.thought == ""
    assert [body["include"] for body in sent] == [["reasoning.encrypted_content"]] * 2
    kinds = [item.get("type", item.get("role")) for item in sent[1]["input"][2:]]
    assert kinds == ["reasoning", "assistant", "function_call", "function_call_output"]
    assert sent[1]["input"][2:3] == THOUGHT


async def test_a_model_that_does_not_reason_is_not_asked_for_it_again(transport):
    refusal = b'{"error": {"message": "Encrypted content is not supported with this model.", "param": "include"}}'
    with FaultServer(faults.reply(400, refusal), GOOD) as server:
        model = a_model(server, transport)
        for _ in range(2):
            await model.generate(a_request(tools=(OFFER,)))
        await model.generate(a_request())
        sent = [json.loads(request.body) for request in server.requests]
    assert ["include" in body for body in sent] == [True, False, False, False]
    assert all(body["text"]["format"]["type"] == "json_schema" for body in sent), "the schema is held to as before"


@pytest.mark.parametrize(
    ("counted", "classes"),
    [
        (
            {
                "input_tokens": 100,
                "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
                "output_tokens": 50,
                "output_tokens_details": {"reasoning_tokens": 40},
            },
            Usage(
                input_tokens=30,
                cached_input_tokens=60,
                cache_write_tokens=10,
                output_tokens=10,
                reasoning_tokens=40,
            ),
        ),
        ({"input_tokens": 3, "output_tokens": 2}, Usage(input_tokens=3, output_tokens=2)),
        ({}, Usage()),
        (None, Usage()),
    ],
)
async def test_every_token_is_in_one_class(transport, counted, classes):
    _, answer = await asked(transport, faults.reply(200, response(message(TEXT), usage=counted)))
    assert answer.usage == classes


async def test_however_a_stream_is_cut_it_is_the_same(transport):
    sent = b"".join(streamed("Hel", "lo"))
    heard: list[str] = []
    with FaultServer(faults.events(*(bytes([byte]) for byte in sent))) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None), heard.append)
    assert (answer.text, heard, answer.finish_reason) == ("Hello", ["Hel", "lo"], "stop")


async def test_what_was_heard_is_the_answer_when_the_last_event_holds_no_text(transport):
    sent = (delta("Hel"), delta("lo"), last(response()))
    with FaultServer(faults.events(*sent, b"data: [DONE]\n\n")) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None), lambda _: None)
    assert answer.text == "Hello"
