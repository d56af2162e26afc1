"""Does a store of mine hand out what is due: to whoever has room, in order, and never the same case twice?

Inherit and supply the fixture ``reopen`` as for ``store_contract``, and ``crash``: an async function that lets the
process behind the opened database die without a word, and opens the same database as another one.
"""

import asyncio
from dataclasses import replace

from leitstand.domain.case import MOST_CRASHES, SUSPECT_CRASHES, Priority
from leitstand.domain.event import DeliveryIntended
from leitstand.domain.guardrail import Outcome
from leitstand.ports import CaseStore, Effect, Queued, Vacancy
from leitstand.testing.store_cases import (
    INTENDED,
    NORMALISED,
    TENANT,
    Opening,
    appended,
    claimed,
    decided,
    opened,
    opening,
    then,
    with_effects,
)
from leitstand.testing.store_contract import Reopen, now

BACKFILL = Priority.BACKFILL


async def left(cases: CaseStore, start: Opening) -> str:
    """The id of a new case that nobody keeps."""
    change = replace(opening(start), kept=False)
    await cases.open(change, None)
    return change.case.case_id


async def ids(cases: CaseStore, vacancy: Vacancy) -> list[str]:
    """Whom a worker with that vacancy gets."""
    return [case.case_id for case, _ in await cases.claim(vacancy)]


