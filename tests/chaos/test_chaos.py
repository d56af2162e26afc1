"""A seeded tenth of what `make chaos` does, on both databases."""

from pathlib import Path

import pytest
from tests.chaos.harness import Chaos
from tests.chaos.marks import STEPS
from tests.chaos.plan import Plan


@pytest.mark.alone
@pytest.mark.timeout(900)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_kills_and_freezes_lose_nothing_and_do_nothing_twice(tmp_path: Path, store: str) -> None:
    plan = Plan(store=store, cases=2_000, kills=50, freezes=10, seed=8420)
    outcome = await Chaos(tmp_path, plan).run()
    print(outcome.text())
    assert outcome.verdict
    assert outcome.verdict.violations == ()
    assert (outcome.kills, outcome.freezes, outcome.verdict.acknowledged) == (50, 10, 2_000)
    assert sum(outcome.in_flight) >= 5 * outcome.kills, "a kill is to meet cases under way"
    assert set(outcome.kill_points) >= set(STEPS) - {"review", "accept"}
