"""Is every call of a model ruled on by what its tool may do, and does the loop end whatever the model asks for?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.tool import (
    HELD,
    MOST_REFUSALS,
    SideEffect,
    Tool,
    ToolUse,
    UseState,
    call_id,
    gives_up,
    may_repeat,
    rule,
    use_after,
)
from leitstand.domain.tool_event import ToolCallFinished


def a_tool(effect: SideEffect = SideEffect.READ, **more) -> Tool:
    return Tool(name="look", description="Looks.", effect=effect, function="look", **more)


USED = ToolUse(state=UseState.FINISHED, tool="look")
FAILED = ToolUse(state=UseState.FINISHED, tool="look", error="timeout")
REFUSED = ToolUse(state=UseState.REFUSED, tool="look", error="bad_arguments")
OTHER = ToolUse(state=UseState.FINISHED, tool="other")
PROPOSED = ToolUse(state=UseState.PROPOSED, tool="look")


@pytest.mark.parametrize(
    ("tool", "fits", "earlier", "action", "reason"),
    [
        (None, True, (), "refuse", "unknown_tool"),
        (None, False, (), "refuse", "unknown_tool"),
        (a_tool(), True, (), "call", ""),
        (a_tool(), False, (), "refuse", "bad_arguments"),
        (a_tool(SideEffect.WRITE), True, (), "propose", ""),
        (a_tool(SideEffect.IRREVERSIBLE), True, (), "propose", ""),
        (a_tool(SideEffect.WRITE), False, (), "refuse", "bad_arguments"),
        (a_tool(most_calls=2), True, (USED,), "call", ""),
        (a_tool(most_calls=2), True, (USED, FAILED), "refuse", "most_calls"),
        (a_tool(most_calls=2), True, (USED, REFUSED, OTHER), "call", ""),
        (a_tool(SideEffect.WRITE, most_calls=1), True, (PROPOSED,), "refuse", "most_calls"),
    ],
)
def test_what_happens_to_a_call(tool, fits, earlier, action, reason):
    ruling = rule(tool, fits=fits, earlier=earlier)
    assert (ruling.action, ruling.reason) == (action, reason)


@pytest.mark.parametrize(
    ("rounds", "refusals", "reason"),
    [(0, 0, ""), (3, 0, ""), (4, 0, "tool_rounds"), (3, MOST_REFUSALS, ""), (3, MOST_REFUSALS + 1, "tool_refusals")],
)
def test_when_the_loop_ends(rounds, refusals, reason):
    assert gives_up(rounds, (REFUSED,) * refusals, 3) == reason


ASKS = st.lists(st.lists(st.tuples(st.sampled_from(["look", "change", "gone"]), st.booleans()), min_size=1, max_size=9))


@given(ASKS, st.integers(1, 5), st.integers(1, 4))
def test_whatever_a_model_asks_for_it_gets_little(asks, most_rounds, most_calls):
    tools = {
        "look": a_tool(most_calls=most_calls),
        "change": replace(a_tool(SideEffect.WRITE, most_calls=most_calls), name="change"),
    }
    uses: list[ToolUse] = []
    states = {"call": UseState.FINISHED, "propose": UseState.PROPOSED, "refuse": UseState.REFUSED}
    rounds = 0
    for round_ in asks:
        rounds += 1
        for name, fits in round_:
            if gives_up(rounds, uses, most_rounds):
                break
            ruling = rule(tools.get(name), fits=fits, earlier=uses)
            uses.append(ToolUse(state=states[ruling.action], tool=name, error=ruling.reason))
        if gives_up(rounds, uses, most_rounds):
            break
    made = [use for use in uses if use.state is not UseState.REFUSED]
    assert rounds <= most_rounds + 1
    assert len(uses) - len(made) <= MOST_REFUSALS + 1
    assert {use.tool for use in made} <= tools.keys()
    assert all(sum(use.tool == name for use in made) <= most_calls for name in tools)
    assert all(use.state is UseState.PROPOSED for use in made if use.tool == "change")


@pytest.mark.parametrize("error", ["timeout", "unreachable", "unconnected", "server_error", "broken", "lost"])
def test_an_unclear_end_is_repeated_only_where_it_can_be_taken_back(error):
    assert may_repeat(a_tool(SideEffect.WRITE), error, 1, 10)
    assert not may_repeat(a_tool(SideEffect.WRITE), error, 10, 10)
    assert not may_repeat(a_tool(SideEffect.IRREVERSIBLE), error, 0, 10)


@pytest.mark.parametrize("error", ["", "refused", "withheld", "malformed", "too_large"])
@pytest.mark.parametrize("effect", SideEffect)
def test_a_clear_end_is_never_repeated(effect, error):
    assert not may_repeat(a_tool(effect), error, 1, 10)


def test_a_call_that_a_stop_came_before_is_as_it_was():
    held = ToolCallFinished(number=1, tool="refund", error=HELD, duration=0, attempt=3, retry_at=1)
    assert use_after(held) == ToolUse(state=UseState.APPROVED, tool="refund")


@given(st.integers(1, 99_999))
def test_an_id_is_nine_letters_and_digits(number):
    assert len(call_id(number)) == 9
    assert call_id(number).isalnum()
