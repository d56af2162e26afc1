"""Does the first decision of a person count, and only when it fits the case?"""

import asyncio

import pytest
from tests.runtime.conftest import Bench, Opinion, Receiver

from leitstand.domain.case import CaseSummary, Status
from leitstand.domain.errors import InputInvalid, RequestMalformed, StateConflict
from leitstand.domain.event import Actor
from leitstand.domain.guardrail import Verdict
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.encoding import plain
from leitstand.runtime.review import decide_review

WEBER = Actor(kind="person", id="u_1")


def decision(summary: CaseSummary, verb: Verb, **more: object) -> ReviewDecision:
    """A decision on the draft of the case."""
    return ReviewDecision(verb=verb, draft_commitment=summary.case.draft_commitment, **more)  # type: ignore[arg-type]


@pytest.fixture
async def waiting(bench: Bench) -> CaseSummary:
    """A case that waits for review, its output going to a receiver."""
    bench.opinion, bench.receiver = Opinion(verdict=Verdict.FLAGGED), Receiver()
    await bench.activate()
    return await bench.ask()


async def decided(bench: Bench, summary: CaseSummary, verdict: ReviewDecision) -> CaseSummary:
    """The case after the decision, delivered if it comes to that."""
    await decide_review(bench.parts, bench.worker, summary, verdict, WEBER)
    await bench.worker.wait(summary.case.case_id, 10)
    found = await bench.parts.cases.summary("default", summary.case.case_id)
    assert found
    return found


async def test_accept_delivers_the_draft(bench: Bench, waiting: CaseSummary) -> None:
    after = await decided(bench, waiting, decision(waiting, Verb.ACCEPT, seconds_shown=9))
    assert (after.case.status, after.case.decision, after.case.seconds_shown) == (Status.DELIVERED, Verb.ACCEPT, 9)
    assert isinstance(bench.receiver, Receiver)
    assert plain(bench.receiver.taken[0][1])["output"] == {"answer": "Ja."}


async def test_edit_delivers_what_the_person_wrote(bench: Bench, waiting: CaseSummary) -> None:
    await decided(bench, waiting, decision(waiting, Verb.EDIT, output={"answer": "Nein."}))
    assert isinstance(bench.receiver, Receiver)
    assert plain(bench.receiver.taken[0][1])["output"] == {"answer": "Nein."}


async def test_reject_ends_the_case_and_nothing_goes_out(bench: Bench, waiting: CaseSummary) -> None:
    after = await decided(bench, waiting, decision(waiting, Verb.REJECT, reason="wrong", note="siehe Seite 3"))
    assert after.case.status is Status.REJECTED
    assert isinstance(bench.receiver, Receiver)
    assert bench.receiver.taken == []


async def test_the_event_names_the_person_and_holds_no_content(bench: Bench, waiting: CaseSummary) -> None:
    await decided(bench, waiting, decision(waiting, Verb.REJECT, reason="wrong", note="Geheimnis"))
    event = (await bench.parts.cases.events("default", waiting.case.case_id))[-1]
    assert (event.type, event.actor) == ("review.decided", WEBER)
    assert "Geheimnis" not in repr(event)


async def test_the_first_decision_counts(bench: Bench, waiting: CaseSummary) -> None:
    both = [decide_review(bench.parts, bench.worker, waiting, decision(waiting, Verb.ACCEPT), WEBER) for _ in range(8)]
    results = await asyncio.gather(*both, return_exceptions=True)
    assert sum(isinstance(result, CaseSummary) for result in results) == 1
    assert sum(isinstance(result, StateConflict) for result in results) == 7
    await bench.worker.wait(waiting.case.case_id, 10)
    assert isinstance(bench.receiver, Receiver)
    assert len(bench.receiver.taken) == 1


@pytest.mark.parametrize(
    ("verb", "more", "error"),
    [
        (Verb.REJECT, {"reason": "just because"}, RequestMalformed),
        (Verb.REJECT, {}, RequestMalformed),
        (Verb.EDIT, {}, RequestMalformed),
        (Verb.ACCEPT, {"output": {"answer": "x"}}, RequestMalformed),
        (Verb.EDIT, {"output": {"answer": 5}}, InputInvalid),
    ],
)
async def test_a_decision_that_does_not_fit_is_refused(
    bench: Bench, waiting: CaseSummary, verb: Verb, more: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await decided(bench, waiting, decision(waiting, verb, **more))
    found = await bench.parts.cases.summary("default", waiting.case.case_id)
    assert found
    assert found.case.status is Status.REVIEW


async def test_a_decision_on_another_draft_is_refused(bench: Bench, waiting: CaseSummary) -> None:
    with pytest.raises(StateConflict, match="another draft"):
        await decided(bench, waiting, ReviewDecision(verb=Verb.ACCEPT, draft_commitment="0" * 64))
