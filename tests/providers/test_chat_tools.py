"""Do tools reach a chat service, and do its calls come back, whole and streamed?"""

import json

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter
from tests.providers.chat import KEY, TEXT, a_model, a_request, choice

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import ToolCall, ToolOffer, ToolRound
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import chunk

STATUS = ToolOffer(
    name="order_status",
    description="Where an order is.",
    parameters={"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]},
)
ASKED = ToolCall(name="order_status", arguments='{"order": "4711"}')


def asked(name="order_status", arguments: object = '{"order": "4711"}', **more):
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def piece(*calls, **more):
    return chunk(choices=[{"index": 0, "delta": {"tool_calls": list(calls)}, "finish_reason": None, **more}])


async def test_tools_and_what_was_said_of_them_go_out(transport):
    earlier = ToolRound(
        text="",
        calls=(
            ToolCall(name="order_status", arguments='{"order": "1"}', id="call00001"),
            ToolCall(name="order_status", arguments="{", id="call00002"),
        ),
        results=('{"status": "sent"}', "The arguments are broken."),
    )
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server, transport).generate(a_request(tools=(STATUS,), rounds=(earlier,)))
        body = json.loads(server.requests[0].body)
    TypeAdapter(CompletionCreateParamsNonStreaming).validate_python(body)
    [tool] = body["tools"]
    assert tool["type"] == "function"
    assert tool["function"] == {"name": STATUS.name, "description": STATUS.description, "parameters": STATUS.parameters}
    called, first, second = body["messages"][2:]
    assert called["role"] == "assistant"
    assert called["content"] is None
    assert [call["id"] for call in called["tool_calls"]] == ["call00001", "call00002"]
    assert called["tool_calls"][0]["function"] == {"name": "order_status", "arguments": '{"order": "1"}'}
    assert first == {"role": "tool", "tool_call_id": "call00001", "content": '{"status": "sent"}'}
    assert second == {"role": "tool", "tool_call_id": "call00002", "content": "The arguments are broken."}


async def test_without_tools_nothing_of_them_goes_out(transport):
    with FaultServer(faults.good(TEXT)) as server:
        await a_model(server, transport).generate(a_request())
        assert "tools" not in json.loads(server.requests[0].body)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([asked()], (ASKED,)),
        ([asked(arguments={"order": "4711"})], (ToolCall(name="order_status", arguments='{"order":"4711"}'),)),
        ([asked(arguments=None)], (ToolCall(name="order_status", arguments="{}"),)),
        ([asked(arguments="{broken")], (ToolCall(name="order_status", arguments="{broken"),)),
        ([{}], (ToolCall(name="", arguments="{}"),)),
        ([asked(), asked(name="other")], (ASKED, ToolCall(name="other", arguments=ASKED.arguments))),
    ],
)
@pytest.mark.parametrize("reason", ["tool_calls", "stop", None])
async def test_calls_come_back(transport, sent, read, reason):
    said = choice(message={"content": None, "tool_calls": sent}, finish_reason=reason)
    with FaultServer(said) as server:
        answer = await a_model(server, transport).generate(a_request(tools=(STATUS,)))
    assert (answer.text, answer.tool_calls) == ("", read)


@pytest.mark.parametrize(
    "sent",
    [
        (piece({"index": 0, **asked()}),),
        (
            piece({"index": 0, **asked(arguments="")}),
            *(piece({"index": 0, "function": {"arguments": letter}}) for letter in ASKED.arguments),
        ),
        (
            piece({"id": "a", "function": {"name": "order_status", "arguments": '{"order"'}}),
            piece({"function": {"arguments": ': "4711"}'}}),
        ),
    ],
)
async def test_a_streamed_call_is_put_together(transport, sent):
    heard: list[str] = []
    with FaultServer(faults.events(*sent, chunk(finish_reason="tool_calls"), b"data: [DONE]\n\n")) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None, tools=(STATUS,)), heard.append)
    assert (answer.tool_calls, answer.finish_reason) == ((ASKED,), "tool_calls")
    assert heard == [""] * len(sent), "whoever watches the pace hears that the model goes on, and no text"


@pytest.mark.parametrize(
    "sent",
    [
        ({"index": 0, **asked("first")}, {"index": 1, **asked("second")}),
        ({"index": 1, **asked("second")}, {"index": 0, **asked("first")}),
        (asked("first"), asked("second")),
    ],
)
async def test_streamed_calls_keep_their_order(transport, sent):
    with FaultServer(faults.events(*map(piece, sent), chunk(finish_reason="tool_calls"))) as server:
        answer = await a_model(server, transport).generate(a_request(schema=None, tools=(STATUS,)), [].append)
    assert [call.name for call in answer.tool_calls] == ["first", "second"]


@pytest.mark.parametrize(
    ("behaviour", "request_tools", "kind"),
    [
        (choice(message={"content": None, "tool_calls": [asked()]}, finish_reason="length"), (STATUS,), "truncated"),
        (choice(message={"content": None, "tool_calls": [asked()]}, finish_reason="tool_calls"), (), "empty"),
        (choice(message={"content": None, "tool_calls": []}, finish_reason="tool_calls"), (STATUS,), "empty"),
        (choice(message={"content": None, "tool_calls": "x"}, finish_reason="tool_calls"), (STATUS,), "malformed"),
        (choice(message={"content": None, "tool_calls": [asked(arguments=7)]}), (STATUS,), "malformed"),
    ],
)
async def test_what_is_no_call_is_a_failure(transport, behaviour, request_tools, kind):
    with FaultServer(behaviour) as server, pytest.raises(ProviderFailed) as caught:
        await a_model(server, transport).generate(a_request(tools=request_tools))
    assert caught.value.kind == kind
    assert KEY not in str(caught.value)


async def test_a_stream_that_breaks_off_inside_a_call_is_a_failure(transport):
    half = piece({"index": 0, **asked(arguments='{"ord')})
    with FaultServer(faults.events(half)) as server, pytest.raises(ProviderFailed) as caught:
        await a_model(server, transport).generate(a_request(schema=None, tools=(STATUS,)), [].append)
    assert (caught.value.kind, caught.value.retryable) == ("unreachable", True)


async def test_a_call_that_nobody_offered_is_left_out_of_an_answer(transport):
    said = choice(message={"content": TEXT, "tool_calls": [asked()]}, finish_reason="stop")
    with FaultServer(said) as server:
        answer = await a_model(server, transport).generate(a_request())
    assert (answer.text, answer.tool_calls) == (TEXT, ())
