"""Is a dear question answered once for all who ask, and a cheap one anew each time?"""

import asyncio

import pytest

from leitstand.runtime import remembered
from leitstand.runtime.remembered import Remembered


class Oracle:
    """Counts how often it was asked; needs so many seconds for an answer."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked = 0
        self.seconds = seconds

    async def __call__(self) -> int:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        return self.asked


async def test_a_cheap_answer_is_found_anew() -> None:
    known, oracle = Remembered(), Oracle()
    assert [await known.of("how many", oracle) for _ in range(3)] == [1, 2, 3]


async def test_a_dear_answer_holds_for_a_while_and_then_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.01)
    known, oracle = Remembered(), Oracle(0.02)
    assert [await known.of("how many", oracle) for _ in range(3)] == [1, 1, 1]
    assert await known.of("another question", oracle) == 2
    monkeypatch.setattr(remembered, "TIMES", 0)
    kept = Remembered()
    assert [await kept.of("how many", oracle) for _ in range(2)] == [3, 4]


async def test_many_cheap_answers_are_dear_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.05)
    known, oracle = Remembered(), Oracle(0.01)
    for question in range(8):
        await known.of(question, oracle)
    assert await known.of(7, oracle) == 8


async def test_what_waits_for_its_turn_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.05)
    known, slow, quick = Remembered(), Oracle(0.06), Oracle()
    await asyncio.gather(known.of("slow", slow), known.of("quick", quick))
    monkeypatch.setattr(remembered, "DEAR", 1.5 * known._kept["slow"].took)
    assert await known.of("quick", quick) == 2, "together they took less"


async def test_no_answer_holds_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.01)
    monkeypatch.setattr(remembered, "LONGEST", 0.0)
    known, oracle = Remembered(), Oracle(0.02)
    assert [await known.of("how many", oracle) for _ in range(2)] == [1, 2]


async def test_an_old_answer_is_given_while_a_newer_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.01)
    known, oracle = Remembered(), Oracle(0.02)
    assert await known.of("how many", oracle) == 1
    given = []
    while oracle.asked == 1:
        given.append(await known.of("how many", oracle))
        await asyncio.sleep(0.01)
    assert set(given) == {1}, "the old one, at once"
    while (newer := await known.of("how many", oracle)) == 1:
        await asyncio.sleep(0.01)
    assert newer == 2
    monkeypatch.setattr(remembered, "TIMES", 0)
    assert await known.of("another", oracle) == 3
    assert await known.of("another", oracle) == 4, "void: who asks waits"


async def test_one_answer_is_found_at_a_time() -> None:
    known, under_way, most = Remembered(), 0, 0

    async def find() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1

    await asyncio.gather(*(known.of(question, find) for question in range(5)))
    assert most == 1


async def test_who_asks_together_gets_one_answer_though_the_first_goes_away() -> None:
    known, oracle = Remembered(), Oracle(0.05)
    first, *others = [asyncio.ensure_future(known.of("how many", oracle)) for _ in range(5)]
    await asyncio.sleep(0.01)
    first.cancel()
    assert await asyncio.gather(*others) == [1] * 4
    assert first.cancelled()


async def test_what_went_wrong_is_kept_for_nobody() -> None:
    known, oracle = Remembered(), Oracle()

    async def broken() -> int:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await known.of("how many", broken)
    assert await known.of("how many", oracle) == 1


async def test_no_more_is_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "DEAR", 0.0)
    monkeypatch.setattr(remembered, "MOST", 2)
    known, oracle = Remembered(), Oracle(0.01)
    for question in "abc":
        await known.of(question, oracle)
    assert await known.of("c", oracle) == 3
    assert await known.of("a", oracle) == 4
