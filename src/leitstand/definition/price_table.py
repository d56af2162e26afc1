"""What does a target cost that says nothing about it? The price table that we ship, of the day it was made.

``tools/prices.py`` makes it of genai-prices (MIT, see the licence beside it). A release holds the prices that were
found when it was frozen, with the source, so that a newer table changes no release.
"""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from leitstand.domain.drafting import Target
from leitstand.domain.price import NANOS, Price, Tier
from leitstand.domain.workflow import Workflow

SERVICES = {"anthropic": "anthropic", "openai_responses": "openai"}
"""Extensions that know the address of their service by themselves."""

NAMES = {
    "i": "input_per_million",
    "o": "output_per_million",
    "c": "cached_input_per_million",
    "w": "cache_write_per_million",
    "r": "reasoning_per_million",
    "ai": "audio_input_per_million",
    "ao": "audio_output_per_million",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Prices by service and model; ``source`` names the table and its day."""

    source: str
    services: Mapping[str, Mapping[str, Any]]


@cache
def table() -> Table:
    """The table that is shipped."""
    packed = resources.files(__package__).joinpath("prices", "table.json.gz").read_bytes()
    found = json.loads(gzip.decompress(packed))
    return Table(source=found["source"], services=found["services"])


def with_prices(workflow: Workflow) -> Workflow:
    """The workflow with the prices of the table where its targets say none; what is not in it stays unknown."""
    chain = tuple(
        target if target.price else replace(target, price=price_of(target)) for target in workflow.draft.chain
    )
    return replace(workflow, draft=replace(workflow.draft, chain=chain))


def price_of(target: Target) -> Price | None:
    """The price in the table; None for a model or an address that is not in it."""
    service, model = _service(target)
    if service is None or not model:
        return None
    for match, rates, *tiers in service["models"]:
        if _matches(match, model.lower()):
            longer = tuple(Tier(above_input_tokens=start, **_rates(of_tier)) for start, of_tier in tiers)
            return Price(currency="USD", source=table().source, tiers=longer, **_rates(rates))
    return None


def _service(target: Target) -> tuple[Mapping[str, Any] | None, str]:
    """The service that a target asks, and what it calls the model."""
    services = table().services
    name, colon, model = target.model.partition(":")
    if target.base_url:
        return next((one for one in services.values() if _is_at(one["at"], target.base_url)), None), target.model
    if target.provider == "any_llm" and colon:
        return services.get(name), model
    return services.get(SERVICES.get(target.provider, "")), target.model


def _is_at(pattern: str, url: str) -> bool:
    """Whether an address is that of a service; a pattern may end before the host does, and then the host must too."""
    found = re.match(pattern, url)
    if found is None:
        return False
    rest = url[found.end() :]
    return not rest or rest[0] in "/:" or found[0].endswith("/") or pattern.endswith("\\.")


def _rates(given: Mapping[str, str]) -> dict[str, int]:
    """Dollars per million as nano-units, rounded up."""
    return {NAMES[short]: -int(-Decimal(price) * NANOS // 1) for short, price in given.items()}


def _matches(match: Mapping[str, Any], model: str) -> bool:
    ((kind, what),) = match.items()
    if kind in "oa":
        return (any if kind == "o" else all)(_matches(one, model) for one in what)
    if kind == "r":
        return re.search(what, model) is not None
    what = str(what).lower()
    if kind == "e":
        return model == what
    if kind == "c":
        return what in model
    return model.startswith(what) if kind == "s" else model.endswith(what)
