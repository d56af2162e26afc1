"""A seeded third of a minute of what `make soak` does, on both databases; slopes need the whole of it."""

from pathlib import Path

import pytest
from tests.soak.harness import Soak
from tests.soak.plan import SoakPlan

KINDS = {"RSS MiB", "PSS MiB", "threads", "tasks"}
SHARED = {"all: files", "all: sockets"}


@pytest.mark.alone
@pytest.mark.parametrize(("store", "names"), [("postgres", {"one", "two"}), ("sqlite", {"one"})])
async def test_faults_at_some_load_violate_nothing(tmp_path: Path, store: str, names: set[str]) -> None:
    plan = SoakPlan(store=store, minutes=0.3, rate=60, share=0.2, seed=8420)
    outcome = await Soak(tmp_path, plan).run()
    print(outcome.text())
    assert outcome.verdict
    assert outcome.verdict.violations == ()
    assert outcome.verdict.acknowledged > plan.seconds * plan.rate / 2
    assert SHARED | {f"{name}: {kind}" for name in names for kind in KINDS} <= set(outcome.trends)
    outcome.write(tmp_path / "out")
    assert "| one: tasks |" in (tmp_path / "out" / "soak.md").read_text()
    assert (tmp_path / "out" / "soak.svg").read_text().count("<svg") == 1
