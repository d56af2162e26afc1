"""Does a case get its draft in time, whatever the model services of its chain do?"""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.runtime.house import GOOD, a_house, target

from leitstand.assembly import now
from leitstand.domain.case import Case, Status
from leitstand.domain.evaluation import Outcome, level_of
from leitstand.domain.event import ModelCallFinished, ModelCallIntended
from leitstand.domain.report import Report
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.transport_contract import unconnectable
from leitstand.testing.wire import Received


def outcome(case: Case) -> tuple[Status, list[str | None]]:
    return case.status, [attempt.error for attempt in case.attempts]


async def test_no_connection_in_time_goes_on_to_the_next_target(tmp_path: Path) -> None:
    with FaultServer(faults.good(GOOD)) as healthy:
        async with (
            unconnectable() as url,
            a_house(tmp_path, target(url, connect_seconds=0.2), target(healthy)) as house,
        ):
            case = await house.ask()
    assert outcome(case) == (Status.DELIVERED, ["unreachable", ""])
    assert case.fallback


TOO_SLOW = [
    ("first_token_seconds", faults.late(9, faults.streamed(GOOD))),
    ("between_tokens_seconds", faults.streamed(GOOD[:9], GOOD[9:], seconds=9)),
    ("timeout_seconds", faults.never()),
    ("timeout_seconds", faults.drip(GOOD, seconds=9)),
]


@pytest.mark.parametrize(("key", "behaviour"), TOO_SLOW)
async def test_an_answer_that_is_not_begun_or_does_not_go_on_is_given_up(
    tmp_path: Path, key: str, behaviour: faults.Behaviour
) -> None:
    with FaultServer(behaviour) as slow, FaultServer(faults.good(GOOD)) as healthy:
        async with a_house(tmp_path, target(slow, **{key: 0.2}), target(healthy)) as house:
            case = await house.ask()
            call = next(body for body in await house.bodies(case) if isinstance(body, ModelCallFinished))
    assert outcome(case) == (Status.DELIVERED, ["timeout", ""])
    assert call.duration < 5_000_000


async def test_an_answer_that_keeps_its_pace_is_taken_however_long_it_lasts(tmp_path: Path) -> None:
    pieces = [GOOD[place : place + 6] for place in range(0, len(GOOD), 6)]
    with FaultServer(faults.streamed(*pieces, seconds=0.1)) as server:
        async with a_house(tmp_path, target(server, first_token_seconds=0.5, between_tokens_seconds=0.5)) as house:
            case = await house.ask()
        assert json.loads(server.requests[0].body)["stream"] is True
    assert outcome(case) == (Status.DELIVERED, [""])


async def test_the_whole_chain_ends_with_its_deadline(tmp_path: Path) -> None:
    with FaultServer(faults.never()) as silent:
        chain = [target(silent, model=name, retries=5, timeout_seconds=0.4) for name in ("a", "b")]
        async with a_house(tmp_path, *chain, deadline_seconds=0.4) as house:
            case = await house.ask()
            reasons = [body for body in await house.bodies(case) if body.type == "case.draft_missed"]
    assert outcome(case) == (Status.ESCALATED, ["timeout"])
    assert [body.reason for body in reasons] == ["deadline"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry-after": "0.3"}, 300_000),
        ({"retry-after-ms": "300"}, 300_000),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "-7"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "nan"}, 0),
    ],
)
async def test_a_retry_waits_as_long_as_it_is_told_to(tmp_path: Path, headers: dict[str, str], waited: int) -> None:
    with FaultServer(faults.error(429, headers=headers), faults.good(GOOD)) as server:
        async with a_house(tmp_path, target(server, retries=1)) as house:
            case = await house.ask()
            events = await house.system.parts.cases.events("default", case.case_id)
    at = [event.at for event in events if event.type in ("model_call.finished", "model_call.intended")]
    assert outcome(case) == (Status.DELIVERED, ["overloaded", ""])
    assert at[2] - at[1] >= waited


