"""Is every breach of a schema found and told by its place, whatever the data?"""

import pytest

from leitstand.json_contract import validator


def test_breaches_point_at_the_place():
    schema = {"type": "object", "properties": {"a/b": {"type": "array", "items": {"maxLength": 2}}}, "required": ["c"]}
    breaches = dict(validator(schema)({"a/b": ["xxx"]}))
    assert set(breaches) == {"/a~1b/0", ""}
    assert "longer than 2" in breaches["/a~1b/0"]
    assert validator(schema)({"c": 1}) == ()


def test_breaches_are_bounded():
    breaches = validator({"items": {"type": "string"}})(list(range(10_000)))
    assert len(breaches) == 100
    long = validator({"maxLength": 1})("x" * 100_000)
    assert len(long[0][1]) <= 300


def test_patterns_take_linear_time():
    assert validator({"pattern": "^(a+)+$"})("a" * 5000 + "b")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_a_number_beyond_64_bits_is_told_by_its_place(number: int):
    breaches = validator({"type": "object", "properties": {"a": {"type": "array"}}})
    ((place, detail),) = breaches({"a": [1, {"b": number}], "c": 2**63 - 1})
    assert place == "/a/1/b"
    assert detail.startswith(str(number)[:57])
