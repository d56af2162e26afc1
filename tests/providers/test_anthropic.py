"""Does the right question go out to Anthropic's messages, and does the answer come back with all that was counted?"""

import json

import pytest
from tests.providers.chat import KEY, PROMPT, SCHEMA, TEXT, a_request

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Message, ToolCall, ToolOffer, ToolRound
from leitstand.domain.price import Usage
from leitstand.providers.anthropic import Anthropic
from leitstand.testing import faults
from leitstand.testing.anthropic_faults import begin, block, end, message, spoken, streamed, text, tool_use
from leitstand.testing.fault_server import FaultServer

GOOD = faults.reply(200, message(text(TEXT)))
OPEN = {**SCHEMA, "required": ["answer"]}
OFFER = ToolOffer(name="look_up", description="Looks it up.", parameters={"type": "object"})


def a_model(server, transport, key=KEY, **options):
    return Anthropic(
        Target(provider="anthropic", model="small-1", base_url=server.url + "/v1", options=options), transport, key
    )


async def asked(transport, behaviour=GOOD, *, options=None, **request):
    """What goes out, as JSON, and what comes back."""
    with FaultServer(behaviour) as server:
        answer = await a_model(server, transport, **(options or {})).generate(a_request(**request))
        return json.loads(server.requests[0].body), answer


async def test_the_question_goes_out_in_the_words_of_the_api(transport):
    with FaultServer(GOOD) as server:
        answer = await a_model(server, transport).generate(a_request())
        sent = server.requests[0]
    assert (answer.text, answer.model, answer.finish_reason) == (TEXT, "fault-model", "stop")
    assert answer.usage == Usage(input_tokens=11, output_tokens=7)
    assert sent.path == "/v1/messages"
    assert (sent.headers["x-api-key"], sent.headers["anthropic-version"]) == (KEY, "2023-06-01")
    assert "authorization" not in sent.headers
    assert json.loads(sent.body) == {
        "model": "small-1",
        "max_tokens": 4096,
        "system": "Answer.",
        "messages": [{"role": "user", "content": PROMPT}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }


async def test_without_a_key_there_is_no_header_and_the_address_need_not_be_given(transport):
    with FaultServer(GOOD) as server:
        await a_model(server, transport, key=None).generate(a_request())
        assert "x-api-key" not in server.requests[0].headers
    assert Target(provider="anthropic", model="m").base_url == "https://api.anthropic.com/v1"


async def test_options_of_the_target_and_of_the_caller(transport):
    options = {"effort": "low", "thinking": "adaptive", "prompt_caching": True, "top_k": 5, "version": "2030-01-01"}
    of_caller = {"max_completion_tokens": 9, "stop": "END", "reasoning_effort": "high", "temperature": 0.5}
    of_caller |= {"response_format": {"type": "text"}, "frequency_penalty": 0}
    body, _ = await asked(transport, options=options, schema=None)
    assert body["output_config"] == {"effort": "low"}
    assert (body["thinking"], body["cache_control"]) == ({"type": "adaptive"}, {"type": "ephemeral"})
    assert "version" not in body
    with FaultServer(GOOD) as server:
        await a_model(server, transport, **options).generate(a_request(schema=None, options=of_caller))
        sent = server.requests[0]
    body = json.loads(sent.body)
    assert sent.headers["anthropic-version"] == "2030-01-01"
    assert (body["max_tokens"], body["stop_sequences"], body["temperature"]) == (9, ["END"], 0.5)
    assert body["output_config"] == {"effort": "high"}
    assert not {"stop", "max_completion_tokens", "reasoning_effort", "response_format", "frequency_penalty"} & set(body)


async def test_options_that_the_api_has_no_word_for_are_refused_by_name_before_anything_is_sent(transport):
    of_caller = {"response_format": {"type": "json_object"}, "seed": 7, "stop": "x"}
    with FaultServer(GOOD) as server, pytest.raises(ProviderFailed, match="its API has no response_format, seed"):
        await a_model(server, transport).generate(a_request(options=of_caller))
    assert not server.requests


@pytest.mark.parametrize("options", [{"max_tokens": "many"}, {"thinking": "hard"}, {"temprature": 1}])
def test_unknown_and_wrong_options_are_named(options):
    target = Target(provider="anthropic", model="m", options=options)
    with pytest.raises(SettingInvalid, match="Known options: max_tokens, json_schema"):
        Anthropic(target, None, None)


async def test_a_schema_that_leaves_things_open_is_answered_through_a_tool(transport):
    given = {"answer": "Druck drücken. [1]"}
    behaviour = faults.reply(200, message(text("I will."), tool_use("leitstand_answer", given), stop_reason="tool_use"))
    body, answer = await asked(transport, behaviour, schema=OPEN)
    assert (json.loads(answer.text), answer.finish_reason, answer.tool_calls) == (given, "stop", ())
    assert body["tool_choice"] == {"type": "tool", "name": "leitstand_answer"}
    assert body["tools"][0]["input_schema"] == OPEN
    assert "output_config" not in body


async def test_an_answer_through_a_tool_is_heard_as_it_is_written(transport):
    heard: list[str] = []
    pieces = ['{"answer":', ' "x"}']
    deltas = ({"type": "input_json_delta", "partial_json": piece} for piece in pieces)
    sent = (begin(), block(0, tool_use("leitstand_answer", {}), *deltas), end("tool_use"))
    with FaultServer(faults.events(*sent)) as server:
        answer = await a_model(server, transport).generate(a_request(schema=OPEN), heard.append)
    assert heard == pieces
    assert (answer.text, answer.finish_reason, answer.tool_calls) == ("".join(pieces), "stop", ())


async def test_beside_tools_of_the_workflow_the_model_must_use_one_of_them_all(transport):
    behaviour = faults.reply(200, message(tool_use("look_up", {"a": 1}), stop_reason="tool_use"))
    body, answer = await asked(transport, behaviour, schema=OPEN, tools=(OFFER,))
    assert [tool["name"] for tool in body["tools"]] == ["look_up", "leitstand_answer"]
    assert body["tool_choice"] == {"type": "any"}
    assert answer.tool_calls == (ToolCall(name="look_up", arguments='{"a": 1}'),)


async def test_a_model_that_offers_less_is_asked_for_less_from_then_on(transport):
    def choose(request):
        for word in (b"output_config", b"tool_choice"):
            if word in request.body:
                said = {"type": "invalid_request_error", "message": f"{word.decode()}: Extra inputs are not permitted"}
                return faults.reply(400, json.dumps({"type": "error", "error": said}).encode())
        return GOOD

    with FaultServer(choose=choose) as server:
        model = a_model(server, transport)
        for _ in range(2):
            assert (await model.generate(a_request())).text == TEXT
        assert len(server.requests) == 4
        assert json.dumps(SCHEMA, separators=(",", ":")) in json.loads(server.requests[3].body)["system"]


async def test_another_400_changes_nothing(transport):
    with FaultServer(faults.error(400, "invalid_request_error")) as server:
        model = a_model(server, transport)
        with pytest.raises(ProviderFailed, match="invalid_request_error"):
            await model.generate(a_request())
        assert len(server.requests) == 1


async def test_rounds_of_tools_are_told_and_broken_arguments_with_them(transport):
    calls = (ToolCall(name="look_up", arguments='{"a": 1}', id="abcdefgh1"), ToolCall(name="x", arguments="{", id="b"))
    rounds = (ToolRound(text="Let me see.", calls=calls, results=("42", "not JSON")),)
    body, _ = await asked(transport, rounds=rounds, tools=(OFFER,))
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "abcdefgh1", "name": "look_up", "input": {"a": 1}},
                {"type": "tool_use", "id": "b", "name": "x", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "abcdefgh1", "content": "42"},
                {"type": "tool_result", "tool_use_id": "b", "content": "not JSON"},
            ],
        },
    ]