@pytest.mark.parametrize("given", ["3600", "1e308", "99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_nobody_waits_for_what_takes_too_long(tmp_path: Path, given: str) -> None:
    busy = faults.error(503, headers={"retry-after": given})
    with FaultServer(busy) as server, FaultServer(faults.good(GOOD)) as healthy:
        async with a_house(tmp_path, target(server, retries=5), target(healthy)) as house:
            case = await house.ask()
    assert outcome(case) == (Status.DELIVERED, ["server_error", ""])


async def test_a_storm_of_retries_does_not_start(tmp_path: Path) -> None:
    spec = {"least_calls": 10_000}
    with FaultServer(faults.error(500)) as broken:
        async with a_house(tmp_path, target(broken, retries=5), retry_percent=10, breaker=spec) as house:
            await house.ask_all(100)
        assert 100 <= len(broken.requests) <= 100 + 10 + 12


async def test_a_question_that_is_too_long_is_shortened_once_and_then_a_persons(tmp_path: Path) -> None:
    too_long = faults.error(400, "context_length_exceeded")
    with FaultServer(too_long, faults.good(GOOD)) as server:
        async with a_house(tmp_path, target(server)) as house:
            case = await house.ask()
            contents = await house.system.parts.cases.contents("default", case.case_id)
        asked = [request.body.count(b"closes at") for request in server.requests]
    assert outcome(case) == (Status.DELIVERED, ["context", ""])
    assert asked == [4, 2]
    assert contents["prompt"].count(b"closes at") == 4
    assert contents["prompt.2"].count(b"closes at") == 2
    with FaultServer(too_long) as server:
        async with a_house(tmp_path / "2", target(server, retries=5), target(server, model="n", retries=5)) as house:
            case = await house.ask()
    assert outcome(case) == (Status.ESCALATED, ["context", "context", "context"])


async def test_a_question_that_is_too_long_goes_to_a_model_with_more_room(tmp_path: Path) -> None:
    with FaultServer(faults.error(400, "context_length_exceeded")) as small, FaultServer(faults.good(GOOD)) as large:
        chain = [target(small, context_tokens=8000), target(small, model="n", context_tokens=4000)]
        async with a_house(tmp_path, *chain, target(large, context_tokens=100_000)) as house:
            case = await house.ask()
    assert [attempt.target for attempt in case.attempts] == [0, 2]
    assert outcome(case) == (Status.DELIVERED, ["context", ""])


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("stop", ""),
        ("length", "truncated"),
        ("content_filter", "filtered"),
        ("tool_calls", "malformed"),
        (None, ""),
    ],
)
async def test_why_an_answer_ended_decides_what_it_is_worth(tmp_path: Path, reason: str | None, error: str) -> None:
    answer = faults.reply(200, faults.completion(GOOD, finish_reason=reason))
    with FaultServer(answer) as server, FaultServer(faults.good(GOOD)) as healthy:
        async with a_house(tmp_path, target(server), target(healthy)) as house:
            case = await house.ask()
    assert outcome(case) == (Status.DELIVERED, [error] if not error else [error, ""])


async def test_a_stream_that_ends_without_a_reason_is_a_failure(tmp_path: Path) -> None:
    cut = faults.events(faults.chunk(GOOD))
    with FaultServer(cut) as server, FaultServer(faults.good(GOOD)) as healthy:
        async with a_house(tmp_path, target(server, first_token_seconds=5), target(healthy)) as house:
            case = await house.ask()
    assert outcome(case) == (Status.DELIVERED, ["unreachable", ""])


async def test_the_quicker_of_two_answers_counts_and_the_other_is_cancelled(tmp_path: Path) -> None:
    with FaultServer(faults.late(9, faults.good(GOOD))) as slow, FaultServer(faults.good(GOOD)) as quick:
        async with a_house(tmp_path, target(slow), target(quick), hedge_after_seconds=0.2) as house:
            case = await house.ask()
            bodies = await house.bodies(case)
            row = await house.system.parts.cases.summary("default", case.case_id)
    ended = [(body.target, body.attempt, body.error) for body in bodies if isinstance(body, ModelCallFinished)]
    assert ended == [(0, 1, "cancelled"), (1, 2, "")]
    assert outcome(case) == (Status.DELIVERED, ["cancelled", ""])
    assert case.fallback
    assert row is not None
    assert row.case.cost is None  # what the cancelled call took is unknown


