"""Does a scripted model do what its script says, each time the same?"""

import json

import pytest

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Grounding, Message, Request, ToolCall, ToolRound
from leitstand.domain.price import Price, Usage
from leitstand.domain.retrieval import Passage
from leitstand.providers.scripted import ScriptedModel, scripted

PASSAGE = Passage(id="p1", source="s", title="t", text='Press "Print". Then look.')


def a_request(**changes):
    values = {
        "model": "",
        "messages": (Message(role="user", content="?"),),
        "schema": None,
        "grounding": Grounding(question="?", language="en", passages=(PASSAGE,)),
        "timeout": 1.0,
        "key": "k",
    }
    return Request(**values | changes)


def a_target(**options):
    return scripted(Target(provider="scripted", options=options), None, None)


async def texts(model, calls):
    return [(await model.generate(a_request())).text for _ in range(calls)]


async def test_a_target_asks_for_a_tool_first():
    model = a_target(answer="done", tool="look", tool_arguments='{"order": "1"}')
    first = await model.generate(a_request())
    assert (first.text, first.tool_calls) == ("", (ToolCall(name="look", arguments='{"order": "1"}'),))
    told = ToolRound(text="", calls=first.tool_calls, results=("{}",))
    assert (await model.generate(a_request(rounds=(told,)))).text == "done"


async def test_replies_come_in_turn_and_the_last_one_stays():
    assert await texts(ScriptedModel(["a", "b"]), 4) == ["a", "b", "b", "b"]


async def test_a_function_sees_the_request_and_may_give_a_whole_answer():
    model = ScriptedModel(lambda request: Answer(text=request.key, usage=Usage(), model="m", finish_reason="stop"))
    assert (await model.generate(a_request(key="seen"))).text == "seen"


async def test_failures_in_the_script_are_raised():
    model = ScriptedModel([ProviderFailed(kind="empty", retryable=True, provider="p", detail="d"), "then"])
    with pytest.raises(ProviderFailed, match="empty"):
        await model.generate(a_request())
    assert await texts(model, 1) == ["then"]


async def test_a_workflow_writes_its_script_as_options():
    model = a_target(
        answer="hello", fail_first=2, fail_kind="server_error", delay_ms=1, input_tokens=3, output_tokens=4
    )
    for _ in range(2):
        with pytest.raises(ProviderFailed) as caught:
            await model.generate(a_request())
        assert (caught.value.kind, caught.value.retryable) == ("server_error", True)
    answer = await model.generate(a_request())
    assert (answer.text, answer.usage, answer.model) == ("hello", Usage(input_tokens=3, output_tokens=4), "scripted")


async def test_a_quote_is_the_first_sentence_of_the_first_passage_and_stays_json():
    model = a_target(answer='{"answer": "{quote} [1]"}')
    assert json.loads((await model.generate(a_request())).text) == {"answer": 'Press "Print". [1]'}


async def test_a_quote_without_passages_is_empty():
    nothing = Grounding(question="?", language="en", passages=())
    assert (await a_target(answer="<{quote}>").generate(a_request(grounding=nothing))).text == "<>"


async def test_thinking_longer_than_the_timeout_is_a_timeout():
    with pytest.raises(ProviderFailed, match="timeout"):
        await a_target(answer="late", delay_ms=60_000).generate(a_request(timeout=0.05))


@pytest.mark.parametrize(
    "options", [{}, {"answer": 1}, {"answer": "x", "delay": 5}, {"answer": "x", "fail_first": "two"}]
)
def test_wrong_options_are_named(options):
    with pytest.raises(SettingInvalid, match="Known options: answer, delay_ms"):
        a_target(**options)


def test_its_price_is_the_targets():
    price = Price(input_per_million=1, output_per_million=2, currency="EUR")
    assert scripted(Target(provider="scripted", price=price, options={"answer": "x"}), None, None).price == price
    assert a_target(answer="x").price is None
