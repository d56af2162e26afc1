"""How does a chain end without any model? With a fixed text of the workflow, in the language of the case."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Request
from leitstand.domain.price import Price, Usage
from leitstand.ports import Transport

NAME = "template"
DEFAULT = "default"


class Template:
    """A ``ModelProvider`` that always says the same: options are a text per language, ``default`` for all others.

    A text that is a JSON object is the whole output. Any other goes into the only text field that the output schema
    requires; fields that are ``answered`` or ``citations`` say that nothing was answered.
    """

    def __init__(self, target: Target, transport: Transport | None = None, api_key: str | None = None) -> None:
        del transport, api_key
        self.price = Price(input_per_million=0, output_per_million=0, currency="EUR")
        self._texts = {name: str(text) for name, text in target.options.items()}
        if not any(text.strip() for text in self._texts.values()):
            way_out = 'Give a text per language: options = { de = "...", en = "..." }.'
            raise SettingInvalid(name="options", value=dict(target.options), way_out=way_out)

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """The text of the case's language; raises ``ProviderFailed`` when the output schema has no place for one."""
        language = request.grounding.language
        first = next(iter(self._texts.values()))
        text = self._texts.get(language) or self._texts.get(DEFAULT) or first
        if request.schema is not None and not text.lstrip().startswith("{"):
            text = json.dumps(_output(request.schema, text), ensure_ascii=False)
        if on_delta:
            on_delta(text)
        return Answer(text=text, usage=Usage(), model=NAME, finish_reason="stop")


def _output(schema: Mapping[str, Any], text: str) -> dict[str, Any]:
    neutral = {"answered": False, "citations": []}
    required = [name for name in schema.get("required", ()) if name not in neutral]
    if len(required) != 1:
        detail = (
            f"the output needs {len(required)} fields besides answered and citations; write the text as a JSON object"
        )
        raise ProviderFailed(kind="malformed", retryable=False, provider=NAME, detail=detail)
    known = {name: value for name, value in neutral.items() if name in schema.get("properties", {})}
    return {required[0]: text, **known}
