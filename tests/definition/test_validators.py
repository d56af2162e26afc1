import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.definition.folders import changed, problems

from leitstand.definition.documents import Report
from leitstand.definition.validators import properties_of, read_contract, string_property, validator


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[1]", 0, "This is not the schema of an object with properties."),
        ("true", 0, "This is not the schema of an object with properties."),
        ('{"type": "object"}', 0, "This is not the schema of an object"),
        ('{"type": "string",\n"properties": {}}', 0, "This is not the schema of an object"),
        ('{"type": "object", "properties": {},\n"$schema": 5}', 2, "another dialect: 5"),
        (
            '{"type": "object", "properties": {}, "$schema": "http://json-schema.org/draft-07/schema#"}',
            1,
            "another dialect",
        ),
        ('{"type": "object",\n"properties": {"a": {\n"type": "strin"}}}', 3, '"strin" is not valid'),
        ('{"type": "object",\n"properties": {"a": {\n"pattern": "("}}}', 3, '"(" is not a "regex"'),
        ('{"type": "object",\n"properties": {"a": {\n"pattern": "(?=a)"}}}', 3, '"(?=a)" is not a "regex"'),
        ('{"type": "object",\n"properties": {"a": {\n"$ref": "http://x/y"}}}', 3, "leads out of the file"),
        ('{"type": "object",\n"properties": {"a": {\n"$ref": "other.json#/a"}}}', 3, "leads out of the file"),
        ('{"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}', 0, "does not exist"),
        ('{"type": "object", "properties": {},\n"$id": "http://x/y"}', 2, "leads out of the file"),
    ],
)
def test_schemas_that_are_no_contract(text: str, line: int, said: str):
    report = Report(file="input.schema.json", problems=[])
    assert read_contract(text.encode(), report) is None
    assert said in report.problems[0].text()
    assert report.problems[0].line == line


def test_a_property_may_be_called_like_a_keyword():
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}}}
    assert read_contract(json.dumps(schema).encode(), Report(file="", problems=[])) == schema


def test_text_properties_are_found_through_references():
    schema = {
        "properties": {
            "a": {"$ref": "#/$defs/t"},
            "b": {"type": "integer"},
            "c": {"$ref": "#/properties/c"},
            "d": True,
        },
        "$defs": {"t": {"type": "string"}},
    }
    assert [name for name in "abcdx" if string_property(schema, name)] == ["a"]
    assert properties_of(schema)["a"] == {"type": "string"}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("workflow.toml", 'text = "question"', 'text = "text"', "`input.text` names `text`, which is no text property"),
        ("workflow.toml", 'text = "answer"', 'text = "answered"', "Text properties there: answer."),
        (
            "input.schema.json",
            '"question": {\n      "type": "string"',
            '"question": {\n      "type": "integer"',
            "there: -.",
        ),
    ],
)
def test_the_text_fields_must_be_text(file: str, old: str, new: str, said: str):
    found = [problem for problem in problems(changed(file, old, new)) if said in problem.text()]
    assert [problem.file for problem in found] == ["workflow.toml"]
    assert found[0].line > 0


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


WORDS = st.sampled_from(
    ["type", "properties", "$ref", "$id", "$defs", "items", "enum", "pattern", "required", "a", "object"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, JSON, max_size=5), JSON)
def test_any_schema_is_a_contract_or_a_problem(schema: dict[str, object], data: object):
    schema = {"type": "object", "properties": {}, **schema}
    report = Report(file="input.schema.json", problems=[])
    contract = read_contract(json.dumps(schema).encode(), report)
    assert (contract is None) == bool(report.problems)
    if contract is not None:
        validator(contract)(data)
        properties_of(contract)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_a_number_beyond_64_bits_is_told_by_its_place(number: int):
    breaches = validator({"type": "object", "properties": {"a": {"type": "array"}}})
    ((place, detail),) = breaches({"a": [1, {"b": number}], "c": 2**63 - 1})
    assert place == "/a/1/b"
    assert detail.startswith(str(number)[:57])
