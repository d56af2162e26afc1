"""Reading bodies strictly: any object comes back as it was written, and a key that comes twice is never overlooked."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.errors import RequestMalformed
from leitstand.web.requests import MOST_LEVELS, decode_object

KEYS = st.sampled_from(["a", "b", "", ":", '":', '"', "\\", "ü", "a\n", '","a":1'])
SPACE = st.text(" \t\n\r", max_size=2)


@dataclass(frozen=True)
class Written:
    """An object as text, as a value, and whether a key comes twice anywhere in it."""

    text: str
    value: object
    twice: bool


def scalar(value: object) -> Written:
    return Written(text=json.dumps(value), value=value, twice=False)


@st.composite
def array(draw: st.DrawFn, inner: st.SearchStrategy[Written]) -> Written:
    items = draw(st.lists(inner, max_size=3))
    text = f"[{','.join(item.text for item in items)}]"
    return Written(text=text, value=[item.value for item in items], twice=any(item.twice for item in items))


@st.composite
def object_(draw: st.DrawFn, inner: st.SearchStrategy[Written]) -> Written:
    pairs = draw(st.lists(st.tuples(KEYS, inner), max_size=4))
    written = []
    for key, item in pairs:
        escaped = "".join(f"\\u{ord(char):04x}" for char in key)
        name = draw(st.sampled_from([json.dumps(key), json.dumps(key, ensure_ascii=False), f'"{escaped}"']))
        written.append(f"{draw(SPACE)}{name}{draw(SPACE)}:{draw(SPACE)}{item.text}{draw(SPACE)}")
    twice = len({key for key, _ in pairs}) < len(pairs) or any(item.twice for _, item in pairs)
    return Written(text=f"{{{','.join(written)}}}", value={key: item.value for key, item in pairs}, twice=twice)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), KEYS).map(scalar)
VALUES = st.recursive(SCALARS, lambda inner: array(inner) | object_(inner), max_leaves=8)


@given(object_(VALUES))
def test_what_is_written_is_read_unless_a_key_comes_twice(written: Written):
    body = written.text.encode()
    if written.twice:
        with pytest.raises(RequestMalformed, match="comes twice"):
            decode_object(body)
    else:
        assert decode_object(body) == written.value


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_nesting_is_bounded_exactly():
    assert decode_object(nested(MOST_LEVELS))
    with pytest.raises(RequestMalformed, match="64 levels"):
        decode_object(nested(MOST_LEVELS + 1))


@given(st.binary(max_size=60))
def test_any_bytes_are_an_object_or_a_clear_refusal(body: bytes):
    try:
        value = decode_object(body)
    except RequestMalformed:
        return
    assert isinstance(value, dict)
