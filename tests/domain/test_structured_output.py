"""Is the one JSON object that a model meant found, and is everything doubtful named instead of believed?"""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.structured_output import DEEPEST, parse_output

ANSWER = {"answer": "Drücken Sie {Druck}. [1]", "answered": True, "citations": [1]}
TEXT = json.dumps(ANSWER)


@pytest.mark.parametrize("text", [TEXT, f"\n {TEXT}\t\n", json.dumps(ANSWER, ensure_ascii=False, indent=2)])
def test_a_clean_object_is_taken_as_it_is(text):
    parsed = parse_output(text)
    assert (parsed.value, parsed.repaired, parsed.problem) == (ANSWER, False, "")


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{TEXT}\n```",
        f"```\n{TEXT}```",
        f"Here is the {{answer}} you asked for:\n\n{TEXT}\n\nAnything else?",
        f"\ufeff{TEXT}",
        f"{TEXT} I hope this }} helps.",
        f"NaN: {TEXT}",
        f"1e999 {TEXT}",
    ],
)
def test_what_stands_around_the_object_is_cut_away_and_said(text):
    parsed = parse_output(text)
    assert (parsed.value, parsed.repaired) == (ANSWER, True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the text is empty"),
        (" \n", "the text is empty"),
        ("I cannot answer that.", "there is no JSON object in the text"),
        ("```json\n```", "there is no JSON object in the text"),
        (TEXT[:-5], "the JSON object is broken or cut off"),
        ('{"outer": {"answer": "x"}, "citat', "the JSON object is broken or cut off"),
        (TEXT + TEXT, "there is more than one JSON object in the text"),
        (f"{TEXT}\n```\nor\n```\n{TEXT}", "there is more than one JSON object in the text"),
        ("[1, 2]", "the JSON is a list instead of an object"),
        ('"text"', "the JSON is a string instead of an object"),
        ('"{}"', "the JSON is a string instead of an object"),
        ("3", "the JSON is a number instead of an object"),
        ("3.5", "the JSON is a number instead of an object"),
        ("true", "the JSON is a truth value instead of an object"),
        ("null", "the JSON is null instead of an object"),
        ('{"a": NaN}', "NaN is not a number in JSON"),
        ('{"a": -Infinity}', "-Infinity is not a number in JSON"),
        ('{"a": 1e999}', "a number is too large"),
        ('{"a": 9223372036854775808}', "a number is too large"),
        ('{"a": ' + "9" * 5000 + "}", "a number is too large"),
        ('{"a": 1, "a": 2}', "a key occurs twice in one object"),
        ('Sure: {"a": {"b": 1, "b": 1}}', "a key occurs twice in one object"),
        ('{"a": ["\\ud83d"]}', "a string holds half a character"),
        ('{"\\udc00": 1}', "a string holds half a character"),
        ('{"a": ' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1), "the JSON is nested too deeply"),
        ('{"a": ' * 200_000 + "1" + "}" * 200_000, "the JSON is nested too deeply"),
        ("[" * 200_000, None),
        ('so {"a": ' + "[" * 200_000, None),
    ],
)
def test_everything_else_is_a_problem_with_its_reason(text, problem):
    parsed = parse_output(text)
    assert parsed.value is None
    assert parsed.problem == problem or (problem is None and parsed.problem)


def test_sixty_three_levels_are_fine():
    depth = DEEPEST - 1
    assert parse_output('{"a": ' * depth + "1" + "}" * depth).value is not None


@pytest.mark.parametrize("piece", ['{"', "{", '{"a":', '{ "a": {', "```json\n{", "[{", '{}"'])
def test_hostile_repetition_takes_linear_time(piece):
    began = time.perf_counter()
    parse_output(piece * (2_000_000 // len(piece)))
    assert time.perf_counter() - began < 3


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=4)
PROSE = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]))


@given(OBJECTS)
def test_every_object_survives_the_way_through_a_model(value):
    assert parse_output(json.dumps(value)).value == value


@given(OBJECTS, PROSE, PROSE)
def test_prose_around_an_object_never_changes_it(value, before, after):
    parsed = parse_output(f"{before}: {json.dumps(value)} {after}")
    assert (parsed.value, parsed.repaired) == (value, True)


FRAGMENTS = st.sampled_from(
    ['{"a"', ":", "}", "[", "]", '"', "\\u", "d800", "NaN", "1e", "9", ",", "```json\n", "null", "\ud800", "\x00"]
)


@given(st.text() | st.lists(FRAGMENTS).map("".join))
def test_no_text_makes_it_raise_and_a_value_can_always_be_written_again(text):
    parsed = parse_output(text)
    assert (parsed.value is None) == bool(parsed.problem)
    if parsed.value is not None:
        json.dumps(parsed.value, ensure_ascii=False, allow_nan=False).encode()
