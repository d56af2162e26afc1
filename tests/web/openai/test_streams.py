"""What becomes of a stream when one of its two ends breaks?"""

import asyncio
import json
import socket
import time

import openai
import pytest
from tests.web.openai.conftest import ANSWER, PIECES, Gateway


def pieces_until_error(gateway: Gateway, text: str, model: str) -> tuple[list[str], str]:
    """The pieces that came, and the error that the client raised."""
    heard: list[str] = []
    pieces = (chunk.choices[0].delta.content for chunk in gateway.ask(text, model=model, stream=True))
    with pytest.raises(openai.APIError) as caught:
        heard.extend(pieces)
    return heard[1:], str(caught.value.code)


@pytest.mark.parametrize("text", ["#reset", "#cut"])
def test_a_model_that_breaks_off_is_an_error_in_the_stream(gateway: Gateway, text: str):
    heard, code = pieces_until_error(gateway, text, "gateway")
    assert (heard, code) == (["Paris ", "is "], "no_answer")


@pytest.mark.parametrize("text", ["#reset", "#cut"])
def test_two_answers_are_never_mixed_but_the_case_gets_the_second(gateway: Gateway, text: str):
    heard, code = pieces_until_error(gateway, text, "pair")
    assert (heard, code) == (["Paris ", "is "], "stream_broken")
    [newest, *_] = newest_cases(gateway)
    case = gateway.case(newest)
    assert (case["status"], case["output"], case["fallback"]) == ("delivered", {"text": ANSWER}, True)


def newest_cases(gateway: Gateway) -> list[str]:
    from tests.web.processes import get

    return [case["id"] for case in get(f"{gateway.url}/v1/cases?limit=5")["cases"]]


def test_pieces_come_while_the_model_still_writes(gateway: Gateway):
    stream = gateway.ask("#slow", stream=True)
    heard = [(chunk.choices[0].delta.content, time.monotonic()) for chunk in stream]
    times = [at for text, at in heard if text]
    assert [text for text, _ in heard if text] == list(PIECES)
    assert times[-1] - times[0] > 0.5, "an answer held to its end comes at once"


async def test_a_caller_that_hangs_up_does_not_stop_its_case(gateway: Gateway):
    async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="none", max_retries=0) as client:
        said = [{"role": "user", "content": "#slow and hang up"}]
        stream = await client.chat.completions.create(model="gateway", messages=said, stream=True)
        first = await anext(aiter(stream))
        await stream.close()
    case = await asyncio.to_thread(gateway.case, first.id)
    assert (case["status"], case["output"]) == ("delivered", {"text": ANSWER})


async def test_a_caller_that_never_reads_costs_its_case_no_time(gateway: Gateway):
    """Eight million characters to somebody who takes none of them: the case ends, and the server answers others."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect(("127.0.0.1", int(gateway.url.rpartition(":")[2])))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
    body = json.dumps({"model": "gateway", "stream": True, "messages": [{"role": "user", "content": "#long"}]}).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    started = await reader.readuntil(b"\r\n\r\n")
    case_id = next(line for line in started.decode().split("\r\n") if line.startswith("leitstand-case"))[16:]
    case = await asyncio.to_thread(gateway.case, case_id)
    assert (case["status"], len(case["output"]["text"])) == ("delivered", 8_000_000)
    assert (await asyncio.to_thread(gateway.ask, "Hi")).choices[0].message.content == ANSWER
    received = 0
    rest = b""
    while not rest.endswith(b"0\r\n\r\n"):
        more = await reader.read(2**20)
        received, rest = received + more.count(b"x"), (rest + more)[-2000:]
    assert received > 8_000_000
    assert b"[DONE]" in rest
    writer.close()


def test_a_long_answer_arrives_whole_at_who_reads(gateway: Gateway):
    heard = "".join(chunk.choices[0].delta.content or "" for chunk in gateway.ask("#long", stream=True))
    assert heard == "x" * 8_000_000
