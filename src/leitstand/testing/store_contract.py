"""Does a ``CaseStore`` lose nothing, repeat nothing, and shut out who has been overtaken? Inherit, supply one fixture.

    class TestMine(CaseStoreContract):
        @pytest_asyncio.fixture
        async def reopen(self, ...):
            ...

``reopen`` is an async function: it closes what it opened before and opens the same, at first empty, database as a new
process would. ``store_lists_contract`` and ``release_store_contract`` hold the other contracts, over the same fixture.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from leitstand.domain.case import Case, Status, fold
from leitstand.domain.errors import IdempotencyConflict, LeaseLost
from leitstand.domain.guardrail import Outcome
from leitstand.encoding import encode_event
from leitstand.ports import Admission, CaseFilter, CaseStore, Effect, Stores
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import (
    ACCEPTED,
    ANSWERED,
    DELIVERED,
    DRAFTED,
    INTENDED,
    NORMALISED,
    TENANT,
    Opening,
    appended,
    claimed,
    decided,
    delayed,
    opened,
    opening,
    text,
    then,
    with_effects,
)

Reopen = Callable[[], Awaitable[Stores]]


def now() -> int:
    """UTC in microseconds."""
    return time.time_ns() // 1000


async def stored(cases: CaseStore, case: Case) -> Case:
    """The case as its journal has it; row and journal must agree on everything but the epoch of a later take-over."""
    folded = fold(await cases.events(case.tenant_id, case.case_id))
    summary = await cases.summary(case.tenant_id, case.case_id)
    assert summary is not None
    assert summary.case._replace(epoch=folded.epoch) == folded
    return folded


class CaseStoreContract:
    """What holds for writing cases, one at a time and many at once."""

    async def test_a_new_case_has_a_row_a_journal_and_the_next_number(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        changes = [opening(Opening(at=now() + place)) for place in range(3)]
        for place, change in enumerate(changes):
            summary = await cases.open(change, None)
            assert (summary.case, summary.number) == (change.case, place + 1)
            assert await cases.summary(TENANT, change.case.case_id) == summary
            assert await cases.summary(TENANT, str(summary.number)) == summary
            assert await cases.events(TENANT, change.case.case_id) == change.events
        elsewhere = await cases.open(opening(Opening(at=now(), tenant_id="other")), None)
        assert elsewhere.number == 1

    async def test_what_is_not_there_is_not_there(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        for tenant, case_id in ((TENANT, "nothing"), ("other", case.case_id), (TENANT, "99"), (TENANT, "9" * 40)):
            assert await cases.summary(tenant, case_id) is None
            assert await cases.events(tenant, case_id) == ()
            assert await cases.contents(tenant, case_id) == {}

    async def test_events_keep_their_exact_bytes_over_a_restart(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        change = then(case, now(), NORMALISED, INTENDED, ANSWERED, DRAFTED, contents={"draft": text("Grüße ✓")})
        await cases.append(change, due_to=case.seq)
        cases = (await reopen()).cases
        journal = await cases.events(TENANT, case.case_id)
        assert [encode_event(event) for event in journal[1:]] == [encode_event(event) for event in change.events]
        assert await stored(cases, case) == change.case

    async def test_a_repeated_key_opens_one_case(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        first = await cases.open(opening(Opening(at=now())), Admission(key="k", request=b"body"))
        again = await cases.open(opening(Opening(at=now())), Admission(key="k", request=b"body"))
        assert again == first
        cases = (await reopen()).cases
        assert await cases.open(opening(Opening(at=now())), Admission(key="k", request=b"body")) == first
        assert len(await cases.find(TENANT, CaseFilter())) == 1

    async def test_a_key_with_another_request_is_a_conflict(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        first = await cases.open(opening(Opening(at=now())), Admission(key="k", request=b"body"))
        other = opening(Opening(at=now()))
        await raised(IdempotencyConflict, cases.open(other, Admission(key="k", request=b"another")))
        assert await cases.find(TENANT, CaseFilter()) == (first,)
        assert await cases.contents(TENANT, other.case.case_id) == {}

    async def test_a_key_belongs_to_its_tenant_and_workflow(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        places = [(TENANT, "letters"), (TENANT, "mails"), ("other", "letters")]
        admission = Admission(key="k", request=b"body")
        found = [
            await cases.open(opening(Opening(at=now(), tenant_id=tenant, workflow=workflow)), admission)
            for tenant, workflow in places
        ]
        assert len({summary.case.case_id for summary in found}) == len(places)

    async def test_the_same_key_at_the_same_time_opens_one_case(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        admission = Admission(key="k", request=b"body")
        found = await asyncio.gather(*(cases.open(opening(Opening(at=now())), admission) for _ in range(20)))
        assert len({summary.case.case_id for summary in found}) == 1
        assert await cases.find(TENANT, CaseFilter()) == (found[0],)

    async def test_a_writer_who_has_been_overtaken_writes_nothing(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        ahead = await appended(cases, case, now(), NORMALISED)
        late = then(case, now(), NORMALISED, contents={"normalised": b"late"})
        effect = Effect(number=1, key="late", not_before=0)
        await raised(LeaseLost, cases.append(with_effects(late, effect), due_to=case.seq))
        assert await stored(cases, case) == ahead
        assert "normalised" not in await cases.contents(TENANT, case.case_id)
        nobody = opening(Opening(at=now())).case
        await raised(LeaseLost, cases.append(then(nobody, now(), NORMALISED), due_to=nobody.seq))
        await raised(LeaseLost, cases.append(then(nobody, now(), NORMALISED, contents={"a": b""}), due_to=nobody.seq))

    async def test_of_many_writers_at_the_same_place_one_wins(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        changes = [then(case, now(), NORMALISED, contents={"normalised": b"%d" % place}) for place in range(16)]
        outcomes = await asyncio.gather(
            *(cases.append(change, due_to=case.seq) for change in changes), return_exceptions=True
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LeaseLost"] * 15 + ["NoneType"]
        winner = outcomes.index(None)
        assert (await cases.contents(TENANT, case.case_id, ["normalised"]))["normalised"] == b"%d" % winner
        assert len(await cases.events(TENANT, case.case_id)) == 2

    async def test_a_refused_write_does_not_disturb_its_neighbours(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        before = [await opened(cases, Opening(at=now())) for _ in range(20)]
        broken = [
            with_effects(then(case, now(), NORMALISED), Effect(number=1, key="the same key", not_before=0))
            for case in before[:2]
        ]
        stale = [cases.append(then(case, now(), NORMALISED), due_to=case.seq + 1) for case in before[2:10]]
        sound = [cases.append(then(case, now(), NORMALISED), due_to=case.seq) for case in before[10:]]
        doubtful = [cases.append(change, due_to=1) for change in broken]
        outcomes = await asyncio.gather(*stale, *doubtful, *sound, return_exceptions=True)
        kinds = [type(outcome).__name__ for outcome in outcomes]
        assert kinds == ["LeaseLost"] * 8 + ["NoneType", "RuntimeError"] + ["NoneType"] * 10
        lengths = [len(await cases.events(TENANT, case.case_id)) for case in before]
        assert lengths == [2] + [1] * 9 + [2] * 10

    async def test_after_a_restart_whatever_was_under_way_is_claimed_oldest_first(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        running = [await opened(cases, Opening(at=start - place)) for place in range(6)]
        running[2] = await appended(cases, running[2], now(), NORMALISED, INTENDED)
        waiting = await appended(cases, await opened(cases, Opening(at=start)), now(), decided(Outcome.REVIEW, start))
        ended = await appended(
            cases, await opened(cases, Opening(at=start)), now(), decided(Outcome.DELIVER), DELIVERED
        )
        assert await claimed(cases, limit=10, skip=()) == ()
        cases = (await reopen()).cases
        skipped = running[0]
        first = await claimed(cases, limit=2, skip=[skipped.case_id])
        rest = await claimed(cases, limit=10, skip=[skipped.case_id, *(case.case_id for case in first)])
        expected = [case._replace(epoch=case.epoch + 1) for case in reversed(running[1:])]
        assert [*first, *rest] == expected
        assert await claimed(cases, limit=10, skip=[skipped.case_id]) == ()
        assert [await stored(cases, case) for case in (waiting, ended)] == [waiting, ended]

    async def test_a_take_over_shuts_the_former_owner_out(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        former = await appended(cases, await opened(cases, Opening(at=now())), now(), NORMALISED)
        assert await cases.holds(former)
        cases = (await reopen()).cases
        (mine,) = await claimed(cases, limit=10, skip=())
        assert await cases.holds(mine)
        assert not await cases.holds(former)
        await raised(LeaseLost, cases.append(then(former, now(), INTENDED), due_to=former.seq))
        ahead = await appended(cases, mine, now(), INTENDED)
        assert await stored(cases, mine) == ahead
        assert not await cases.holds(mine)
        assert await cases.holds(ahead)

    async def test_each_take_over_raises_the_epoch_even_when_nothing_was_written(self, reopen: Reopen) -> None:
        case = await opened((await reopen()).cases, Opening(at=now()))
        for epoch in (2, 3, 4):
            assert await claimed((await reopen()).cases, limit=1, skip=()) == (case._replace(epoch=epoch),)

    async def test_a_delayed_case_is_claimed_when_its_time_has_come(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        due = now() + 1_500_000
        case = await appended(cases, await opened(cases, Opening(at=now())), now(), delayed(due))
        assert await claimed(cases, limit=1, skip=()) == ()
        taken: tuple[Case, ...] = ()
        while not taken and now() < due + 15_000_000:
            await asyncio.sleep(0.02)
            taken = await claimed(cases, limit=1, skip=())
        assert taken == (case._replace(epoch=2),)
        assert now() >= due

    async def test_a_decided_review_belongs_to_who_took_the_decision(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        waiting = await appended(cases, await opened(cases, Opening(at=now())), now(), decided(Outcome.REVIEW, now()))
        assert await claimed(cases, limit=1, skip=()) == ()
        accepted = await appended(cases, waiting, now(), ACCEPTED)
        assert accepted.status is Status.DELIVERING
        assert await claimed(cases, limit=1, skip=()) == ()
        assert await claimed((await reopen()).cases, limit=1, skip=()) == (accepted._replace(epoch=2),)

    async def test_contents_come_back_as_they_were(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        given = {"input": b"", "passages": bytes(range(256)) * 8192, "draft": text("Straße")}
        case = await opened(cases, Opening(at=now()), given)
        await appended(cases, case, now(), NORMALISED, contents={"normalised": b"more"})
        cases = (await reopen()).cases
        assert await cases.contents(TENANT, case.case_id) == {**given, "normalised": b"more"}
        assert await cases.contents(TENANT, case.case_id, ["draft", "nothing"]) == {"draft": given["draft"]}
        assert await cases.contents("other", case.case_id) == {}

    async def test_an_outward_effect_is_noted_once_and_marked_done(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        intended = with_effects(then(case, now(), NORMALISED), Effect(number=1, key="c-1", not_before=7))
        await cases.append(intended, due_to=case.seq)
        done = with_effects(then(intended.case, now(), INTENDED), Effect(number=1, key="c-1", not_before=7, done_at=9))
        await cases.append(done, due_to=intended.case.seq)
        other = await opened(cases, Opening(at=now()))
        taken = with_effects(then(other, now(), NORMALISED), Effect(number=1, key="c-1", not_before=7))
        await raised(RuntimeError, cases.append(taken, due_to=other.seq))
        assert await stored(cases, other) == other

    async def test_a_thousand_writes_at_once_all_arrive(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        changes = [opening(Opening(at=now() + place)) for place in range(500)]
        summaries = await asyncio.gather(*(cases.open(change, None) for change in changes))
        assert sorted(summary.number for summary in summaries) == list(range(1, 501))
        ahead = [then(summary.case, now(), NORMALISED) for summary in summaries]
        await asyncio.gather(*(cases.append(change, due_to=1) for change in ahead))
        cases = (await reopen()).cases
        assert [await stored(cases, change.case) for change in ahead[::50]] == [change.case for change in ahead[::50]]
