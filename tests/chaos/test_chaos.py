"""Thirty kills in the suite; `make chaos` runs five hundred."""

from pathlib import Path

import pytest
from tests.chaos.harness import LEAST_IN_FLIGHT, Chaos
from tests.chaos.marks import STEPS


@pytest.mark.alone
@pytest.mark.timeout(900)
async def test_thirty_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    outcome = await Chaos(tmp_path, kills=30, seed=8420).run()
    print(outcome.text())
    assert outcome.verdict
    assert outcome.verdict.violations == ()
    assert outcome.kills == 30
    assert min(outcome.in_flight) >= LEAST_IN_FLIGHT
    assert set(outcome.kill_points) >= set(STEPS) - {"review"}
