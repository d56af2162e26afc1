"""Are many cases that arrive at once accepted in the server's own time, and all of them done once?"""

from pathlib import Path

import pytest
from tests.chaos.plan import Plan
from tests.faults.burst import Limits, burst


@pytest.mark.timeout(400)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_a_crowd_is_asked_to_come_again_and_everybody_is_served_once(tmp_path: Path, store: str) -> None:
    outcome = await burst(tmp_path, Plan(store=store, cases=2_000), Limits(running=8, waiting=100))
    print(outcome.text())
    assert outcome.verdict.violations == ()
    assert outcome.unannounced == ()
    assert (outcome.acknowledged, outcome.verdict.effects) == (2_000, 2_000)
    assert outcome.refused > 0
    assert outcome.most_memory < 400e6
