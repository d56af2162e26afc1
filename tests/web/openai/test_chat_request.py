"""Is any JSON object either a request that a workflow takes, or refused by name?"""

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.definition.folders import KNOWN, valid

from leitstand.definition.read import read_files
from leitstand.domain.errors import InputInvalid
from leitstand.domain.message import Message
from leitstand.json_contract import validator
from leitstand.ports import Hooks
from leitstand.runtime.parts import Installed
from leitstand.runtime.submit import check_input
from leitstand.web.api.openai.chat_request import ANYWAY, PROTOCOL, REFUSED, ChatRequest, read_chat
from leitstand.web.chat_refusals import ParameterRefused

HI = [{"role": "user", "content": "Hi"}]

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | scalars, "content": values},
        optional={"refusal": scalars, "tool_calls": values, "name": scalars},
    ),
    max_size=3,
)
names = st.sampled_from([*PROTOCOL, *ANYWAY, *sorted(REFUSED), "question"]) | st.text(max_size=8)
bodies = st.dictionaries(names, values) | st.fixed_dictionaries({"messages": messages}, optional={"n": values})


@cache
def installed(template: str) -> Installed:
    """A scaffold as far as requests and inputs are judged by it."""
    result = read_files(valid(template), KNOWN)
    assert result.workflow is not None
    assert result.input_schema is not None
    assert result.output_schema is not None
    return Installed(
        digest="0" * 64,
        workflow=result.workflow,
        input_schema=result.input_schema,
        output_schema=result.output_schema,
        input_problems=validator(result.input_schema),
        output_problems=validator(result.output_schema),
        render=lambda _given, _passages, _language: (Message(role="user", content=""),),
        hooks=Hooks(),
        retriever=None,
        providers=(),
        guardrails=(),
        deliverer=None,
    )


def outcome(template: str, body: dict) -> ChatRequest | ParameterRefused | InputInvalid:
    """The request in a body, or why there is none."""
    workflow = installed(template)
    try:
        asked = read_chat(body, workflow)
        check_input(workflow.workflow, workflow.input_problems, asked.input)
    except (ParameterRefused, InputInvalid) as refused:
        return refused
    return asked


@pytest.mark.parametrize("template", ["passthrough", "answer"])
@settings(max_examples=60)
@given(body=bodies)
@example(body={"messages": [{"role": "user", "content": None, "refusal": "No."}]})
@example(body={"messages": HI, "stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}})
@example(body={"messages": HI, "": 1})
def test_a_body_is_taken_or_refused_by_name(template: str, body: dict):
    match outcome(template, body):
        case ParameterRefused() as refused:
            assert refused.param
            assert refused.kind
        case InputInvalid() as invalid:
            assert invalid.problems
        case asked:
            assert asked.input


@pytest.mark.parametrize("template", ["passthrough", "answer"])
def test_what_changes_nothing_is_taken_and_does_not_reach_the_input(template: str):
    workflow = installed(template)
    others = {name: values[0] for name, values in ANYWAY.items() if name not in workflow.input_schema["properties"]}
    nothing = dict.fromkeys((*REFUSED, *ANYWAY, "anything"))
    for given_body in (others, nothing, {"presence_penalty": 0.0, "n": 1.0}):
        asked = read_chat({"model": "x", "messages": HI, **given_body}, workflow)
        assert set(asked.input) <= {"messages", "question", "presence_penalty"}


@pytest.mark.parametrize(("name", "value"), [("n", True), ("n", 0), ("logprobs", 0), ("store", 1), ("logit_bias", [])])
def test_what_only_looks_like_it_changes_nothing_is_refused(name: str, value: object):
    with pytest.raises(ParameterRefused) as caught:
        read_chat({"messages": HI, name: value}, installed("answer"))
    assert caught.value.param == name
