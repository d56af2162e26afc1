"""Does what a service wants back with the results of tools go back to it, and to no other?"""

from dataclasses import replace

from tests.runtime.conftest import Bench, Script
from tests.runtime.tools import FITTING, Ledger, asks, ready

from leitstand.domain.case import Status
from leitstand.domain.errors import ProviderFailed

DENIED = ProviderFailed(kind="denied", retryable=False, provider="m", detail="HTTP 401")


async def test_what_a_service_wants_back_goes_back_to_it_and_to_no_other(bench: Bench) -> None:
    bench.tools = (ready(Ledger()),)
    asked = replace(asks(("order_status", FITTING)), thought="sealed")
    first, second = Script(replies=[asked, asked, DENIED]), Script()
    bench.scripts = [first, second]
    await bench.activate()
    summary = await bench.ask()
    assert (summary.case.status, summary.case.fallback) == (Status.DELIVERED, True)
    told = [[each.thought for each in request.rounds] for request in (*first.requests, *second.requests)]
    assert told == [[], ["sealed"], ["sealed", "sealed"], ["", ""]]
    contents = await bench.parts.cases.contents("default", summary.case.case_id)
    assert (contents["thought.1"], contents["thought.2"]) == (b'"sealed"', b'"sealed"')
