"""Does every schema become a form that gives back what it was filled with?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leitstand.web.pages.form import fields_of, spoken
from leitstand.web.pages.form_reading import NOT_A_NUMBER, NOT_JSON, NOT_WHOLE, read_output
from leitstand.web.pages.posted import Form

SCHEMA = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "title": "Text"},
        "summary": {"type": "string", "maxLength": 2000},
        "code": {"type": "string", "pattern": "^[A-Z]+$", "maxLength": 2000},
        "amount": {"type": "number"},
        "count": {"type": "integer"},
        "yes": {"type": "boolean"},
        "line": {"enum": ["motor", "home"]},
        "maybe": {"type": ["string", "null"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "sums": {"type": "array", "items": {"type": "number"}},
        "kinds": {"type": "array", "items": {"enum": ["a", "b", "c"]}},
        "inner": {
            "type": "object",
            "properties": {"a/b": {"type": "string"}, "deep": {"$ref": "#/$defs/deep"}},
            "required": ["a/b"],
        },
        "rows": {"type": "array", "items": {"type": "object"}},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
    "required": ["text", "amount", "yes", "line", "inner", "tags", "kinds"],
    "$defs": {"deep": {"type": "object", "properties": {"x": {"type": "integer"}}}},
}
VALUE = {
    "text": "One\nTwo",
    "summary": "Short",
    "code": "ABC",
    "amount": 6240.5,
    "count": 3,
    "yes": False,
    "line": "home",
    "maybe": "there",
    "tags": ["x", "y z"],
    "sums": [1, 2.5],
    "kinds": ["a", "c"],
    "inner": {"a/b": "slash", "deep": {"x": 7}},
    "rows": [{"a": 1}],
    "either": 5,
}
KINDS = {
    "/text": "long",
    "/summary": "long",
    "/code": "text",
    "/amount": "number",
    "/count": "integer",
    "/yes": "yesno",
    "/line": "choice",
    "/maybe": "text",
    "/tags": "lines",
    "/sums": "lines",
    "/kinds": "choices",
    "/inner": "group",
    "/rows": "json",
    "/either": "json",
}


def filled(fields) -> dict[str, list[str]]:
    """The form as a browser would send it unchanged."""
    sent: dict[str, list[str]] = {}
    for field in fields:
        if field.kind == "group":
            sent |= filled(field.fields)
        elif field.kind == "choices":
            sent[field.pointer] = list(field.value or [])
        else:
            sent[field.pointer] = [field.text.replace("\n", "\r\n")]
    return sent


def test_each_type_gets_its_field() -> None:
    assert {field.pointer: field.kind for field in fields_of(SCHEMA, VALUE)} == KINDS


def test_an_unchanged_form_is_an_unchanged_output() -> None:
    fields = fields_of(SCHEMA, VALUE)
    assert read_output(fields, Form(filled(fields)), VALUE) == (VALUE, {})


@given(
    st.fixed_dictionaries(
        {
            "text": st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(
                lambda text: text.strip()
            ),
            "amount": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
            "yes": st.booleans(),
            "line": st.sampled_from(["motor", "home"]),
            "tags": st.lists(st.from_regex(r"\A[a-z]{1,5}( [a-z]{1,5})?\Z")),
            "kinds": st.lists(st.sampled_from(["a", "b", "c"]), unique=True),
            "inner": st.fixed_dictionaries({"a/b": st.sampled_from(["x", "y"])}),
        }
    )
)
def test_any_output_survives_its_form(value: dict) -> None:
    fields = fields_of(SCHEMA, value)
    output, problems = read_output(fields, Form(filled(fields)), value)
    assert problems == {}
    assert json.loads(json.dumps(output)) == value


def test_an_empty_form_asks_for_what_is_required_only() -> None:
    output, problems = read_output(fields_of(SCHEMA, {}), Form({}), {})
    assert output == {
        "text": "",
        "amount": None,
        "yes": None,
        "line": None,
        "inner": {"a/b": ""},
        "tags": [],
        "kinds": [],
    }
    assert problems == {}


@pytest.mark.parametrize(
    ("pointer", "text", "problem"),
    [
        ("/amount", "much", NOT_A_NUMBER),
        ("/amount", "nan", NOT_A_NUMBER),
        ("/amount", "1e999", NOT_A_NUMBER),
        ("/count", "1.5", NOT_WHOLE),
        ("/sums", "1\nx", NOT_A_NUMBER),
        ("/rows", "[", NOT_JSON),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(pointer: str, text: str, problem: str) -> None:
    fields = fields_of(SCHEMA, VALUE)
    _, problems = read_output(fields, Form(filled(fields) | {pointer: [text]}), VALUE)
    assert problems == {pointer: problem}


@pytest.mark.parametrize(("typed", "read"), [("6240", 6240), ("6240,5", 6240.5), (" 6240.50 ", 6240.5), ("-3", -3)])
def test_numbers_are_read_as_people_write_them(typed: str, read: float) -> None:
    fields = fields_of(SCHEMA, VALUE)
    output, _ = read_output(fields, Form(filled(fields) | {"/amount": [typed]}), VALUE)
    assert output["amount"] == read


def test_properties_without_a_field_are_kept() -> None:
    value = VALUE | {"unforeseen": [1, {"x": 2}]}
    fields = fields_of(SCHEMA, value)
    assert read_output(fields, Form(filled(fields)), value)[0]["unforeseen"] == [1, {"x": 2}]


def test_references_in_circles_end() -> None:
    circular = {
        "type": "object",
        "properties": {"next": {"$ref": "#"}, "lost": {"$ref": "#/$defs/none"}, "loop": {"$ref": "#/$defs/loop"}},
        "$defs": {"loop": {"$ref": "#/$defs/loop"}},
    }
    fields = {field.pointer: field for field in fields_of(circular, {})}
    assert fields["/lost"].kind == "json"
    assert fields["/loop"].kind == "json"
    assert fields["/next"].kind == "group"


def test_titles_are_in_the_language_of_the_page_where_the_schema_has_them() -> None:
    schema = {
        "type": "object",
        "properties": {
            "paid": {"type": "boolean", "title": "Paid", "x-title-de": "Bezahlt"},
            "sums": {"type": "array", "items": {"type": "object", "properties": {"net": {"x-title-de": "Netto"}}}},
        },
    }
    assert fields_of(spoken(schema, "de"), {})[0].label == "Bezahlt"
    assert fields_of(spoken(schema, "en"), {})[0].label == "Paid"
    assert schema["properties"]["paid"]["title"] == "Paid"
