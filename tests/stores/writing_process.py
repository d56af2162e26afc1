"""Which writes did a process acknowledge before it was killed? Run with: folder, cases in flight. Each line is one."""

import asyncio
import os
import sys
from pathlib import Path

from leitstand.domain.guardrail import Outcome
from leitstand.stores.sqlite import open_store
from leitstand.testing.store_cases import (
    ANSWERED,
    DELIVERED,
    DRAFTED,
    INTENDED,
    NORMALISED,
    Opening,
    appended,
    decided,
    opened,
)
from leitstand.testing.store_contract import now


def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def lane(cases):
    while True:
        case = await opened(cases, Opening(at=now()))
        say("durable", case.case_id, case.seq)
        for bodies in ((NORMALISED, INTENDED), (ANSWERED, DRAFTED), (decided(Outcome.DELIVER),), (DELIVERED,)):
            case = await appended(cases, case, now(), *bodies, contents={f"content.{case.seq}": b"x" * 700})
            say("durable", case.case_id, case.seq)


async def main():
    stores = open_store(Path(sys.argv[1]) / "leitstand.db", address="http://127.0.0.1:8420", clock=now)
    say("ready")
    await asyncio.gather(*(lane(stores.cases) for _ in range(int(sys.argv[2]))))


asyncio.run(main())
