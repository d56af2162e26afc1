"""Which tokens does the usage of a chat completion count, each in one class?

Chat completions count in totals of which some are told apart (https://platform.openai.com/docs/api-reference/chat).
"""

from collections.abc import Mapping

import msgspec

from leitstand.domain.price import Usage


def usage_of(raw: msgspec.Raw) -> Usage:
    """The classes in a ``usage`` object; what is missing, negative or no whole number is unknown."""
    counts = _object(msgspec.json.decode(raw))
    given, made = _count(counts, "prompt_tokens"), _count(counts, "completion_tokens")
    prompt, completion = _object(counts.get("prompt_tokens_details")), _object(counts.get("completion_tokens_details"))
    cached = _count(prompt, "cached_tokens")
    if cached is None:
        cached = _count(counts, "prompt_cache_hit_tokens")  # DeepSeek's name
    written, heard = _count(prompt, "cache_write_tokens"), _count(prompt, "audio_tokens")
    reasoning, spoken = _count(completion, "reasoning_tokens"), _count(completion, "audio_tokens")
    if made is not None and reasoning and _count(counts, "total_tokens") == (given or 0) + made + reasoning:
        made += reasoning  # some services leave reasoning out of what was completed, but not out of the total
    text_in, text_out = _rest(given, cached, written, heard), _rest(made, reasoning, spoken)
    fits_in, fits_out = text_in is not None, text_out is not None
    return Usage(
        input_tokens=text_in if fits_in else given,
        cached_input_tokens=cached if fits_in else None,
        cache_write_tokens=written if fits_in else None,
        audio_input_tokens=heard if fits_in else None,
        output_tokens=text_out if fits_out else made,
        reasoning_tokens=reasoning if fits_out else None,
        audio_output_tokens=spoken if fits_out else None,
    )


def _rest(total: int | None, *apart: int | None) -> int | None:
    """What is left of a total; None when it is unknown, or less than its parts, which then cannot be believed."""
    rest = None if total is None else total - sum(filter(None, apart))
    return rest if rest is not None and rest >= 0 else None


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _count(counts: Mapping[str, object], name: str) -> int | None:
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
