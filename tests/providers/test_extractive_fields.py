"""Is only what stands in the texts filled into a schema?"""

from typing import Any

import pytest

from leitstand.domain.message import Grounding
from leitstand.domain.retrieval import Passage
from leitstand.providers.extractive_fields import Unfillable, fill

INVOICE = "Harbour Paper Ltd\nInvoice number: HP-2024-118\nInvoice date: 3 May 2024\nPages: 4\nTotal: EUR 1,300.50"
TOPICS = (
    "- returns: customers send goods back and want money\n- repair: something broke, a brake or a wheel\n"
    "- other: everything else"
)


def filled(kind: dict[str, Any], text: str = INVOICE, *, title: str = "", name: str = "field") -> Any:
    passage = Passage(id="1", source="s", title="", text=TOPICS, language="en")
    grounding = Grounding(question=text, language="en", passages=(passage,))
    schema = {"properties": {name: {**kind, **({"title": title} if title else {})}}, "required": [name]}
    return fill(schema, grounding)[name]


@pytest.mark.parametrize(
    ("title", "kind", "value"),
    [
        ("Invoice number", {"type": "string", "maxLength": 40}, "HP-2024-118"),
        ("Invoice date", {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"}, "2024-05-03"),
        ("Invoice date", {"type": "string", "format": "date"}, "2024-05-03"),
        ("Total", {"type": "string", "pattern": "^([0-9]+[.][0-9]{2})?$"}, "1300.50"),
        ("Currency", {"type": "string", "pattern": "^([A-Z]{3})?$"}, "EUR"),
        ("Pages", {"type": "integer"}, 4),
        ("Total", {"type": "number"}, 1300.5),
        ("Weight", {"type": ["integer", "null"]}, None),
        ("Supplier", {"type": "string"}, ""),
        ("Tags", {"type": "array", "items": {"type": "string"}}, []),
        ("Kind", {"const": "invoice"}, "invoice"),
    ],
)
def test_values_are_read_near_their_label(title: str, kind: dict[str, Any], value: object) -> None:
    assert filled(kind, title=title) == value


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The brake of my bicycle broke.", "repair"),
        ("I want to send it back for my money.", "returns"),
        ("Thanks!", "other"),
    ],
)
def test_categories_are_told_by_the_words_that_describe_them(text: str, category: str) -> None:
    assert filled({"enum": ["other", "returns", "repair"]}, text) == category


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "integer"},
        {"type": "boolean"},
        {"type": "string", "minLength": 3},
        {"type": "array", "minItems": 1},
        {"enum": ["happy", "sad"]},
        {"type": "string", "pattern": "(?=x)", "minLength": 1},
        {},
        True,
    ],
)
def test_what_is_not_there_is_not_made_up(kind: Any) -> None:
    grounding = Grounding(question="Nothing of the kind.", language="en", passages=())
    with pytest.raises(Unfillable):
        fill({"properties": {"field": kind}, "required": ["field"]}, grounding)


def test_optional_fields_are_left_out_and_objects_are_filled() -> None:
    grounding = Grounding(question="Pages: 4", language="en", passages=())
    schema = {
        "properties": {
            "inner": {"type": "object", "properties": {"pages": {"type": "integer"}}},
            "sure": {"type": "boolean"},
        },
        "required": ["inner"],
    }
    assert fill(schema, grounding) == {"inner": {"pages": 4}}


def test_a_required_field_without_a_property_is_named() -> None:
    with pytest.raises(Unfillable, match="ghost"):
        fill({"properties": {}, "required": ["ghost"]}, Grounding(question="", language="en", passages=()))
