"""What does a caller send when its input is broken, hostile or far too large?"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leitstand.domain.workflow import Normalisation
from leitstand.drill.planned import Planned
from leitstand.drill.scenario import Options

Input = Mapping[str, object]


def body_of(given: Input, settings: Normalisation, planned: Sequence[Planned]) -> bytes:
    """The body of the request that opens a case, as it is or as a fault makes it."""
    fault = next((fault for fault in planned if fault.strikes(json.dumps(given, ensure_ascii=False))), None)
    if fault is None:
        return _body(given)
    fault.delivered += 1
    return INPUT_FAULTS[fault.spec.fault](given, settings, fault.spec.options)


def _body(given: Input) -> bytes:
    return json.dumps({"input": given}, ensure_ascii=False).encode()


def _with_text(given: Input, settings: Normalisation, text: str) -> Input:
    return {**given, **settings.input_of(text)}


def _missing_field(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The `field`, or the one with the text, is left out."""
    left_out = str(options.get("field", "")) or settings.text or settings.messages
    return _body({name: value for name, value in given.items() if name != left_out})


def _wrong_type(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The `field`, or the one with the text, holds an object."""
    field = str(options.get("field", "")) or settings.text or settings.messages
    return _body({**given, field: {"not": ["a", "text"]}})


def _unknown_field(given: Input, settings: Normalisation, options: Options) -> bytes:
    """There is a `field` that nobody knows."""
    del settings
    return _body({**given, str(options.get("field", "surprise")): "1"})


def _too_large(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The text has so many `megabytes` (10)."""
    return _body(_with_text(given, settings, "A" * int(float(options.get("megabytes", 10)) * 1_000_000)))


def _binary(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The body is no text."""
    del given, settings, options
    return bytes(range(256)) * 40


def _wrong_encoding(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The body is Latin-1."""
    del options
    return _body(_with_text(given, settings, "Wie ändere ich die Größe?")).decode().encode("latin-1")


def _say(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The text is `text`."""
    return _body(_with_text(given, settings, str(options.get("text", ""))))


def _append(given: Input, settings: Normalisation, options: Options) -> bytes:
    """The text has `text` behind it."""
    return _body(_with_text(given, settings, f"{settings.text_of(given)} {options.get('text', '')}"))


INPUT_FAULTS: Mapping[str, Callable[[Any, Normalisation, Options], bytes]] = {
    "missing_field": _missing_field,
    "wrong_type": _wrong_type,
    "unknown_field": _unknown_field,
    "too_large": _too_large,
    "binary": _binary,
    "wrong_encoding": _wrong_encoding,
    "say": _say,
    "append": _append,
}
"""Name to what makes the body of the request."""
