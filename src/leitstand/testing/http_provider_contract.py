"""Does a ``ModelProvider`` that asks over HTTP keep its promises whatever the other side sends? Inherit this.

class TestMine(HttpProviderContract):
    @pytest.fixture
    def make_provider(self):
        return lambda url, key: MyProvider(...)  # asks the service at this address, with this key

    @pytest.fixture
    def good(self):
        return faults.reply(200, ...)  # how the service answers well

    @pytest.fixture
    def request_to_model(self):
        return Request(...)
"""

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable, Iterator

import pytest

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Request
from leitstand.ports import ModelProvider
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour
from leitstand.testing.provider_contract import ModelProviderContract
from leitstand.testing.wire import Received

Make = Callable[[str, str], ModelProvider]

KEY = "sk-never-show-this-4711"
MINUTE = 60.0

HOSTILE: dict[str, tuple[Behaviour, frozenset[str]]] = {
    "a web page": (faults.html(200), frozenset({"malformed"})),
    "a web page that is forbidden": (faults.html(403), frozenset({"denied"})),
    "nothing": (faults.nothing(), frozenset({"unreachable"})),
    "an empty body": (faults.reply(200, b""), frozenset({"empty"})),
    "no HTTP": (faults.garbage(), frozenset({"unreachable"})),
    "a reset": (faults.reset(), frozenset({"unreachable"})),
    "a body without end": (faults.endless(), frozenset({"unreachable"})),
    "a bomb": (faults.bomb(), frozenset({"unreachable", "malformed"})),
    "a redirect": (faults.redirect("http://127.0.0.1:1/"), frozenset({"malformed"})),
    "deep nesting": (faults.reply(200, b'{"a":' * 100_000), frozenset({"malformed"})),
    "a list": (faults.reply(200, b"[1, 2]"), frozenset({"malformed"})),
    "null": (faults.reply(200, b"null"), frozenset({"malformed"})),
    "wrong types": (
        faults.reply(200, json.dumps(dict.fromkeys(("choices", "output", "content"), 7)).encode()),
        frozenset({"malformed"}),
    ),
    "no UTF-8": (faults.reply(200, b'{"content": "\xff\xfe"}'), frozenset({"malformed", "empty"})),
}
"""What a service may send instead of an answer, and the kinds of failure that it may be."""


def repeating(status: int) -> Behaviour:
    """Refuse, and repeat everything that was asked, the key too."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        said = f"{dict(request.headers)} {request.body.decode()}"
        body = json.dumps({"error": {"message": said, "code": KEY, "type": said}, "type": "error"}).encode()
        await faults.reply(status, body)(writer, request)

    return behave


class HttpProviderContract(ModelProviderContract):
    """What holds for every provider that asks over HTTP."""

    @pytest.fixture
    def healthy(self, good: Behaviour) -> Iterator[FaultServer]:
        with FaultServer(faults.late(0.05, good)) as server:
            yield server

    @pytest.fixture
    def provider(self, healthy: FaultServer, make_provider: Make) -> ModelProvider:
        """In this order, so that the client's connections are closed before the server goes."""
        return make_provider(healthy.url, KEY)

    @pytest.mark.parametrize("sent", HOSTILE)
    @pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
    async def test_whatever_comes_is_a_failure_of_a_kind(
        self, make_provider: Make, request_to_model: Request, sent: str, streamed: bool
    ) -> None:
        behaviour, kinds = HOSTILE[sent]
        heard: list[str] = []
        with FaultServer(behaviour) as server, pytest.raises(ProviderFailed) as caught:
            await make_provider(server.url, KEY).generate(request_to_model, heard.append if streamed else None)
        assert caught.value.kind in kinds
        assert not heard

    @pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 529])
    async def test_neither_key_nor_question_is_in_a_failure(
        self, make_provider: Make, request_to_model: Request, status: int
    ) -> None:
        with FaultServer(repeating(status)) as server, pytest.raises(ProviderFailed) as caught:
            await make_provider(server.url, KEY).generate(request_to_model)
        assert KEY not in str(caught.value)
        assert not any(message.content in caught.value.values["detail"] for message in request_to_model.messages)

    async def test_the_key_goes_to_the_service_and_only_in_a_header(
        self, make_provider: Make, request_to_model: Request, good: Behaviour
    ) -> None:
        with FaultServer(good) as server:
            await make_provider(server.url, KEY).generate(request_to_model)
            (asked,) = server.requests
        assert any(KEY in value for value in asked.headers.values())
        assert KEY.encode() not in asked.body
        assert KEY not in asked.path
        assert asked.headers["idempotency-key"] == request_to_model.key

    async def test_silence_ends_with_the_time_that_was_given(
        self, make_provider: Make, request_to_model: Request
    ) -> None:
        began = time.monotonic()
        with FaultServer(faults.never()) as server, pytest.raises(ProviderFailed) as caught:
            await make_provider(server.url, KEY).generate(dataclasses.replace(request_to_model, timeout=0.3))
        assert (caught.value.kind, caught.value.retryable) == ("timeout", True)
        assert time.monotonic() - began < MINUTE / 12

    async def test_a_stream_without_end_ends_with_the_time_that_was_given(
        self, make_provider: Make, request_to_model: Request
    ) -> None:
        request = dataclasses.replace(request_to_model, timeout=0.3)
        comments = faults.dripping(b": still here\n\n", seconds=0.01)
        with FaultServer(comments) as server, pytest.raises(ProviderFailed) as caught:
            await make_provider(server.url, KEY).generate(request, lambda _: None)
        assert (caught.value.kind, caught.value.retryable) == ("timeout", True)

    async def test_the_wish_to_wait_is_heard(self, make_provider: Make, request_to_model: Request) -> None:
        busy = faults.error(429, headers={"retry-after": "7"})
        with FaultServer(busy) as server, pytest.raises(ProviderFailed) as caught:
            await make_provider(server.url, KEY).generate(request_to_model)
        assert (caught.value.kind, caught.value.retry_after) == ("overloaded", 7)
