"""Is a model asked only where no answer is there already, and is a case with such an answer a case like all others?"""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from tests.runtime.conftest import GOOD, Bench, Opinion, Script

from leitstand.domain.caching import Cache, Semantic
from leitstand.domain.case import CaseSummary, Status, fold
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.event import ModelCallReused
from leitstand.domain.guardrail import Verdict
from leitstand.domain.message import Answer, Price, Usage
from leitstand.ports import Hooks
from leitstand.retrievers.embedders.usem3 import Usem3

EXACT = Cache(exact=True)
OVERLOADED = ProviderFailed(kind="overloaded", retryable=True, provider="m", detail="busy")
REFUSED = ProviderFailed(kind="refused", retryable=False, provider="m", detail="no key")
NUMBERED = [json.dumps({"answer": f"Antwort {number}"}) for number in range(1, 9)]


@pytest.fixture
def bench(bench: Bench) -> Bench:
    """A bench whose workflow remembers answers; its model says something else each time."""
    bench.scripts = [
        Script(replies=list(NUMBERED), price=Price(input_per_million=1_000_000, output_per_million=0, currency="EUR"))
    ]
    bench.cache = EXACT
    return bench


async def reused(bench: Bench, summary: CaseSummary) -> ModelCallReused | None:
    """The event that says that no model was asked."""
    events = await bench.parts.cases.events("default", summary.case.case_id)
    return next((event.body for event in events if isinstance(event.body, ModelCallReused)), None)


async def said(bench: Bench, summary: CaseSummary) -> object:
    """The answer in the draft of a case."""
    contents = await bench.parts.cases.contents("default", summary.case.case_id, ("draft",))
    return json.loads(contents["draft"])["answer"]


async def test_the_same_question_is_answered_once(bench: Bench) -> None:
    await bench.activate()
    first, second, other = await bench.ask(), await bench.ask(), await bench.ask("Und das?")
    assert len(bench.scripts[0].requests) == 2
    assert [await said(bench, each) for each in (first, second, other)] == ["Antwort 1", "Antwort 1", "Antwort 2"]
    event = await reused(bench, second)
    assert event
    assert (event.how, event.source_case, event.response_model) == ("exact", first.case.case_id, "m")
    assert 0 < event.age < 10_000_000
    assert (await reused(bench, first), await reused(bench, other)) == (None, None)


async def test_a_case_with_such_an_answer_is_checked_and_costs_nothing(bench: Bench) -> None:
    await bench.activate()
    first, second = await bench.ask(), await bench.ask()
    assert await bench.types(second) == [
        "case.accepted",
        "case.normalised",
        "model_call.reused",
        "case.drafted",
        "case.checked",
        "case.decided",
        "case.delivered",
    ]
    assert [(each.case.cost, each.case.reused) for each in (first, second)] == [(10, False), (0, True)]
    assert fold(await bench.parts.cases.events("default", second.case.case_id)) == second.case
    figures = await bench.parts.cases.figures("default", "help", since=0, in_time=10**9)
    assert (figures.answered, figures.reuses, figures.reuse_percent) == (2, 1, 50.0)


async def test_checks_of_today_judge_an_answer_of_yesterday(bench: Bench) -> None:
    await bench.activate()
    await bench.ask()
    bench.opinion = Opinion(verdict=Verdict.BLOCKED)
    await bench.activate("b")
    summary = await bench.ask()
    assert summary.case.reused
    assert summary.case.status is Status.ESCALATED


async def test_without_the_key_every_case_asks(bench: Bench) -> None:
    bench.cache = Cache()
    await bench.activate()
    assert [await said(bench, await bench.ask()) for _ in range(2)] == ["Antwort 1", "Antwort 2"]


@pytest.mark.parametrize("reply", ["", "kein JSON", '{"other": "x"}', OVERLOADED])
async def test_what_is_no_usable_answer_is_not_remembered(bench: Bench, reply: object) -> None:
    bench.scripts = [Script(replies=[reply])]
    await bench.activate()
    await bench.ask()
    asked = len(bench.scripts[0].requests)
    summary = await bench.ask()
    assert len(bench.scripts[0].requests) > asked
    assert await reused(bench, summary) is None


async def test_an_answer_that_was_cut_off_is_not_remembered(bench: Bench) -> None:
    async def cut_off() -> Answer:
        return Answer(text=GOOD, usage=Usage(), model="m", finish_reason="length")

    bench.scripts = [Script(replies=[cut_off])]
    await bench.activate()
    await bench.ask()
    asked = len(bench.scripts[0].requests)
    await bench.ask()
    assert len(bench.scripts[0].requests) == 2 * asked


async def test_an_answer_of_a_fallback_counts_for_the_fallback(bench: Bench) -> None:
    bench.scripts = [Script(replies=[REFUSED]), Script()]
    await bench.activate()
    await bench.ask()
    second = await bench.ask()
    assert [len(script.requests) for script in bench.scripts] == [2, 1]
    assert (second.case.reused, second.case.fallback) == (True, True)


