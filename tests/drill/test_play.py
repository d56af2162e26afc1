"""Does a drill tell what holds from what does not, and from what it never delivered?"""

from dataclasses import replace

import pytest

from leitstand import demo
from leitstand.drill.planned import lift, planned
from leitstand.drill.play import play
from leitstand.drill.reading import read_suite
from leitstand.drill.scenario import Expect, Inject, Scenario
from leitstand.drill.stage import Drilled


@pytest.fixture
def scenario() -> Scenario:
    """A quick one that passes."""
    return read_suite(demo.FOLDER).scenarios["M5"]


async def test_a_bound_that_is_not_kept_fails(drilled: Drilled, scenario: Scenario) -> None:
    strict = replace(scenario, expect=(Expect(figure="delivered", at_least=4), Expect(figure="lost", at_most=0)))
    outcome = await play(drilled, strict, 7)
    assert outcome.status == "failed"
    assert [(each.measured, each.met) for each in outcome.expectations] == [(3, False), (0, True)]


async def test_a_fault_that_was_not_delivered_is_an_error(drilled: Drilled, scenario: Scenario) -> None:
    never = Inject(at="primary", fault="status", match="a text that no prompt holds")
    outcome = await play(drilled, replace(scenario, inject=(*scenario.inject, never)), 7)
    assert outcome.status == "error"
    assert outcome.why == "not delivered: status at primary"
    assert all(each.met for each in outcome.expectations)


async def test_an_option_that_nothing_heeds_is_an_error(drilled: Drilled, scenario: Scenario) -> None:
    misspelt = replace(scenario.inject[0], options={**scenario.inject[0].options, "finish_raeson": "stop"})
    outcome = await play(drilled, replace(scenario, inject=(misspelt,)), 7)
    assert outcome.status == "error"
    assert outcome.why == "options that nothing heeds: finish_raeson of say at primary"
    scarce = Inject(at="budget", fault="limit", options={"per_cse": "1 EUR"})
    outcome = await play(drilled, replace(scenario, inject=(scarce,)), 7)
    assert outcome.status == "error"
    assert "per_cse" in outcome.why


async def test_a_figure_that_cannot_be_measured_keeps_no_bound(drilled: Drilled, scenario: Scenario) -> None:
    outcome = await play(
        drilled, replace(scenario, expect=(Expect(figure="shortest_pause", of="local", at_most=9),)), 7
    )
    assert outcome.status == "failed"
    assert outcome.expectations[0].measured is None


async def test_without_a_steady_state_nothing_is_drilled(drilled: Drilled, scenario: Scenario) -> None:
    hopeless = replace(drilled, inputs=({"question": "Wer gewinnt die Wahl?"},), memory={})
    outcome = await play(hopeless, scenario, 7)
    assert (outcome.status, outcome.why) == ("error", "there was no steady state to begin with")


def test_the_same_seed_draws_the_same_lots() -> None:
    scenario = read_suite(demo.FOLDER).scenarios["P5"]

    def struck(seed: int) -> list[list[bool]]:
        faults = planned(scenario.inject, seed, "")
        lift(faults, lifted=False)
        return [[fault.strikes() for _ in range(50)] for fault in faults]

    assert struck(3) == struck(3) != struck(4)


async def test_what_does_not_recover_fails(drilled: Drilled, scenario: Scenario) -> None:
    from leitstand.drill.scenario import Recover

    skewed = Inject(at="price", fault="times", options={"times": 2})
    late = replace(scenario, inject=(*scenario.inject, skewed), recover=Recover(within_seconds=3))
    assert (await play(drilled, late, 7)).status == "passed"


async def test_a_mutation_that_finds_nothing_to_replace_is_an_error(drilled: Drilled, monkeypatch) -> None:
    from leitstand.drill import suite
    from leitstand.drill.mutations import Mutation

    gone = Mutation(protection="gone", scenario="M5", places=("leitstand.runtime.draft:gone",), wrap=lambda _: None)
    monkeypatch.setattr(suite, "MUTATIONS", (gone,))
    monkeypatch.setattr("leitstand.drill.mutations.MUTATIONS", (gone,))
    outcome = suite._mutated(drilled, read_suite(demo.FOLDER).scenarios["M5"], 7, "gone")
    assert outcome.status == "error"
    assert "nothing to replace" in outcome.why
