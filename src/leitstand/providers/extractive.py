"""How is a question answered without any model? By quoting, each sentence cited, or by an honest no."""

import difflib
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Answer, Grounding, Request
from leitstand.domain.price import Price, Usage
from leitstand.ports import Transport
from leitstand.providers.extractive_fields import Unfillable, fill
from leitstand.providers.extractive_quotes import Quoting, quotes

NAME = "extractive"
NO_ANSWER = {"de": "Die Quellen beantworten diese Frage nicht.", "en": "The sources do not answer this question."}


class Extractive:
    """A ``ModelProvider`` that only quotes: the same request always gives the same answer, and it costs nothing."""

    def __init__(self, target: Target, transport: Transport | None = None, api_key: str | None = None) -> None:
        del transport, api_key
        self.price = Price(input_per_million=0, output_per_million=0, currency="EUR")
        self._quoting = _quoting(target.options)

    async def generate(self, request: Request, on_delta: Callable[[str], None] | None = None) -> Answer:
        """JSON that fits ``request.schema``, or the cited text alone without one.

        Raises ``ProviderFailed`` (``malformed``, not retryable) when the schema asks for what no text gives.
        """
        text = self._text(request)
        if on_delta:
            on_delta(text)
        return Answer(text=text, usage=Usage(), model=NAME, finish_reason="stop")

    def _text(self, request: Request) -> str:
        if request.schema is None:
            return str(self._answer(request.grounding)["text"])
        field = answer_field(request.schema)
        if field:
            answer = self._answer(request.grounding)
            output: dict[str, Any] = {
                field: answer["text"],
                "answered": answer["answered"],
                "citations": answer["citations"],
            }
        else:
            try:
                output = fill(request.schema, request.grounding)
            except Unfillable as error:
                raise ProviderFailed(kind="malformed", retryable=False, provider=NAME, detail=str(error)) from None
        return json.dumps(output, ensure_ascii=False)

    def _answer(self, grounding: Grounding) -> dict[str, Any]:
        found = quotes(grounding, self._quoting)
        if not found:
            return {"text": NO_ANSWER.get(grounding.language, NO_ANSWER["en"]), "answered": False, "citations": []}
        text = " ".join(f"{quote.text} [{quote.number}]" for quote in found)
        return {"text": text, "answered": True, "citations": sorted({quote.number for quote in found})}


def answer_field(schema: Mapping[str, Any]) -> str | None:
    """Name of the text field when ``schema`` is that of a cited answer (text, ``answered``, ``citations``), or None."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or len(properties) != 3:
        return None
    kinds = {name: inner.get("type") if isinstance(inner, Mapping) else None for name, inner in properties.items()}
    if (kinds.pop("answered", None), kinds.pop("citations", None)) != ("boolean", "array"):
        return None
    ((name, kind),) = kinds.items()
    return name if kind == "string" else None


def _quoting(given: Mapping[str, object]) -> Quoting:
    try:
        quoting = msgspec.convert(dict(given), Quoting)
    except msgspec.ValidationError as error:
        raise SettingInvalid(name="options", value=dict(given), way_out=f"{error}.") from None
    known = Quoting.__dataclass_fields__
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Known options: {', '.join(known)}."
            raise SettingInvalid(name=f"options.{name}", value=given[name], way_out=hint)
    if not (0 < quoting.min_coverage <= 1 and quoting.max_sentences >= 1 and quoting.max_chars >= 1):
        way_out = "min_coverage lies above 0 and at most at 1; the others are at least 1."
        raise SettingInvalid(name="options", value=dict(given), way_out=way_out)
    return quoting