async def test_a_conversation_in_which_only_the_system_speaks_begins_with_it(transport):
    said = (Message(role="system", content="One."), Message(role="developer", content="Two."))
    body, _ = await asked(transport, messages=said)
    assert body["messages"] == [{"role": "user", "content": "One.\n\nTwo."}]
    assert "system" not in body


COUNTED = {
    "input_tokens": 5,
    "cache_read_input_tokens": 100,
    "cache_creation_input_tokens": 20,
    "output_tokens": 50,
    "output_tokens_details": {"thinking_tokens": 30},
}
CLASSES = Usage(input_tokens=5, cached_input_tokens=100, cache_write_tokens=20, output_tokens=20, reasoning_tokens=30)


@pytest.mark.parametrize(
    ("counted", "classes"),
    [
        (COUNTED, CLASSES),
        ({}, Usage()),
        ({"input_tokens": -1, "output_tokens": "7"}, Usage()),
        ({"output_tokens": 7, "output_tokens_details": {"thinking_tokens": 9}}, Usage(output_tokens=7)),
        ({"output_tokens": 7, "output_tokens_details": 3}, Usage(output_tokens=7)),
    ],
)
async def test_every_token_is_in_one_class(transport, counted, classes):
    _, answer = await asked(transport, faults.reply(200, message(text(TEXT), usage=counted)))
    assert answer.usage == classes


async def test_counts_of_a_stream_are_the_last_that_were_told(transport):
    sent = (begin(COUNTED), spoken("Hel", "lo"), end(usage={"output_tokens": 50}))
    with FaultServer(faults.events(*sent)) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None), lambda _: None)
    assert answer.usage == CLASSES


async def test_however_a_stream_is_cut_it_is_the_same(transport):
    sent = b"".join(streamed("Hel", "lo"))
    heard: list[str] = []
    with FaultServer(faults.events(*(bytes([byte]) for byte in sent))) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None), heard.append)
    assert (answer.text, heard, answer.usage) == ("Hello", ["Hel", "lo"], Usage(input_tokens=11, output_tokens=7))


async def test_a_break_after_the_stop_reason_costs_nothing(transport):
    sent = (*streamed("Hello")[:-1], end().partition(b"event: message_stop")[0])
    with FaultServer(faults.events(*sent, then="reset")) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None), lambda _: None)
    assert (answer.text, answer.finish_reason) == ("Hello", "stop")
