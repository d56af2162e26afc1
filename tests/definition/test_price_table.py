"""Is a target without a price given that of the table, exactly, and nothing where the table knows none?"""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices.data import providers
from genai_prices.types import ModelPrice, TimeOfDateConstraint
from tests.domain.workflows import a_workflow

from leitstand.definition.convert import to_json, to_workflow
from leitstand.definition.price_table import price_of, table, with_prices
from leitstand.domain.drafting import Target
from leitstand.domain.price import NANOS, Price, Usage

ROOT = Path(__file__).parents[2]
SIZES = (10_000, 250_000)


def openai(model: str, url: str = "https://api.openai.com/v1") -> Target:
    return Target(provider="openai_compatible", base_url=url, model=model)


def test_the_table_is_what_the_package_says_and_small():
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "tools/prices.py", "--check"], cwd=ROOT, timeout=60, check=False
    )
    assert ran.returncode == 0
    folder = ROOT / "src/leitstand/definition/prices"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 100_000
    assert "MIT License" in (folder / "LICENSE-genai-prices.txt").read_text()


@pytest.mark.parametrize(
    ("target", "known"),
    [
        (openai("gpt-4o-mini"), True),
        (openai("GPT-4o-Mini"), True),
        (openai("gpt-4o-mini", "https://api.openai.com.evil.example/v1"), False),
        (openai("gpt-4o-mini", "http://127.0.0.1:8080/v1"), False),
        (openai("no-such-model"), False),
        (openai(""), False),
        (Target(provider="anthropic", model="claude-sonnet-4-5"), True),
        (Target(provider="openai_responses", model="gpt-5"), True),
        (Target(provider="any_llm", model="mistral:mistral-small-latest"), True),
        (Target(provider="any_llm", model="nobody:mistral-small-latest"), False),
        (Target(provider="extractive", model="gpt-4o"), False),
    ],
)
def test_a_price_is_known_by_the_service_and_the_model(target, known):
    price = price_of(target)
    assert (price is not None) is known
    assert price is None or (price.currency, price.source) == ("USD", table().source)


@pytest.mark.parametrize("service", ["openai", "anthropic", "mistral", "google", "groq", "deepseek"])
def test_what_a_call_costs_is_what_the_package_reckons(service):
    day = datetime.combine(datetime.fromisoformat(table().source.split(", ")[1]).date(), time(12), UTC)
    theirs = next(one for one in providers if one.id == service)
    compared = 0
    for model in theirs.models:
        prices = model.get_prices(day)
        found = price_of(Target(provider="any_llm", model=f"{service}:{model.id}"))
        if found is None or theirs.find_model(model.id) is not model or is_hourly(model):
            continue
        for size in SIZES:
            cached = size // 2 if found.cached_input_per_million is not None else 0
            asked = TheirUsage(input_tokens=size, output_tokens=1_000, cache_read_tokens=cached)
            known = {name: price for name, price in vars(prices).items() if name.endswith("_mtok")}
            due = ModelPrice(**known).calc_price(asked)["total_price"]
            cost = found.cost(Usage(input_tokens=size - cached, cached_input_tokens=cached, output_tokens=1_000))
            assert cost is not None
            assert 0 <= cost.nanos - Decimal(due) * NANOS < 2, model.id
            compared += 1
    assert compared >= 4


def is_hourly(model) -> bool:
    return isinstance(model.prices, list) and any(
        isinstance(one.constraint, TimeOfDateConstraint) for one in model.prices
    )


def test_a_release_holds_the_prices_that_were_found_and_those_that_it_names():
    own = Price(input_per_million=1, output_per_million=2, currency="EUR")
    chain = (openai("gpt-4o-mini"), replace(openai("gpt-4o-mini"), price=own), Target(provider="extractive"))
    workflow = with_prices(a_workflow(chain=chain))
    first, second, third = (target.price for target in workflow.draft.chain)
    assert first is not None
    assert (first.input_per_million, first.source) == (150_000_000, table().source)
    assert (second, third) == (own, None)
    assert to_workflow(json.loads(to_json(workflow))) == workflow
