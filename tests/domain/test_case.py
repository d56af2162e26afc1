"""Does a journal fold into the case that it tells of, and does the right step come next?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.journals import (
    ACCEPTED,
    CHECKED,
    DELIVER,
    DELIVERED,
    DRAFTED,
    ESCALATE,
    INTENDED,
    MISSED,
    NORMALISED,
    RETRIEVED,
    REVIEW,
    TO_DRAFT,
    finished,
    journal,
    reviewed,
)
from tests.domain.workflows import a_workflow

from leitstand.domain import event as happened
from leitstand.domain.case import ENDED, WAITING, Case, Status, after, fold, next_step
from leitstand.domain.event import Body
from leitstand.domain.review import Verb
from leitstand.domain.workflow import Step, Workflow

WITH_SOURCES = a_workflow(sources=True)
WITHOUT_SOURCES = a_workflow(sources=False)


@pytest.mark.parametrize(
    ("bodies", "step", "status"),
    [
        ((ACCEPTED,), Step.NORMALISE, Status.OPEN),
        ((ACCEPTED, NORMALISED), Step.RETRIEVE, Status.OPEN),
        ((ACCEPTED, NORMALISED, RETRIEVED), Step.DRAFT, Status.OPEN),
        ((ACCEPTED, NORMALISED, RETRIEVED, INTENDED), Step.DRAFT, Status.OPEN),
        (TO_DRAFT, Step.CHECK, Status.OPEN),
        ((*TO_DRAFT[:-2], MISSED), Step.CHECK, Status.OPEN),
        ((*TO_DRAFT, CHECKED), Step.DECIDE, Status.OPEN),
        ((*TO_DRAFT, CHECKED, DELIVER), Step.DELIVER, Status.DELIVERING),
        ((*TO_DRAFT, CHECKED, DELIVER, DELIVERED), None, Status.DELIVERED),
        ((*TO_DRAFT, CHECKED, REVIEW), None, Status.REVIEW),
        ((*TO_DRAFT, CHECKED, ESCALATE), None, Status.ESCALATED),
        ((*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.ACCEPT)), Step.DELIVER, Status.DELIVERING),
        ((*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.EDIT)), Step.DELIVER, Status.DELIVERING),
        ((*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.REJECT)), None, Status.REJECTED),
        ((ACCEPTED, happened.CaseFailed(reason="broken_normalise")), None, Status.FAILED),
    ],
)
def test_every_state_has_its_next_step(bodies: tuple[Body, ...], step: Step | None, status: Status) -> None:
    case = fold(journal(*bodies))
    assert (next_step(case, WITH_SOURCES), case.status) == (step, status)


def test_a_workflow_without_sources_drafts_right_after_normalising() -> None:
    assert next_step(fold(journal(ACCEPTED, NORMALISED)), WITHOUT_SOURCES) is Step.DRAFT


def test_costs_add_up_over_attempts() -> None:
    case = fold(journal(*TO_DRAFT[:3], INTENDED, finished("timeout", cost=3), INTENDED, finished(cost=4), DRAFTED))
    assert (case.cost, case.currency, len(case.attempts)) == (7, "EUR", 2)


@pytest.mark.parametrize("second", [finished(cost=None, currency=""), finished(cost=4, currency="USD")])
def test_one_unknown_cost_or_a_second_currency_makes_the_sum_unknown(second: happened.ModelCallFinished) -> None:
    case = fold(journal(*TO_DRAFT[:3], INTENDED, finished("timeout", cost=3), INTENDED, second))
    assert case.cost is None


def test_an_edited_output_is_what_is_delivered() -> None:
    assert fold(journal(*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.EDIT))).output == "output"
    assert fold(journal(*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.ACCEPT))).output == "draft"


def test_a_draft_is_known_by_its_commitment() -> None:
    assert fold(journal(*TO_DRAFT)).draft_commitment == "c"


def test_an_interruption_is_counted_and_waits() -> None:
    broke = happened.CaseInterrupted(step="draft", error="ValueError", error_id="e", retry_at=77)
    case = fold(journal(ACCEPTED, NORMALISED, broke))
    assert (case.interruptions, case.not_before, case.status) == (1, 77, Status.OPEN)


def test_a_failed_delivery_waits_for_its_next_attempt() -> None:
    intended = happened.DeliveryIntended(number=1, kind="webhook", key="c1-1")
    missed = happened.DeliveryFailed(number=1, attempt=1, retry_at=50)
    case = fold(journal(*TO_DRAFT, CHECKED, DELIVER, intended, missed))
    assert (case.delivery_intended, case.delivery_attempts, case.not_before) == (True, 1, 50)
    assert next_step(case, WITH_SOURCES) is Step.DELIVER


def test_a_gap_in_the_journal_is_refused() -> None:
    first, _, third = journal(ACCEPTED, NORMALISED, RETRIEVED)
    with pytest.raises(ValueError, match="does not follow"):
        fold((first, third))


def test_an_event_of_another_case_is_refused() -> None:
    first, second = journal(ACCEPTED, NORMALISED)
    with pytest.raises(ValueError, match="does not follow"):
        fold((first, replace(second, case_id="c2")))


def test_a_journal_begins_with_the_acceptance() -> None:
    with pytest.raises(ValueError, match=r"begins with case\.accepted"):
        fold(journal(NORMALISED))


PATHS = st.sampled_from(
    [
        (*TO_DRAFT, CHECKED, DELIVER, DELIVERED),
        (*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.REJECT)),
        (*TO_DRAFT, CHECKED, REVIEW, reviewed(Verb.EDIT), DELIVERED),
        (*TO_DRAFT[:-2], finished("timeout"), MISSED, CHECKED, ESCALATE, reviewed(Verb.EDIT), DELIVERED),
    ]
)


@given(PATHS, st.integers(1, 20))
def test_folding_in_two_parts_is_folding_at_once(bodies: tuple[Body, ...], cut: int) -> None:
    events = journal(*bodies)
    cut = min(cut, len(events))
    case: Case = fold(events[:cut])
    for event in events[cut:]:
        case = after(case, event)
    assert case == fold(events)


@given(PATHS)
def test_a_case_always_has_a_step_a_wait_or_an_end(bodies: tuple[Body, ...]) -> None:
    for length in range(1, len(bodies) + 1):
        case = fold(journal(*bodies[:length]))
        assert (next_step(case, WITH_SOURCES) is None) == (case.status in (*WAITING, *ENDED))


def test_steps_stand_in_their_order() -> None:
    assert Workflow.steps.fget is not None
    assert WITH_SOURCES.steps == (
        Step.NORMALISE,
        Step.RETRIEVE,
        Step.DRAFT,
        Step.CHECK,
        Step.DECIDE,
        Step.DELIVER,
    )
