"""Does a ``ModelProvider`` keep its promises to the model chain? Inherit this and supply two fixtures.

class TestMine(ModelProviderContract):
    @pytest.fixture
    def provider(self):
        return MyProvider(...)

    @pytest.fixture
    def request_to_model(self):
        return Request(...)  # one that the provider can answer well within its timeout
"""

import asyncio
import dataclasses
import time

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request
from leitstand.domain.price import Price
from leitstand.ports import ModelProvider


class ModelProviderContract:
    """What holds for every provider that can answer."""

    async def test_it_answers_with_a_text_and_why_it_stopped(
        self, provider: ModelProvider, request_to_model: Request
    ) -> None:
        answer = await provider.generate(request_to_model)
        assert isinstance(answer, Answer)
        assert answer.text.strip()
        assert answer.finish_reason not in ("", "length")

    async def test_counts_are_unknown_or_real(self, provider: ModelProvider, request_to_model: Request) -> None:
        usage = (await provider.generate(request_to_model)).usage
        for count in (usage.input_tokens, usage.output_tokens):
            assert count is None or (type(count) is int and count >= 0)

    async def test_its_price_is_unknown_or_a_price(self, provider: ModelProvider) -> None:
        assert provider.price is None or isinstance(provider.price, Price)

    async def test_the_pieces_are_the_answer(self, provider: ModelProvider, request_to_model: Request) -> None:
        pieces: list[str] = []
        answer = await provider.generate(request_to_model, pieces.append)
        assert "".join(pieces) == answer.text

    async def test_calls_at_once_do_not_disturb_each_other(
        self, provider: ModelProvider, request_to_model: Request
    ) -> None:
        requests = [dataclasses.replace(request_to_model, key=f"{request_to_model.key}-{n}") for n in range(8)]
        answers = await asyncio.gather(*(provider.generate(request) for request in requests))
        assert all(answer.text.strip() for answer in answers)

    async def test_no_time_is_an_answer_or_a_timeout_but_never_a_wait(
        self, provider: ModelProvider, request_to_model: Request
    ) -> None:
        began = time.monotonic()
        call = provider.generate(dataclasses.replace(request_to_model, timeout=0.001))
        outcome = (await asyncio.gather(call, return_exceptions=True))[0]
        assert time.monotonic() - began < 2
        if not isinstance(outcome, Answer):
            assert isinstance(outcome, ProviderFailed)
            assert (outcome.kind, outcome.retryable) == ("timeout", True)

    async def test_a_cancelled_call_harms_no_later_one(
        self, provider: ModelProvider, request_to_model: Request
    ) -> None:
        call = asyncio.ensure_future(provider.generate(request_to_model))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert (await provider.generate(request_to_model)).text.strip()
