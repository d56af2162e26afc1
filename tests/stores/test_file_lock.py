"""Does exactly one process own the file, and does everybody else learn which?"""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from leitstand.domain.errors import StoreOwned, StoreUnusable
from leitstand.ports import CaseFilter
from leitstand.stores.file_lock import FileLock, lock_path, owner_of
from leitstand.stores.sqlite import open_readonly, open_store
from leitstand.testing.expectations import raised
from leitstand.testing.store_cases import TENANT, Opening, opened, opening
from leitstand.testing.store_contract import now

ADDRESS = "http://127.0.0.1:8765"


@contextmanager
def another_owner(path):
    script = Path(__file__).with_name("owning_process.py")
    with subprocess.Popen([sys.executable, str(script), str(path), ADDRESS], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        try:
            yield process
        finally:
            process.kill()


async def test_a_second_server_learns_where_the_first_one_is(path):
    with another_owner(path) as owner:
        with pytest.raises(StoreOwned) as refusal:
            open_store(path, address="http://127.0.0.1:1", clock=now)
        assert refusal.value.values == {"path": str(path), "owner": ADDRESS, "pid": str(owner.pid)}
        assert owner_of(path) == {"pid": str(owner.pid), "address": ADDRESS}
        owner.kill()
        owner.wait()
        assert lock_path(path).read_text()
        assert owner_of(path) == {}
        stores = open_store(path, address="http://127.0.0.1:1", clock=now)
        assert owner_of(path)["pid"] == str(os.getpid())
        await stores.close()


async def test_reading_needs_no_lock(path):
    stores = open_store(path, address=ADDRESS, clock=now)
    case = await opened(stores.cases, Opening(at=now()))
    reader = open_readonly(path, clock=now)
    assert [summary.case for summary in await reader.cases.find(TENANT, CaseFilter())] == [case]
    later = await opened(stores.cases, Opening(at=now()))
    assert await reader.cases.contents(TENANT, later.case_id) == {"input": b'{"text":"hello"}'}
    refused = await raised(StoreUnusable, reader.cases.open(opening(Opening(at=now())), None))
    assert "open for reading only" in str(refused)
    await stores.close()
    assert len(await reader.cases.find(TENANT, CaseFilter())) == 2
    await reader.close()


async def test_reading_works_without_an_owner_and_after_a_crash(path):
    with another_owner(path):
        pass
    reader = open_readonly(path, clock=now)
    assert await reader.cases.find(TENANT, CaseFilter()) == ()
    await reader.close()
    stores = open_store(path, address=ADDRESS, clock=now)
    await opened(stores.cases, Opening(at=now()))
    await stores.close()
    reader = open_readonly(path, clock=now)
    assert len(await reader.cases.find(TENANT, CaseFilter())) == 1
    await reader.close()


def test_a_lock_file_full_of_rubbish_is_no_obstacle(path):
    path.parent.mkdir()
    lock_path(path).write_bytes(b"\xff\x00{rubbish")
    lock = FileLock(path, ADDRESS)
    with pytest.raises(StoreOwned) as refusal:
        FileLock(path, "other")
    assert refusal.value.values["owner"] == ADDRESS
    lock.close()
    lock.close()
    assert lock_path(path).read_bytes() == b""