class CaseQueueContract:
    """What holds for cases that wait for a worker."""

    async def test_what_nobody_keeps_is_due_at_once(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        kept = await opened(cases, Opening(at=now()))
        case_id = await left(cases, Opening(at=now()))
        ((case, crashes),) = await cases.claim(Vacancy(limit=9))
        assert (case.case_id, case.epoch, crashes) == (case_id, 2, 0)
        waiting = await appended(cases, kept, now(), decided(Outcome.REVIEW, now()))
        assert await claimed(cases, limit=9) == ()
        undecided = replace(then(waiting, now(), NORMALISED), kept=False)
        await cases.append(undecided, due_to=waiting.seq)
        assert await claimed(cases, limit=9) == ()

    async def test_what_somebody_waits_for_comes_before_a_backfill(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        rows = [await left(cases, Opening(at=start + place, priority=BACKFILL, job="may")) for place in range(3)]
        waiting = [await left(cases, Opening(at=start + 9 - place)) for place in range(3)]
        assert await ids(cases, Vacancy(limit=2)) == waiting[::-1][:2]
        assert await ids(cases, Vacancy(limit=9)) == waiting[::-1][2:]
        assert await ids(cases, Vacancy(limit=2, priority=BACKFILL)) == rows[:2]
        (one,) = await cases.claim(Vacancy(limit=9, priority=BACKFILL))
        assert (one.case.case_id, one.case.priority, one.case.job) == (rows[2], BACKFILL, "may")

    async def test_a_workflow_at_its_limit_and_what_runs_already_are_left_alone(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        letter = await left(cases, Opening(at=start))
        mail = await left(cases, Opening(at=start + 1, workflow="mails"))
        foreign = await left(cases, Opening(at=start + 2, tenant_id="other"))
        assert await ids(cases, Vacancy(limit=9, full=[(TENANT, "letters")], skip=[mail])) == [foreign]
        assert await ids(cases, Vacancy(limit=9, full=[("o'; --", '"]')], skip=["'"])) == [letter, mail]

    async def test_the_queue_is_counted_by_tenant_and_workflow(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        for place, (tenant, workflow) in enumerate([(TENANT, "letters")] * 3 + [("other", "letters")]):
            await left(cases, Opening(at=start - place, tenant_id=tenant, workflow=workflow))
        await left(cases, Opening(at=start, priority=BACKFILL))
        await opened(cases, Opening(at=start))
        ours = Queued(tenant_id=TENANT, workflow="letters", priority=Priority.INTERACTIVE, cases=3, oldest=start - 2)
        theirs = replace(ours, tenant_id="other", cases=1, oldest=start - 3)
        assert set(await cases.queued(Priority.INTERACTIVE, 100)) == {ours, theirs}
        assert sum(one.cases for one in await cases.queued(Priority.INTERACTIVE, 2)) == 2
        assert [one.cases for one in await cases.queued(BACKFILL, 100)] == [1]

    async def test_of_many_who_claim_at_once_each_case_goes_to_one(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        waiting = [await left(cases, Opening(at=now())) for _ in range(30)]
        taken = await asyncio.gather(*(ids(cases, Vacancy(limit=7)) for _ in range(8)))
        assert sorted(case_id for ours in taken for case_id in ours) == sorted(waiting)

    async def test_who_closes_hands_back_and_who_crashes_is_counted(self, reopen: Reopen, crash: Reopen) -> None:
        cases = (await reopen()).cases
        case = await appended(cases, await opened(cases, Opening(at=now())), now(), NORMALISED)
        ((_, crashes),) = await (await reopen()).cases.claim(Vacancy(limit=1))
        assert crashes == 0
        for count in range(1, SUSPECT_CRASHES):
            cases = (await crash()).cases
            assert [one.crashes for one in await cases.claim(Vacancy(limit=9))] == [count]
        suspect = case
        for count in range(SUSPECT_CRASHES, MOST_CRASHES + 1):
            cases = (await crash()).cases
            assert await cases.claim(Vacancy(limit=9)) == ()
            ((suspect, crashes),) = await cases.claim(Vacancy(limit=9, suspects=True))
            assert (suspect.case_id, crashes) == (case.case_id, count)
        await appended(cases, suspect, now(), INTENDED)
        ((_, crashes),) = await (await crash()).cases.claim(Vacancy(limit=9))
        assert crashes == 1, "a step forward clears the suspicion"

    async def test_a_crash_says_nothing_against_what_was_not_under_way(self, reopen: Reopen, crash: Reopen) -> None:
        cases = (await reopen()).cases
        case_id = await left(cases, Opening(at=now()))
        cases = (await crash()).cases
        ((case, crashes),) = await cases.claim(Vacancy(limit=1))
        assert (case.case_id, crashes) == (case_id, 0)

    async def test_the_backlog_is_what_is_not_done_and_since_when(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        assert await cases.backlog(9) == ()
        await opened(cases, Opening(at=start))
        await opened(cases, Opening(at=start - 5, tenant_id="other"))
        for due in (start - 3, start + 10**9):
            waiting = await opened(cases, Opening(at=start - 7))
            await appended(cases, waiting, start, decided(Outcome.REVIEW, due))
        escalated = await opened(cases, Opening(at=start - 9))
        await appended(cases, escalated, start, decided(Outcome.ESCALATE, None))
        found = {(each.kind, each.cases, each.since) for each in await cases.backlog(9)}
        assert found == {
            ("open", 2, start - 5),
            ("review", 2, start - 7),
            ("escalated", 1, start - 9),
            ("overdue", 1, start - 3),
        }

    async def test_a_delivery_that_was_begun_is_in_the_backlog_until_it_is_done(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        case = await opened(cases, Opening(at=now()))
        case = await appended(cases, case, now(), decided(Outcome.DELIVER, None))
        for number, (due, done, expected) in enumerate([(now() + 10**9, None, []), (5, None, [5]), (5, 6, [])], 1):
            body = DeliveryIntended(number=1, kind="webhook", key="k")
            change = with_effects(then(case, now(), body), Effect(number=1, key="k", not_before=due, done_at=done))
            await cases.append(change, due_to=case.seq)
            case = change.case
            assert [each.since for each in await cases.backlog(9) if each.kind == "outbox"] == expected, number

    async def test_counting_a_long_backlog_stops_and_keeps_the_oldest(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        for place in range(5):
            await left(cases, Opening(at=start + place, priority=BACKFILL, job="may"))
        await opened(cases, Opening(at=start + 9))
        (found,) = await cases.backlog(2)
        assert (found.kind, found.cases, found.since) == ("open", 3, start)
