"""What does a process get to hear that was frozen in the middle of its work? Run with: address, folder of the keys."""

import asyncio
import sys
from pathlib import Path

from leitstand.domain.errors import LeaseLost
from leitstand.ports import Database
from leitstand.stores.postgres import own
from leitstand.testing.store_cases import NORMALISED, Opening, opened, then
from leitstand.testing.store_contract import now


async def main():
    url, keys = sys.argv[1:]
    stores = await own(Database(path=Path(), url=url, keys=Path(keys), address="frozen", clock=now, lease_seconds=2.0))
    case = await opened(stores.cases, Opening(at=now()))
    print(case.case_id, flush=True)
    sys.stdin.readline()  # the whole process waits here, its heartbeat goes on
    print("holds", await stores.cases.holds(case), flush=True)
    try:
        await stores.cases.append(then(case, now(), NORMALISED), due_to=1)
    except LeaseLost:
        print("append LeaseLost", flush=True)
    await stores.close()


asyncio.run(main())
