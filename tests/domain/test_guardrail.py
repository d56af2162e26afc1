"""What do verdicts add up to?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.guardrail import SEVERITY, Judgement, Outcome, Verdict, decide
from leitstand.domain.policy import CheckSpec

POLICY = {"citations": CheckSpec(guard="citations").leads_to(), "facts": CheckSpec(guard="facts").leads_to()}

judgements = st.lists(
    st.builds(Judgement, guard=st.sampled_from(["citations", "facts", "stranger"]), verdict=st.sampled_from(Verdict)),
    max_size=4,
    unique_by=lambda judgement: judgement.guard,
)


def spoken(**verdicts: Verdict) -> list[Judgement]:
    return [Judgement(guard=guard, verdict=verdict) for guard, verdict in verdicts.items()]


@pytest.mark.parametrize(
    ("verdicts", "outcome", "reasons"),
    [
        ({"citations": Verdict.PASSED, "facts": Verdict.PASSED}, Outcome.DELIVER, ()),
        ({"citations": Verdict.FLAGGED, "facts": Verdict.PASSED}, Outcome.REVIEW, ("citations:flagged",)),
        ({"citations": Verdict.PASSED, "facts": Verdict.BLOCKED}, Outcome.ESCALATE, ("facts:blocked",)),
        ({"citations": Verdict.PASSED, "facts": Verdict.ERROR}, Outcome.REVIEW, ("facts:error",)),
        ({"citations": Verdict.PASSED}, Outcome.REVIEW, ("facts:not_run",)),
        ({}, Outcome.REVIEW, ("citations:not_run", "facts:not_run")),
        (
            {"citations": Verdict.FLAGGED, "facts": Verdict.BLOCKED},
            Outcome.ESCALATE,
            ("citations:flagged", "facts:blocked"),
        ),
    ],
)
def test_the_written_policy_decides(verdicts: dict[str, Verdict], outcome: Outcome, reasons: tuple[str, ...]) -> None:
    assert decide(spoken(**verdicts), POLICY) == (outcome, reasons)


def test_a_guard_without_a_policy_escalates_what_it_does_not_pass() -> None:
    assert decide(spoken(stranger=Verdict.FLAGGED), {}) == (Outcome.ESCALATE, ("stranger:flagged",))
    assert decide(spoken(stranger=Verdict.PASSED), {}) == (Outcome.DELIVER, ())


def test_a_policy_may_deliver_what_is_flagged_and_gives_no_reason_then() -> None:
    lenient = {"tone": CheckSpec(guard="tone", on_flagged=Outcome.DELIVER).leads_to()}
    assert decide(spoken(tone=Verdict.FLAGGED), lenient) == (Outcome.DELIVER, ())


@given(judgements)
def test_nothing_is_delivered_unless_every_required_guard_passed(given_judgements: list[Judgement]) -> None:
    outcome, reasons = decide(given_judgements, POLICY)
    passed = {each.guard for each in given_judgements if each.verdict is Verdict.PASSED}
    silent_or_fine = all(each.verdict is Verdict.PASSED for each in given_judgements)
    assert (outcome is Outcome.DELIVER) == (passed >= POLICY.keys() and silent_or_fine)
    assert bool(reasons) == (outcome is not Outcome.DELIVER)


@given(judgements, st.randoms(use_true_random=False))
def test_the_order_of_the_guards_does_not_matter(given_judgements: list[Judgement], dice: object) -> None:
    shuffled = list(given_judgements)
    dice.shuffle(shuffled)
    assert decide(shuffled, POLICY) == decide(given_judgements, POLICY)


@given(judgements)
def test_a_worse_verdict_never_leads_to_a_milder_outcome(given_judgements: list[Judgement]) -> None:
    before, _ = decide(given_judgements, POLICY)
    worse = [Judgement(guard=each.guard, verdict=Verdict.BLOCKED) for each in given_judgements]
    assert SEVERITY[decide(worse, POLICY)[0]] >= SEVERITY[before]