async def test_an_answer_that_does_not_fit_any_more_is_asked_for_anew(bench: Bench) -> None:
    def stricter(draft: dict[str, object], _: dict[str, object]) -> dict[str, object]:
        return {**draft, "answer": f"{draft['answer']}!"}

    await bench.activate()
    await bench.ask()
    bench.hooks = Hooks(postprocess=stricter)
    await bench.activate("b")
    assert await said(bench, await bench.ask()) == "Antwort 1!"


async def test_the_contents_of_a_case_take_its_answer_with_them(bench: Bench) -> None:
    await bench.activate()
    first = await bench.ask()
    with closing(sqlite3.connect(bench.path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for table in ("contents", "case_keys"):
            connection.execute(f"DELETE FROM {table} WHERE case_id = ?", (first.case.case_id,))
    summary = await bench.ask()
    assert (summary.case.reused, await said(bench, summary)) == (False, "Antwort 2")


async def test_no_byte_of_a_question_or_an_answer_lies_in_the_cache(bench: Bench) -> None:
    await bench.activate()
    await bench.ask("Was kostet Kobalt?")
    with closing(sqlite3.connect(bench.path)) as connection:
        (row,) = connection.execute("SELECT * FROM answers").fetchall()
    for word in ("Kobalt", "Antwort"):
        assert not any(word.encode() in (value if isinstance(value, bytes) else str(value).encode()) for value in row)


async def test_parallel_cases_share_one_call(bench: Bench) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        asked.set()
        await go_on.wait()
        return GOOD

    bench.scripts = [Script(replies=[slow])]
    await bench.activate()
    asking = [asyncio.create_task(bench.ask()) for _ in range(8)]
    other = asyncio.create_task(bench.ask("Und das?"))
    await asked.wait()
    while len(bench.scripts[0].requests) < 2 or len(bench.parts.flights) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    go_on.set()
    cases = await asyncio.gather(*asking)
    assert len(bench.scripts[0].requests) == 2
    events = [event for event in [await reused(bench, each) for each in cases] if event]
    (leader,) = [each.case.case_id for each in cases if not each.case.reused]
    assert {(event.how, event.source_case) for event in events} <= {("shared", leader), ("exact", leader)}
    assert len(events) == 7
    assert not (await other).case.reused
    assert len(bench.parts.flights) == 0


async def test_when_the_first_fails_the_others_go_on_by_themselves(bench: Bench) -> None:
    go_on = asyncio.Event()

    async def fail() -> str:
        await go_on.wait()
        raise REFUSED

    bench.scripts = [Script(replies=[fail, GOOD])]
    await bench.activate()
    asking = [asyncio.create_task(bench.ask()) for _ in range(3)]
    while not bench.scripts[0].requests:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    go_on.set()
    cases = await asyncio.gather(*asking)
    assert sorted(each.case.status for each in cases) == ["delivered", "delivered", "escalated"]
    assert len(bench.parts.flights) == 0


async def test_tenants_never_share(bench: Bench) -> None:
    await bench.activate()
    await bench.ask()
    bench.tenant = "other"
    await bench.activate()
    assert not (await bench.ask()).case.reused
    assert (await bench.ask()).case.reused
    assert len(bench.scripts[0].requests) == 2


async def test_the_data_class_is_part_of_the_question(bench: Bench) -> None:
    await bench.activate()
    await bench.ask()
    bench.data_class = "personal"
    await bench.activate("b")
    assert not (await bench.ask()).case.reused


async def test_an_answer_grows_old(bench: Bench) -> None:
    bench.cache = replace(EXACT, minutes=1)
    await bench.activate()
    await bench.ask()
    with closing(sqlite3.connect(bench.path)) as connection, connection:
        connection.execute("UPDATE answers SET expires_at = expires_at - 60000000")
    assert not (await bench.ask()).case.reused


async def test_a_question_that_means_the_same_gets_the_answer(bench: Bench) -> None:
    bench.cache = Cache(exact=True, semantic=Semantic())
    bench.questions = Usem3()
    await bench.activate()
    first = await bench.ask("How can I append an entry to a list with 4 entries in Python?")
    same = await bench.ask("How do I append an entry to a list with 4 entries in Python?")
    event = await reused(bench, same)
    assert event
    assert (event.how, event.source_case) == ("semantic", first.case.case_id)
    assert 0.8 <= float(event.similarity) <= 1
    for other in (
        "How do I append an entry to a list with 6 entries in Python?",
        "How do I append an entry to a list with 4 entries in Java?",
        "How do I not append an entry to a list with 4 entries in Python?",
        "How do I remove an entry from a list with 4 entries in Python?",
    ):
        assert not (await bench.ask(other)).case.reused
