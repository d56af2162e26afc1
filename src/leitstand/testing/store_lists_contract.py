"""Does a ``CaseStore`` list and count its cases rightly? Inherit, and supply ``reopen`` as for ``store_contract``."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from leitstand.domain.case import ENDED, WAITING, Case, CaseSummary, Status
from leitstand.domain.event import Body, CaseDelivered, CaseFailed, ModelCallFinished, ReviewDecided
from leitstand.domain.figures import Figures
from leitstand.domain.guardrail import Outcome
from leitstand.domain.review import Verb
from leitstand.ports import Admission, CaseFilter, CaseStore
from leitstand.testing.store_cases import (
    ACCEPTED,
    ANSWERED,
    DELIVERED,
    DRAFTED,
    INTENDED,
    REUSED,
    TENANT,
    Opening,
    appended,
    decided,
    opened,
    opening,
)
from leitstand.testing.store_contract import Reopen, now


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """The course that a case takes: what it costs, how long it takes, how it ends. Times in microseconds."""

    response: int | None = None
    cost: int | None = 0
    currency: str = ""
    fallback: bool = False
    outcome: Outcome = Outcome.DELIVER
    verb: Verb | None = None
    seconds_shown: int | None = None
    ends: bool = True
    fails: bool = False
    reused: bool = False

    def bodies(self) -> tuple[Body, ...]:
        """What happens after acceptance."""
        paid: ModelCallFinished = replace(ANSWERED, cost=self.cost, currency=self.currency)
        called: tuple[Body, ...] = (INTENDED, paid, *((REUSED,) if self.reused else ()))
        if self.fails:
            return (*called, CaseFailed(reason="broken_draft"))
        if self.response is None:
            return called
        answered: tuple[Body, ...] = (*called, replace(DRAFTED, fallback=self.fallback), decided(self.outcome, 5))
        if self.outcome is Outcome.DELIVER:
            return (*answered, DELIVERED) if self.ends else answered
        if self.verb is None:
            return answered
        review = ReviewDecided(verb=self.verb, reason="", draft_commitment="", seconds_shown=self.seconds_shown)
        last = (
            (CaseDelivered(number=1, kind="caller", attempts=0),) if self.ends and self.verb is not Verb.REJECT else ()
        )
        return (*answered, review, *last)


def some_course(dice: random.Random) -> Course:
    """A course by chance; every kind of end comes up."""
    return Course(
        response=dice.choice([None, dice.randrange(10, 10_000)]),
        cost=dice.choice([None, 0, dice.randrange(1000)]),
        currency="EUR",
        fallback=dice.random() < 0.3,
        outcome=dice.choice(list(Outcome)),
        verb=dice.choice([None, *Verb]),
        seconds_shown=dice.choice([None, dice.randrange(600)]),
        ends=dice.random() < 0.8,
        fails=dice.random() < 0.1,
        reused=dice.random() < 0.3,
    )


async def taken(cases: CaseStore, start: Opening, course: Course) -> Case:
    """A case that took the course, stored; it is answered ``course.response`` after its acceptance."""
    case = await opened(cases, start)
    bodies = course.bodies()
    until_decision = next((place for place, body in enumerate(bodies) if body.type == "case.decided"), 0)
    return await appended(cases, case, start.at + (course.response or 0) - until_decision, *bodies)


def counted(cases: Iterable[Case], in_time: int) -> Figures:
    """The figures counted case by case."""
    every = list(cases)
    responses = sorted(case.answered_at - case.accepted_at for case in every if case.answered_at is not None)
    settled = [case for case in every if case.answered_at is not None or case.status in ENDED]
    known = [case.cost for case in settled if case.cost is not None]
    currencies = {case.currency for case in settled if case.cost is not None and case.currency}
    mixed = len(currencies) > 1
    reviewed = [case for case in every if case.decision]
    timed = [case.seconds_shown for case in reviewed if case.seconds_shown is not None]
    return Figures(
        accepted=len(every),
        answered=len(responses),
        in_time=sum(response <= in_time for response in responses),
        fallbacks=sum(case.fallback for case in every if case.answered_at is not None),
        by_status=Counter(str(case.status) for case in every),
        decisions=Counter(str(case.decision) for case in reviewed),
        cost=0 if mixed else sum(known),
        currency=currencies.pop() if len(currencies) == 1 else "",
        costed=0 if mixed else len(known),
        uncosted=len(settled) if mixed else len(settled) - len(known),
        response_p50=_nearest_rank(responses, 50),
        response_p95=_nearest_rank(responses, 95),
        review_seconds=sum(timed),
        timed_reviews=len(timed),
        reuses=sum(case.reused for case in every if case.answered_at is not None),
        released_unseen=sum(case.status is Status.DELIVERED and case.decision is None for case in every),
    )


def _nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    """The smallest value that at least ``percent`` of all values do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1] if ordered else None


