"""Does every change that a model could hear of make another key, and does a key tell nothing of what was asked?"""

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leitstand.domain.drafting import Target
from leitstand.domain.message import Grounding, Message, Request
from leitstand.domain.retrieval import Passage
from leitstand.domain.reuse import UNHEARD, Asker, Surroundings, request_key, scope_of

ASKER = Asker(tenant_id="default", workflow="help", data_class="internal", purpose="draft")
TARGET = Target(provider="openai_compatible", model="m", base_url="http://127.0.0.1:1/v1")
PASSAGE = Passage(id="a#1", source="a.md", title="A", text="At nine.")
GROUNDING = Grounding(question="When?", language="en", passages=(PASSAGE,))
REQUEST = Request(
    model="m",
    messages=(Message(role="system", content="Answer."), Message(role="user", content="When?")),
    schema={"type": "object", "properties": {"a": {}, "b": {}}},
    grounding=GROUNDING,
    timeout=30.0,
    key="case-1",
    options={"temperature": 0.0, "seed": 1},
)
AROUND = Surroundings(release_digest="d" * 64, language="en", given={"customer": "7"}, passages=("a#1", "b#2"))

KEY = request_key(ASKER, TARGET, REQUEST)

texts = st.text(max_size=20)
messages = st.lists(
    st.builds(Message, role=st.sampled_from(("system", "user", "assistant")), content=texts), max_size=4
)
passages = st.lists(st.builds(Passage, id=texts, source=texts, title=texts, text=texts, language=texts), max_size=3)
options = st.dictionaries(st.sampled_from(("temperature", "seed", "stop")), st.floats(0, 2) | st.integers(0, 9) | texts)
schemas = st.none() | st.recursive(
    st.dictionaries(texts, st.booleans() | texts, max_size=2), lambda inner: st.dictionaries(texts, inner, max_size=3)
)
requests = st.builds(
    Request,
    model=texts,
    messages=messages.map(tuple),
    schema=schemas,
    grounding=st.builds(Grounding, question=texts, language=texts, passages=passages.map(tuple)),
    timeout=st.floats(0.1, 60),
    key=texts,
    options=options,
)


@given(requests, requests)
def test_two_requests_share_a_key_only_when_the_model_hears_the_same(one: Request, other: Request) -> None:
    assume(repr(heard(one)) != repr(heard(other)))
    assert request_key(ASKER, TARGET, one) != request_key(ASKER, TARGET, other)


@given(requests, st.floats(0.1, 60), texts)
def test_time_and_idempotency_key_make_no_difference(request: Request, timeout: float, key: str) -> None:
    again = replace(request, timeout=timeout, key=key)
    assert request_key(ASKER, TARGET, again) == request_key(ASKER, TARGET, request)


def heard(request: Request) -> dict[str, object]:
    return {each.name: getattr(request, each.name) for each in fields(request) if each.name not in UNHEARD}


OTHER_FIELDS = {
    "model": "n",
    "messages": (*REQUEST.messages, Message(role="user", content="")),
    "schema": {"type": "object", "properties": {"b": {}, "a": {}}},
    "grounding": replace(GROUNDING, passages=()),
    "options": {"temperature": 0, "seed": 1},
    "tools": ("tool",),
    "rounds": ("round",),
}


def test_the_table_below_names_every_field_that_a_model_hears() -> None:
    assert set(OTHER_FIELDS) == {each.name for each in fields(Request)} - UNHEARD


@pytest.mark.parametrize("field", OTHER_FIELDS)
def test_each_field_of_a_request_makes_another_key(field: str) -> None:
    assert request_key(ASKER, TARGET, replace(REQUEST, **{field: OTHER_FIELDS[field]})) != KEY


@pytest.mark.parametrize("field", [each.name for each in fields(Asker)])
def test_an_answer_stays_with_who_asked_and_what_for(field: str) -> None:
    other = replace(ASKER, **{field: "other"})
    assert request_key(other, TARGET, REQUEST) != KEY
    assert scope_of(other, TARGET, AROUND) != scope_of(ASKER, TARGET, AROUND)


@pytest.mark.parametrize(
    "change", [{"provider": "anthropic"}, {"model": "n"}, {"base_url": "http://127.0.0.1:2/v1"}, {"options": {"a": 1}}]
)
def test_an_answer_stays_with_the_model_that_gave_it(change: dict[str, object]) -> None:
    other = replace(TARGET, **change)
    assert request_key(ASKER, other, REQUEST) != KEY
    assert scope_of(ASKER, other, AROUND) != scope_of(ASKER, TARGET, AROUND)


@pytest.mark.parametrize("field", [each.name for each in fields(Passage)])
def test_each_field_of_a_passage_makes_another_key(field: str) -> None:
    other = replace(GROUNDING, passages=(replace(PASSAGE, **{field: "other"}),))
    assert request_key(ASKER, TARGET, replace(REQUEST, grounding=other)) != KEY


@pytest.mark.parametrize(
    "change",
    [
        {"release_digest": "e" * 64},
        {"language": "de"},
        {"given": {"customer": "8"}},
        {"given": {}},
        {"passages": ("b#2", "a#1")},
        {"passages": ("a#1",)},
    ],
)
def test_questions_are_compared_only_where_all_around_them_is_the_same(change: dict[str, object]) -> None:
    assert scope_of(ASKER, TARGET, replace(AROUND, **change)) != scope_of(ASKER, TARGET, AROUND)


@given(requests)
def test_a_key_is_a_digest_and_holds_nothing_of_the_request(request: Request) -> None:
    key = request_key(ASKER, TARGET, request)
    assert len(key) == 32
    for message in request.messages:
        words = [word for word in message.content.encode("utf-8", "surrogatepass").split() if len(word) > 5]
        assert not any(word in key for word in words)


def test_what_has_no_form_in_a_key_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no place in the key"):
        request_key(ASKER, TARGET, replace(REQUEST, schema={"a": object()}))
