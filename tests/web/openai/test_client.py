"""Does the real client of OpenAI work unchanged?"""

import asyncio

import openai
import pytest
from tests.web.openai.conftest import ANSWER, PIECES, Gateway


def test_the_active_workflows_are_the_models(gateway: Gateway):
    models = gateway.client.models.list()
    assert [model.id for model in models] == ["desk", "gateway", "pair", "reviewed"]
    one = gateway.client.models.retrieve("desk")
    assert (one.id, one.object, one.owned_by) == ("desk", "model", "leitstand")
    assert one.created > 1_700_000_000


def test_an_answer_is_the_one_of_the_model_and_a_case(gateway: Gateway):
    answer = gateway.ask("What is the capital of France?")
    choice = answer.choices[0]
    assert (choice.message.content, choice.message.role, choice.finish_reason) == (ANSWER, "assistant", "stop")
    assert (answer.object, answer.model) == ("chat.completion", "gateway")
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (11, 7, 18)
    case = gateway.case(answer.id)
    assert (case["status"], case["workflow"]) == ("delivered", "gateway")
    assert answer.system_fingerprint == f"fp_{case['release'][:12]}"


def test_the_header_names_the_case(gateway: Gateway):
    raw = gateway.client.chat.completions.with_raw_response.create(
        model="gateway", messages=[{"role": "user", "content": "Hi"}]
    )
    assert raw.parse().id == f"chatcmpl-{raw.headers['leitstand-case']}"


def test_a_whole_conversation_reaches_the_model_as_it_is(gateway: Gateway):
    first = gateway.ask("  def f():\n\treturn  1  ")
    said = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "  def f():\n\treturn  1  "},
        first.choices[0].message,
        {"role": "user", "content": [{"type": "text", "text": "And"}, {"type": "text", "text": "now?"}]},
    ]
    gateway.client.chat.completions.create(model="gateway", messages=said)
    assert gateway.last_asked()["messages"] == [
        *said[:2],
        {"role": "assistant", "content": ANSWER},
        {"role": "user", "content": "And\nnow?"},
    ]


def test_a_chat_goes_on_after_an_answer_that_was_held_back(gateway: Gateway):
    held = gateway.ask("#filter").choices[0].message
    assert held.content is None
    said = [{"role": "user", "content": "#filter"}, held, {"role": "user", "content": "And now?"}]
    assert gateway.client.chat.completions.create(model="gateway", messages=said).choices[0].message.content == ANSWER
    assert gateway.last_asked()["messages"][1] == {"role": "assistant", "content": held.refusal}


def test_options_reach_the_model_and_come_before_those_of_the_target(gateway: Gateway):
    options = {"temperature": 0.3, "max_tokens": 50, "seed": 7, "stop": ["END"], "top_p": 0.9}
    gateway.ask("Hi", n=1, **options)
    asked = gateway.last_asked()
    assert {name: asked[name] for name in options} == options
    assert "n" not in asked
    gateway.ask("Hi", response_format={"type": "json_object"})
    assert gateway.last_asked()["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("model", ["gateway", "desk"])
def test_both_ways_of_answering_stream(gateway: Gateway, model: str):
    question = "When is the shop open on Saturdays?"
    chunks = list(gateway.ask(question, model=model, stream=True))
    whole = gateway.ask(question, model=model).choices[0].message.content
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert gateway.case(chunks[0].id)["status"] == "delivered"


def test_the_pieces_are_those_of_the_model_and_the_last_chunk_tells_the_usage(gateway: Gateway):
    chunks = list(gateway.ask("Hi", stream=True, stream_options={"include_usage": True}))
    assert [chunk.choices[0].delta.content for chunk in chunks[1:-2]] == list(PIECES)
    assert chunks[-1].choices == []
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (11, 7)
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_an_unknown_usage_is_left_out_not_zero(gateway: Gateway):
    assert gateway.ask("#unknown-usage").usage is None


@pytest.mark.parametrize("stream", [False, True])
def test_a_cut_off_answer_says_so(gateway: Gateway, stream: bool):
    answer = gateway.ask("#length", max_tokens=2, stream=stream)
    choice = list(answer)[-1].choices[0] if stream else answer.choices[0]
    assert choice.finish_reason == "length"


async def test_the_async_client_streams_many_at_once(gateway: Gateway):
    async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="none") as client:

        async def one(number: int) -> str:
            said = [{"role": "user", "content": f"Number {number}"}]
            stream = await client.chat.completions.create(model="gateway", messages=said, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        assert set(await asyncio.gather(*(one(number) for number in range(20)))) == {ANSWER}
        answer = await client.chat.completions.create(model="desk", messages=[{"role": "user", "content": "Open?"}])
        assert answer.id.startswith("chatcmpl-")


def test_the_stream_helper_of_the_client_works(gateway: Gateway):
    said = [{"role": "user", "content": "Hi"}]
    with gateway.client.chat.completions.stream(model="gateway", messages=said) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].message.content == ANSWER


def test_a_workflow_with_sources_answers_with_its_text_or_its_whole_output(gateway: Gateway):
    question = "When is the shop open on Saturdays?"
    assert "10:00" in gateway.ask(question, model="desk").choices[0].message.content
    whole = gateway.ask(question, model="desk", response_format={"type": "json_object"}).choices[0].message.content
    assert whole.startswith('{"answer":')