async def _ids(cases: CaseStore, wanted: CaseFilter) -> list[str]:
    return [summary.case.case_id for summary in await cases.find(TENANT, wanted)]


async def _pages(cases: CaseStore, wanted: CaseFilter) -> list[CaseSummary]:
    """All pages of a list, one after the other."""
    found: list[CaseSummary] = []
    while page := await cases.find(TENANT, wanted):
        found += page
        wanted = replace(wanted, before=page[-1].case.case_id)
    return found


class CaseListContract:
    """What holds for lists of cases and for what they add up to."""

    async def test_each_filter_lets_through_what_it_names(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        letters = [await opened(cases, Opening(at=start + place * 1000)) for place in range(4)]
        mail = await opened(cases, Opening(at=start + 9000, workflow="mails", release_digest="e" * 64))
        waiting = await appended(cases, letters[1], start, decided(Outcome.REVIEW, start))
        await opened(cases, Opening(at=start, tenant_id="other"))
        newest_first = [case.case_id for case in (mail, *reversed(letters))]
        assert await _ids(cases, CaseFilter()) == newest_first
        assert await _ids(cases, CaseFilter(limit=2)) == newest_first[:2]
        assert await _ids(cases, CaseFilter(workflow="letters")) == newest_first[1:]
        assert await _ids(cases, CaseFilter(release_digest="e" * 64)) == [mail.case_id]
        assert await _ids(cases, CaseFilter(status=("review", "escalated"))) == [waiting.case_id]
        assert await _ids(cases, CaseFilter(since=start + 3000)) == newest_first[:2]
        assert await _ids(cases, CaseFilter(search="2")) == [waiting.case_id]
        assert await _ids(cases, CaseFilter(search=f" {mail.case_id.upper()} ")) == [mail.case_id]
        assert await _ids(cases, CaseFilter(search=mail.case_id[:8], workflow="mails")) == [mail.case_id]
        assert await _ids(cases, CaseFilter(search="%")) == []
        assert await _ids(cases, CaseFilter(workflow="nothing")) == []

    async def test_pages_hold_every_case_once(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        stored = [await opened(cases, Opening(at=now() + place * 1000)) for place in range(25)]
        found = await _pages(cases, CaseFilter(limit=4))
        assert [summary.case for summary in found] == stored[::-1]

    async def test_the_inbox_shows_what_is_due_first(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start, dice = now(), random.Random(7)
        waiting = []
        for place in range(20):
            case = await opened(cases, Opening(at=start + place * 1000))
            outcome = dice.choice([Outcome.REVIEW, Outcome.ESCALATE])
            due_at = start + dice.randrange(5)
            waiting.append(await appended(cases, case, start, decided(outcome, due_at)))
        await opened(cases, Opening(at=start))
        wanted = CaseFilter(status=WAITING, oldest_due_first=True, limit=3)
        found = await _pages(cases, wanted)
        expected = sorted(waiting, key=lambda case: (case.due_at, case.case_id))
        assert [summary.case for summary in found] == expected

    async def test_a_decided_case_as_cursor_begins_the_inbox_again(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start = now()
        waiting = [
            await appended(cases, await opened(cases, Opening(at=start)), start, decided(Outcome.REVIEW, start + place))
            for place in range(4)
        ]
        await appended(cases, waiting[1], start, ACCEPTED)
        wanted = CaseFilter(status=WAITING, oldest_due_first=True, before=waiting[1].case_id)
        left = [waiting[place].case_id for place in (0, 2, 3)]
        assert await _ids(cases, wanted) == left
        assert await _ids(cases, replace(wanted, before=waiting[0].case_id)) == left[1:]

    async def test_figures_of_nothing_are_unknown(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        assert await cases.figures(TENANT, "letters", since=0, in_time=1) == counted((), 1)

    async def test_figures_are_what_a_recount_gives(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start, dice = now(), random.Random(11)
        courses = [some_course(dice) for _ in range(150)]
        stored = [await taken(cases, Opening(at=start + place), course) for place, course in enumerate(courses)]
        await taken(cases, Opening(at=start, workflow="mails"), Course(response=7))
        await taken(cases, Opening(at=start, tenant_id="other"), Course(response=7))
        for since in (start, start + 75, start + 149, start + 150):
            expected = counted((case for case in stored if case.accepted_at >= since), 5000)
            assert await cases.figures(TENANT, "letters", since=since, in_time=5000) == expected

    async def test_ways_are_what_a_recount_gives(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        start, dice = now(), random.Random(13)
        stored = []
        for place in range(60):
            where = Opening(at=start + place, release_digest=dice.choice("ab") * 64)
            stored.append(await taken(cases, where, some_course(dice)))
        await taken(cases, Opening(at=start, workflow="mails"), Course(response=7))
        await taken(cases, Opening(at=start, tenant_id="other"), Course(response=7))
        for since in (start, start + 30, start + 60):
            expected = Counter(
                (case.release_digest, case.attempts, case.drafted, case.fallback)
                for case in stored
                if case.accepted_at >= since and case.answered_at is not None
            )
            assert since > start + 59 or len(expected) > 3
            ways = await cases.ways(TENANT, "letters", since=since)
            assert {(w.release_digest, w.attempts, w.drafted, w.fallback): w.cases for w in ways} == expected
            assert len(ways) == len(expected)

    async def test_waiting_cases_are_counted_per_workflow_and_status(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        assert await cases.waiting(TENANT) == {}
        dice = random.Random(5)
        stored = [await taken(cases, Opening(at=now()), some_course(dice)) for _ in range(60)]
        stored += [await taken(cases, Opening(at=now(), workflow="mails"), some_course(dice)) for _ in range(20)]
        await taken(cases, Opening(at=now(), tenant_id="other"), Course(response=7, outcome=Outcome.REVIEW))
        expected = Counter((case.workflow, str(case.status)) for case in stored if case.status in WAITING)
        assert expected
        assert await cases.waiting(TENANT) == expected

    async def test_keys_that_were_admitted_are_known(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        keys = [f"march.csv/{place}" for place in range(300)]
        assert await cases.known(TENANT, "letters", keys) == frozenset()
        for place in (0, 7, 299):
            await cases.open(opening(Opening(at=now())), Admission(key=keys[place], request=b"row"))
        await cases.open(opening(Opening(at=now(), workflow="mails")), Admission(key=keys[1], request=b"row"))
        assert await cases.known(TENANT, "letters", keys) == {keys[0], keys[7], keys[299]}
        assert await cases.known(TENANT, "mails", [*keys, "'"]) == {keys[1]}
        assert await cases.known("other", "letters", keys) == frozenset()
        assert await cases.known(TENANT, "letters", []) == frozenset()

    async def test_a_job_is_counted_by_status(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        assert await cases.job(TENANT, "march.csv") == {}
        dice = random.Random(3)
        stored = [await taken(cases, Opening(at=now(), job="march.csv"), some_course(dice)) for _ in range(60)]
        for tenant_id, job in ((TENANT, "april.csv"), (TENANT, ""), ("other", "march.csv")):
            await opened(cases, Opening(at=now(), tenant_id=tenant_id, job=job))
        expected = Counter(str(case.status) for case in stored)
        assert len(expected) > 3
        assert await cases.job(TENANT, "march.csv") == expected
        assert await cases.job(TENANT, "march.csv", ("failed", "stopped")) == {"failed": expected["failed"]}
        assert await cases.job(TENANT, "") == {}
        found = await _pages(cases, CaseFilter(job="march.csv", limit=25))
        assert [summary.case for summary in found] == sorted(stored, key=lambda case: case.case_id, reverse=True)

    async def test_two_currencies_make_the_cost_unknown(self, reopen: Reopen) -> None:
        cases = (await reopen()).cases
        for currency in ("EUR", "USD", ""):
            await taken(cases, Opening(at=now()), Course(response=7, cost=5, currency=currency))
        figures = await cases.figures(TENANT, "letters", since=0, in_time=1)
        assert (figures.cost, figures.currency, figures.costed, figures.uncosted) == (0, "", 0, 3)
        assert figures.cost_per_case is None
