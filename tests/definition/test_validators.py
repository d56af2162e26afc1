import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.definition.folders import changed, problems

from leitstand.definition.documents import Report
from leitstand.definition.validators import properties_of, read_contract, string_property
from leitstand.json_contract import validator


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
