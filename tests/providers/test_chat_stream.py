"""What does a streamed chat completion become, whole, broken or strange?"""

import json

import pytest
from tests.providers.chat import KEY, SCHEMA, TEXT, a_model, a_request

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer
from leitstand.domain.price import Usage
from leitstand.providers.event_stream import events
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import chunk

END = chunk(finish_reason="stop")
DONE = b"data: [DONE]\n\n"


async def streamed(transport, behaviour, **request) -> tuple[Answer, list[str]]:
    heard: list[str] = []
    with FaultServer(behaviour) as server:
        answer = await a_model(server, transport).generate(a_request(**{"schema": None, **request}), heard.append)
    return answer, heard


async def failed(transport, behaviour, **request) -> tuple[str, bool, list[str]]:
    heard: list[str] = []
    with FaultServer(behaviour) as server, pytest.raises(ProviderFailed) as caught:
        await a_model(server, transport).generate(a_request(**{"schema": None, **request}), heard.append)
    assert KEY not in str(caught.value)
    assert "4711" not in str(caught.value)
    return caught.value.kind, caught.value.retryable, heard


async def test_the_pieces_and_the_usage_of_the_last_event(transport):
    answer, heard = await streamed(transport, faults.streamed("Hel", "lo", input_tokens=3, output_tokens=2))
    assert heard == ["Hel", "lo"]
    assert answer == Answer(
        text="Hello", usage=Usage(input_tokens=3, output_tokens=2), model="fault-model", finish_reason="stop"
    )


@pytest.mark.parametrize(
    "sent",
    [
        (chunk("Hello"), END, DONE),
        (chunk("Hello"), END),
        (chunk("Hello", finish_reason="stop"), DONE),
        (b": a comment\n\n" + chunk("Hello"), b"event: message\nid: 7\n" + END, DONE),
        tuple(bytes([byte]) for byte in chunk("Hello") + END + DONE),
        ((chunk("Hello") + END + DONE).replace(b"\n", b"\r\n"),),
        ((chunk("Hello") + END + DONE).replace(b"data: ", b"data:"),),
        (chunk(choices=[]), chunk("", usage=None), chunk("Hello"), END, DONE, b"data: nonsense\n\n"),
    ],
)
async def test_however_it_is_cut_it_is_the_same(transport, sent: tuple[bytes, ...]):
    answer, heard = await streamed(transport, faults.events(*sent))
    assert (answer.text, "".join(heard), answer.usage) == ("Hello", "Hello", Usage())


@pytest.mark.parametrize(
    ("behaviour", "kind", "retryable", "heard"),
    [
        (faults.events(chunk("Hel")), "unreachable", True, ["Hel"]),
        (faults.events(chunk("Hel"), then="reset"), "unreachable", True, ["Hel"]),
        (faults.events(chunk("Hel"), DONE), "unreachable", True, ["Hel"]),
        (faults.events(), "empty", True, []),
        (faults.events(END, DONE), "empty", True, []),
        (faults.events(chunk("Hel"), b"data: {]\n\n"), "malformed", True, ["Hel"]),
        (faults.events(chunk("Hel"), b'data: {"choices": 7}\n\n'), "malformed", True, ["Hel"]),
        (faults.events(chunk("Hel"), b'data: {"error": {"code": "rate_limit"}}\n\n'), "overloaded", True, ["Hel"]),
        (faults.events(chunk("Hel"), chunk(finish_reason="content_filter")), "filtered", False, ["Hel"]),
        (
            faults.events(b'data: {"choices": [{"delta": {"refusal": "No."}, "finish_reason": "stop"}]}\n\n'),
            "filtered",
            False,
            [],
        ),
        (faults.error(503), "server_error", True, []),
        (faults.error(429), "overloaded", True, []),
        (faults.html(200), "malformed", True, []),
        (faults.events(chunk(finish_reason="length")), "truncated", False, []),
    ],
)
async def test_what_is_no_whole_answer_is_a_failure(transport, behaviour, kind, retryable, heard):
    assert await failed(transport, behaviour) == (kind, retryable, heard)


async def test_silence_is_a_timeout(transport):
    assert await failed(transport, faults.events(chunk("Hel"), then="silent"), timeout=0.5) == (
        "timeout",
        True,
        ["Hel"],
    )


async def test_a_break_after_the_finish_reason_costs_only_the_usage(transport):
    answer, _ = await streamed(transport, faults.events(chunk("Hello"), END, then="reset"))
    assert (answer.text, answer.usage) == ("Hello", Usage())


async def test_a_service_that_does_not_stream_is_heard_in_one_piece(transport):
    answer, heard = await streamed(transport, faults.good("Hello"))
    assert (answer.text, heard) == ("Hello", ["Hello"])


async def test_free_text_that_is_cut_off_is_an_answer_and_an_object_is_not(transport):
    cut = faults.events(chunk("Hel"), chunk(finish_reason="length"), DONE)
    answer, _ = await streamed(transport, cut)
    assert (answer.text, answer.finish_reason) == ("Hel", "length")
    assert (await failed(transport, cut, schema=SCHEMA))[0] == "truncated"


async def test_a_service_that_knows_no_stream_options_is_asked_without_them_from_then_on(transport):
    def choose(request):
        asked = json.loads(request.body)
        if "stream_options" in asked:
            return faults.reply(400, b'{"error": {"message": "Unrecognized argument: stream_options"}}')
        return faults.streamed("Hello")

    with FaultServer(choose=choose) as server:
        model = a_model(server, transport)
        for _ in range(2):
            answer = await model.generate(a_request(schema=None), lambda _: None)
            assert (answer.text, answer.usage) == ("Hello", Usage())
        assert len(server.requests) == 3


async def test_an_object_can_be_streamed_in_the_mode_that_the_service_offers(transport):
    def choose(request):
        wants_schema = json.loads(request.body).get("response_format", {}).get("type") == "json_schema"
        return faults.reply(400, b'{"error": "json_schema"}') if wants_schema else faults.streamed(TEXT[:9], TEXT[9:])

    heard: list[str] = []
    with FaultServer(choose=choose) as server:
        answer = await a_model(server, transport).generate(a_request(), heard.append)
    assert answer.text == TEXT
    assert heard == [TEXT[:9], TEXT[9:]]


async def test_a_caller_of_its_own_replaces_both_names_of_the_token_limit(transport):
    with FaultServer(faults.good("Hello")) as server:
        model = a_model(server, transport, max_tokens=100, temperature=0.5)
        await model.generate(a_request(schema=None, options={"max_completion_tokens": 5, "temperature": 1.0}))
        asked = json.loads(server.requests[0].body)
    assert (asked["max_completion_tokens"], asked["temperature"], "max_tokens" in asked) == (5, 1.0, False)


async def test_events_of_several_lines_are_joined():
    async def chunks():
        yield b"data: one\ndata: two\n\nda"
        yield b"ta: three\n"
        yield b"\ndata: cut off\n"

    assert [data async for data in events(chunks())] == [b"one\ntwo", b"three"]
