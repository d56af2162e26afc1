"""What does a store say, and keep, when no file may grow any more? Run with: folder, limit in bytes."""

import asyncio
import json
import resource
import sys
from pathlib import Path

from leitstand.domain.errors import StoreUnusable
from leitstand.stores.sqlite import open_store
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import NORMALISED, Opening, opened, opening, then
from leitstand.testing.store_contract import now


async def fill(cases):
    """Ids of all cases accepted until the first refusal, and the refusal."""
    accepted = []
    while True:
        changes = [opening(Opening(at=now()), {"input": b"x" * 20_000}) for _ in range(8)]
        outcomes = await asyncio.gather(*(cases.open(change, None) for change in changes), return_exceptions=True)
        accepted += [outcome.case for outcome in outcomes if not isinstance(outcome, Exception)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if refused:
            return accepted, refused


async def main():
    folder, limit = Path(sys.argv[1]), int(sys.argv[2])
    stores = open_store(folder / "leitstand.db", address="", clock=now)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    accepted, refused = await fill(stores.cases)
    big = then(accepted[0], now(), NORMALISED, contents={"normalised": b"x" * limit})
    refused.append(await raised(StoreUnusable, stores.cases.append(big, due_to=accepted[0].seq)))
    readable = await stores.cases.contents("default", accepted[-1].case_id)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    later = await opened(stores.cases, Opening(at=now()))
    await stores.cases.append(big, due_to=accepted[0].seq)
    await stores.close()
    report = {
        "accepted": [case.case_id for case in (*accepted, later)],
        "refused": [(type(error).__name__, str(error)) for error in refused],
        "readable": len(readable["input"]),
    }
    sys.stdout.write(json.dumps(report))


asyncio.run(main())
