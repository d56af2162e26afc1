"""Is nothing accepted lost, and is the answer clear, when the disk is full?"""

import json
import subprocess
import sys
from pathlib import Path

from leitstand.domain.errors import StoreUnusable
from leitstand.stores.sqlite import open_store
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import TENANT, Opening, opened, opening
from leitstand.testing.store_contract import now, stored


def report_of_a_full_disk(folder, limit):
    script = Path(__file__).with_name("full_disk_process.py")
    command = [sys.executable, str(script), str(folder), str(limit)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=60).stdout)


async def test_no_file_may_grow(tmp_path):
    report = report_of_a_full_disk(tmp_path, 3_000_000)
    assert {kind for kind, _ in report["refused"]} == {"StoreUnusable"}
    assert all(str(tmp_path / "leitstand.db") in text and "disk" in text for _, text in report["refused"])
    assert report["readable"] == 20_000
    assert len(report["accepted"]) > 50
    stores = open_store(tmp_path / "leitstand.db", address="", clock=now)
    for case_id in report["accepted"]:
        summary = await stores.cases.summary(TENANT, case_id)
        await stored(stores.cases, summary.case)
        assert "input" in await stores.cases.contents(TENANT, case_id)
    await stores.close()


async def test_a_full_database_refuses_and_goes_on_when_there_is_room(tmp_path):
    stores = open_store(tmp_path / "leitstand.db", address="", clock=now)
    writer = stores.cases._writer
    pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
    await writer.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchall())
    error = await raised(StoreUnusable, stores.cases.open(opening(Opening(at=now()), {"input": b"x" * 50_000}), None))
    assert "the disk is full" in str(error)
    assert "Free disk space" in str(error)
    await writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").fetchall())
    case = await opened(stores.cases, Opening(at=now()), {"input": b"x" * 50_000})
    assert await stored(stores.cases, case) == case
    await stores.close()
