"""Are events written as RFC 8785 wants them, and do they come back?"""

import json

from hypothesis import given
from hypothesis import strategies as st
from tests.domain.journals import CHECKED, DELIVER, DELIVERED, ESCALATE, MISSED, REVIEW, TO_DRAFT, journal, reviewed

from leitstand.domain.event import BODIES
from leitstand.domain.review import Verb
from leitstand.encoding import canonical, commitment, decode_event, encode_event

EVENTS = journal(*TO_DRAFT, MISSED, CHECKED, DELIVER, DELIVERED, ESCALATE, REVIEW, reviewed(Verb.EDIT))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_is_what_the_standard_library_writes_sorted(value: object) -> None:
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(value) == expected.replace(b"\\u007f", b"\x7f")


def test_every_event_comes_back_as_it_was() -> None:
    for event in EVENTS:
        assert decode_event(encode_event(event)) == event


def test_the_bytes_of_an_event_are_canonical_json() -> None:
    for event in EVENTS:
        data = json.loads(encode_event(event))
        assert (
            encode_event(event) == json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        )


def test_every_type_of_event_is_registered_under_its_name() -> None:
    assert all(name == body.type for name, body in BODIES.items())
    assert {event.type for event in EVENTS} <= set(BODIES)


@given(st.binary(), st.binary())
def test_a_commitment_depends_on_salt_and_payload(salt: bytes, payload: bytes) -> None:
    assert commitment(salt, payload) == commitment(salt, payload)
    assert commitment(salt + b"x", payload) != commitment(salt, payload)
