"""Is nobody asked faster than agreed or than he bears, and does whoever asks too fast hear when to come back?"""

import asyncio

import pytest
from tests.runtime.conftest import Bench, Script

from leitstand.assembly import now
from leitstand.domain.case import Status
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.price import Usage
from leitstand.domain.rate import CallerTooFast
from leitstand.runtime.rates import Rates

GOOD = '{"answer": "Ja."}'


def busy(retry_after: float | None = None) -> ProviderFailed:
    """A service that pushes back."""
    return ProviderFailed(
        kind="overloaded", retryable=False, retry_after=retry_after, usage=Usage.none(), provider="m", detail="429"
    )


async def limited(bench: Bench, *scripts: Script, target: dict[str, int] | None = None, **limits: int) -> None:
    """A bench whose targets and callers have these limits a minute."""
    await bench.end()
    bench.scripts = list(scripts)
    bench.begin()
    rates = Rates(now)
    object.__setattr__(bench.parts, "rates", rates)
    object.__setattr__(bench.parts, "gates", (rates,))
    bench.target = target or {}
    await bench.activate(**limits)


async def test_a_caller_who_asks_too_often_is_told_when_to_come_back(bench: Bench) -> None:
    await limited(bench, Script(), caller_requests_per_minute=2)
    for number in range(2):
        await bench.ask(f"{number}")
    with pytest.raises(CallerTooFast) as refused:
        await bench.ask("3")
    assert 25 <= refused.value.retry_after <= 30
    assert len(bench.scripts[0].requests) == 2


async def test_a_caller_whose_cases_took_too_many_tokens_waits_until_they_are_paid_off(bench: Bench) -> None:
    await limited(bench, Script(), caller_tokens_per_minute=20)
    await bench.ask("1")
    await bench.ask("2")
    with pytest.raises(CallerTooFast, match="20 tokens a minute"):
        await bench.ask("3")


async def test_a_model_is_asked_as_often_as_agreed_and_then_the_next_one_is(bench: Bench) -> None:
    await limited(bench, Script(), Script(), target={"requests_per_minute": 2})
    cases = [await bench.ask(f"{number}") for number in range(4)]
    assert {case.case.status for case in cases} == {Status.DELIVERED}
    assert (len(bench.scripts[0].requests), len(bench.scripts[1].requests)) == (2, 2)
    assert cases[-1].case.attempts[0].withheld == "rate"


async def test_a_model_that_pushed_back_is_left_alone_as_long_as_it_said(bench: Bench) -> None:
    asked: list[int] = []

    async def pushes_back() -> str:
        asked.append(now())
        raise busy(0.3)

    async def is_well() -> str:
        asked.append(now())
        return GOOD

    await limited(bench, Script(replies=[pushes_back, is_well]), Script())
    await bench.ask("1")
    await bench.ask("2")
    assert asked[1] - asked[0] >= 290_000, "the second case waited for its turn"
    assert (len(bench.scripts[0].requests), len(bench.scripts[1].requests)) == (2, 1)


async def test_half_as_many_are_under_way_after_a_push_back(bench: Bench) -> None:
    most, running = [0], [0]

    async def slow() -> str:
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0.02)
        running[0] -= 1
        return GOOD

    await limited(bench, Script(replies=[busy(), slow]), Script())
    await asyncio.gather(*(bench.ask(f"{number}") for number in range(4)))
    most[0] = 0
    await asyncio.gather(*(bench.ask(f"{number}") for number in range(12)))
    assert most[0] <= 5