async def test_a_first_answer_in_time_is_the_only_one_asked_for(tmp_path: Path) -> None:
    with FaultServer(faults.good(GOOD)) as quick, FaultServer(faults.good(GOOD)) as other:
        async with a_house(tmp_path, target(quick), target(other), hedge_after_seconds=5) as house:
            case = await house.ask()
        assert other.requests == ()
    assert outcome(case) == (Status.DELIVERED, [""])


async def test_a_second_request_that_fails_leaves_the_first_its_time(tmp_path: Path) -> None:
    async def after_the_other(writer: asyncio.StreamWriter, request: Received) -> None:
        while not broken.requests:
            await asyncio.sleep(0.01)
        await faults.late(0.5, faults.good(GOOD))(writer, request)

    with FaultServer(faults.error(500)) as broken, FaultServer(after_the_other) as slow:
        async with a_house(tmp_path, target(slow), target(broken), hedge_after_seconds=0.1) as house:
            case = await house.ask()
            ended = [body for body in await house.bodies(case) if isinstance(body, ModelCallFinished)]
    assert outcome(case) == (Status.DELIVERED, ["", "server_error"])
    assert not case.fallback, "the target chosen first answered"
    assert [body.target for body in ended] == [1, 0]


async def test_two_that_fail_beside_each_other_leave_the_rest_of_the_chain(tmp_path: Path) -> None:
    late = faults.late(0.3, faults.error(500))
    with FaultServer(late) as first, FaultServer(late) as second, FaultServer(faults.good(GOOD)) as third:
        chain = [target(server) for server in (first, second, third)]
        async with a_house(tmp_path, *chain, hedge_after_seconds=0.1) as house:
            case = await house.ask()
    assert outcome(case) == (Status.DELIVERED, ["server_error", "server_error", ""])


PRICE = '\nprice = {{ input_per_million = {0}, output_per_million = {0}, currency = "EUR" }}'


async def test_the_cheapest_comes_first_and_the_unpriced_last(tmp_path: Path) -> None:
    with FaultServer(faults.good(GOOD)) as server:
        chain = [
            target(server, model="unpriced"),
            target(server, model="dear") + PRICE.format(9_000_000),
            target(server, model="cheap") + PRICE.format(1_000_000),
        ]
        async with a_house(tmp_path, *chain, order="cost") as house:
            case = await house.ask()
            asked = [body.model for body in await house.bodies(case) if isinstance(body, ModelCallIntended)]
    assert asked == ["cheap"]
    assert not case.fallback


async def test_the_quickest_comes_first_once_it_is_known(tmp_path: Path) -> None:
    slow = faults.late(0.3, faults.good(GOOD))
    with FaultServer(slow) as first, FaultServer(faults.error(500), faults.good(GOOD)) as second:
        async with a_house(tmp_path, target(second, model="b"), target(first, model="a"), order="latency") as house:
            asked = [(await house.ask()).attempts for _ in range(3)]
    assert [[attempt.target for attempt in attempts] for attempts in asked] == [[0, 1], [1], [1]]


def gold(digest: str, *passed: int | None) -> Report:
    """What ten gold cases said of each target of a release; nothing of one that was not measured."""
    outcomes = [
        [Outcome(passed=place < good, took=1, cost=0, currency="") for place in range(10)] if good is not None else []
        for good in passed
    ]
    levels = [level_of(place, ("scripted", "m"), listed) for place, listed in enumerate(outcomes)]
    body = json.dumps({"levels": [asdict(level) for level in levels], "cases": 10}).encode()
    return Report(tenant_id="default", workflow="harbour", release_digest=digest, kind="gold", at=now(), body=body)


async def test_the_best_on_the_gold_cases_comes_first_once_they_were_run_for_the_release(tmp_path: Path) -> None:
    with FaultServer(faults.good(GOOD)) as server:
        chain = [target(server, model=name) for name in ("a", "b", "c")]
        async with a_house(tmp_path, *chain, order="quality") as house:
            case, reports = await house.ask(), house.system.parts.reports
            assert [attempt.target for attempt in case.attempts] == [0]
            await reports.add(gold("of another release", 1, 2, 3))
            assert [attempt.target for attempt in (await house.ask()).attempts] == [0]
            await reports.add(gold(case.release_digest, None, 7, 9))
            assert [attempt.target for attempt in (await house.ask()).attempts] == [2]
