"""Does the fixed text come in the language of the case, in the form that the workflow asks for?"""

import json
from dataclasses import replace

import pytest

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Grounding, Message, Request
from leitstand.providers.template import Template
from leitstand.testing.expectations import raised

ANSWER = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "answered": {"type": "boolean"}, "citations": {"type": "array"}},
    "required": ["answer", "answered", "citations"],
}
TEXTS = {"de": "Wir melden uns.", "en": "We will be in touch."}


def request(language: str, schema: dict[str, object] | None) -> Request:
    grounding = Grounding(question="When?", language=language, passages=())
    messages = (Message(role="user", content="When?"),)
    return Request(model="", messages=messages, schema=schema, grounding=grounding, timeout=1.0, key="c-1")


def template(**options: str) -> Template:
    return Template(Target(provider="template", options=options))


@pytest.mark.parametrize(("language", "said"), [("de", "Wir melden uns."), ("en", "We will be in touch."), ("fr", "")])
async def test_it_speaks_the_language_of_the_case(language: str, said: str) -> None:
    answer = await template(**TEXTS).generate(request(language, ANSWER))
    output = {"answer": said or TEXTS["de"], "answered": False, "citations": []}
    assert json.loads(answer.text) == output
    plain = await template(**TEXTS, default="?").generate(request(language, None))
    assert plain.text == (said or "?")


async def test_a_whole_output_is_left_as_it_is() -> None:
    whole = '{"category": "other"}'
    assert (await template(en=whole).generate(request("en", {"type": "object"}))).text == whole


async def test_an_output_with_more_fields_needs_a_whole_object() -> None:
    schema = {**ANSWER, "required": ["answer", "category"]}
    failure = await raised(ProviderFailed, template(**TEXTS).generate(request("en", schema)))
    assert "JSON object" in str(failure)


@pytest.mark.parametrize("options", [{}, {"en": " "}])
def test_without_a_text_it_is_no_level(options: dict[str, str]) -> None:
    with pytest.raises(SettingInvalid, match="text per language"):
        template(**options)


def test_it_is_known_to_cost_nothing() -> None:
    price = template(**TEXTS).price
    assert replace(price, currency="EUR") == price
    assert (price.input_per_million, price.output_per_million) == (0, 0)
