"""Which tokens does the usage of a chat completion or of a response count, each in one class?

Both count in totals of which some are told apart (https://platform.openai.com/docs/api-reference/chat).
"""

from collections.abc import Mapping

import msgspec

from leitstand.domain.price import Usage


def usage_of(raw: msgspec.Raw, total_in: str = "prompt_tokens", total_out: str = "completion_tokens") -> Usage:
    """The classes in a ``usage`` object whose totals have these names.

    What is missing, negative or no whole number is unknown.
    """
    counts = counts_in(raw)
    given, made = count(counts, total_in), count(counts, total_out)
    prompt, completion = _object(counts.get(f"{total_in}_details")), _object(counts.get(f"{total_out}_details"))
    cached = count(prompt, "cached_tokens")
    if cached is None:
        cached = count(counts, "prompt_cache_hit_tokens")  # DeepSeek's name
    written, heard = count(prompt, "cache_write_tokens"), count(prompt, "audio_tokens")
    reasoning, spoken = count(completion, "reasoning_tokens"), count(completion, "audio_tokens")
    if made is not None and reasoning and count(counts, "total_tokens") == (given or 0) + made + reasoning:
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


def counts_in(raw: msgspec.Raw) -> Mapping[str, object]:
    """The fields of a ``usage`` object, none when it is something else."""
    return _object(msgspec.json.decode(raw))


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def count(counts: Mapping[str, object], name: str) -> int | None:
    """A number of tokens; None when it is missing, negative or no whole number."""
    value = counts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
