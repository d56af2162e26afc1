"""Is every call a durable case with its whole trail, once per idempotency key?"""

from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from tests.web.openai.conftest import ANSWER, Gateway


@pytest.mark.parametrize("stream", [False, True])
def test_the_trail_of_a_call_is_complete(gateway: Gateway, stream: bool):
    answer = gateway.ask("What is the capital?", stream=stream)
    last = list(answer)[-1] if stream else answer
    case_id = last.id.removeprefix("chatcmpl-")
    case = gateway.case(case_id)
    events = {event["type"]: event for event in gateway.events(case_id)}
    assert [*events] == [
        "case.accepted",
        "case.normalised",
        "model_call.intended",
        "model_call.finished",
        "case.drafted",
        "case.checked",
        "case.decided",
        "case.delivered",
    ]
    accepted, call = events["case.accepted"], events["model_call.finished"]["body"]
    assert (accepted["body"]["channel"], accepted["actor"]["kind"]) == ("openai", "client")
    contents = {name for event in events.values() for name in event["commitments"]}
    assert {"input", "prompt", "answer.1", "draft"} <= contents
    assert (call["input_tokens"], call["output_tokens"], call["finish_reason"]) == (11, 7, "stop")
    assert (call["cost"], call["currency"]) == (25_000, "EUR")
    assert case["cost"] == {"amount": "0.000025", "currency": "EUR"}
    assert case["output"] == {"text": ANSWER}


def test_a_key_opens_one_case_and_brings_the_same_answer_back(gateway: Gateway):
    key = {"Idempotency-Key": "chat-1"}
    first = gateway.ask("Once", extra_headers=key)
    raw = gateway.client.chat.completions.with_raw_response.create(
        model="gateway", messages=[{"role": "user", "content": "Once"}], extra_headers=key
    )
    assert raw.headers["idempotency-replayed"] == "true"
    assert raw.parse() == first
    streamed = list(gateway.ask("Once", stream=True, extra_headers=key))
    assert {chunk.id for chunk in streamed} == {first.id}
    assert "".join(chunk.choices[0].delta.content or "" for chunk in streamed) == ANSWER


def test_many_at_once_with_one_key_open_one_case_and_all_get_its_answer(gateway: Gateway):
    before = len(gateway.upstream.requests)

    def ask(number: int) -> tuple[str, str]:
        key = {"Idempotency-Key": "chat-2"}
        if number % 2:
            chunks = list(gateway.ask("#late", stream=True, extra_headers=key))
            return chunks[0].id, "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        answer = gateway.ask("#late", extra_headers=key)
        return answer.id, str(answer.choices[0].message.content)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert len(answers) == 1
    assert next(iter(answers))[1] == ANSWER
    assert len(gateway.upstream.requests) == before + 1


def test_a_key_with_another_request_is_a_conflict(gateway: Gateway):
    gateway.ask("One", extra_headers={"Idempotency-Key": "chat-3"})
    with pytest.raises(openai.ConflictError) as caught:
        gateway.ask("Two", extra_headers={"Idempotency-Key": "chat-3"})
    assert caught.value.code == "idempotency_conflict"


def test_the_pages_show_the_chat(gateway: Gateway):
    from urllib.request import urlopen

    answer = gateway.ask("Shown on the page")
    case = gateway.case(answer.id)
    for path in (f"/cases/{case['id']}", "/cases"):
        with urlopen(gateway.url + path, timeout=10) as page:
            assert "Shown on the page" in page.read().decode()
