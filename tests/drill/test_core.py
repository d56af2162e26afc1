"""Does the demo hold in every scenario, on both databases, and is every missing protection noticed?"""

import pytest

from leitstand import demo
from leitstand.drill.command import Plan, drill
from leitstand.drill.mutations import MUTATIONS
from leitstand.drill.report import Drill, missed
from leitstand.settings import read_settings

SOME = "P1,P5,P6,L2,S2,M2,R2,I2,D1,X1,X2,X2-after,X3,X3-late,X4,X6,H1,H2"
"""The scenarios on PostgreSQL in this suite; `leitstand drill demo --store postgres` plays all."""

OF_THE_STORE = "X3-late,B2"
"""Scenarios whose protection is the store's own: left out on PostgreSQL as well."""


def wrong(done: Drill) -> list[str]:
    return [f"{outcome.scenario.id}: {missed(outcome)}" for outcome in done.outcomes if outcome.status != "passed"]


@pytest.mark.alone
async def test_the_core_suite_holds_on_sqlite() -> None:
    done = await drill(Plan(folder=demo.FOLDER), read_settings({}), lambda _: None)
    assert not wrong(done)
    assert done.verdict == "passed"
    assert len(done.outcomes) >= 35
    assert all(fault.count for outcome in done.outcomes for fault in outcome.faults)


@pytest.mark.alone
async def test_some_scenarios_hold_on_postgresql() -> None:
    done = await drill(Plan(folder=demo.FOLDER, suite=SOME, store="postgres"), read_settings({}), lambda _: None)
    assert not wrong(done)
    assert len(done.outcomes) == len(SOME.split(","))


@pytest.mark.alone
async def test_every_missing_protection_is_noticed() -> None:
    done = await drill(Plan(folder=demo.FOLDER, mutations=True), read_settings({}), lambda _: None)
    assert not wrong(done)
    unnoticed = [proof.mutation.protection for proof in done.proofs if not proof.caught]
    assert not unnoticed
    assert len(done.proofs) == len(MUTATIONS) >= 12


@pytest.mark.alone
async def test_missing_protections_of_the_store_are_noticed_on_postgresql() -> None:
    plan = Plan(folder=demo.FOLDER, suite=OF_THE_STORE, store="postgres", mutations=True)
    done = await drill(plan, read_settings({}), lambda _: None)
    assert not wrong(done)
    assert [(proof.mutation.scenario, proof.caught) for proof in done.proofs] == [("B2", True), ("X3-late", True)]
