"""Is nothing lost that was acknowledged, and does everything go on by itself, when the server dies or refuses?"""

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from leitstand.domain.errors import LeaseLost, StoreUnusable
from leitstand.ports import Admission, CaseFilter, Database
from leitstand.stores import postgres_committer
from leitstand.stores.postgres import own, read
from leitstand.testing.expectations import raised
from leitstand.testing.postgres_server import PostgresServer
from leitstand.testing.store_cases import (
    INTENDED,
    NORMALISED,
    TENANT,
    Opening,
    appended,
    claimed,
    opened,
    opening,
    release,
    then,
)
from leitstand.testing.store_contract import now, stored


@pytest.fixture(scope="module")
def server():
    """Broken and mended again by each test; durable, so that a crash loses nothing that was acknowledged."""
    with PostgresServer(durable=True, settings={"max_connections": "20"}) as server:
        yield server


@pytest.fixture
def database(server, tmp_path):
    keys = tmp_path / "keys"
    return Database(path=tmp_path, url=server.database(), keys=keys, address="here", clock=now, lease_seconds=60.0)


@pytest_asyncio.fixture
async def stores(database):
    stores = await own(database)
    yield stores
    await stores.close()


@asynccontextmanager
async def under_load(cases, lanes=16):
    """Cases are opened and continued all the time; yields what was acknowledged: the length of each journal."""
    acknowledged, refusals, over = {}, [], asyncio.Event()

    async def lane():
        while not over.is_set():
            try:
                case = await opened(cases, Opening(at=now()))
                acknowledged[case.case_id] = 1
                case = await appended(cases, case, now(), NORMALISED, INTENDED, contents={"a": b"x" * 500})
                acknowledged[case.case_id] = case.seq
            except (StoreUnusable, LeaseLost) as error:
                refusals.append(error)
                await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(lane()) for _ in range(lanes)]
    yield acknowledged, refusals
    over.set()
    await asyncio.gather(*tasks)


async def count(acknowledged, more):
    """Wait until so many more cases are acknowledged."""
    goal, until = len(acknowledged) + more, time.monotonic() + 60
    while len(acknowledged) < goal:
        assert time.monotonic() < until, "it does not go on"
        await asyncio.sleep(0.01)


async def check(cases, acknowledged):
    """Nothing acknowledged is lost, nothing is there twice, rows and journals agree."""
    rows = await cases.find(TENANT, CaseFilter(limit=1_000_000))
    assert len({summary.number for summary in rows}) == len(rows)
    found = {summary.case.case_id: summary.case.seq for summary in rows}
    assert {case_id for case_id, seq in acknowledged.items() if found.get(case_id, 0) < seq} == set()
    for summary in rows[::20]:
        await stored(cases, summary.case)


@pytest.mark.parametrize("how", ["kill", "fast", "immediate"])
async def test_a_server_that_dies_and_comes_back_keeps_all_it_acknowledged(server, stores, how):
    async with under_load(stores.cases) as (acknowledged, refusals):
        await count(acknowledged, 40)
        if how == "kill":
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        else:
            await asyncio.to_thread(server.restart, how)
        await count(acknowledged, 40)
    await check(stores.cases, acknowledged)
    for refusal in refusals:
        assert isinstance(refusal, LeaseLost) or "by themselves" in str(refusal) or "runs" in str(refusal)


async def test_while_the_server_is_away_callers_are_told_and_nobody_hangs(server, stores, monkeypatch):
    monkeypatch.setattr(postgres_committer, "PATIENCE", 0.3)
    case = await opened(stores.cases, Opening(at=now()))
    await asyncio.to_thread(server.kill)
    try:
        async with asyncio.timeout(20):
            for work in (
                stores.cases.open(opening(Opening(at=now())), None),
                stores.cases.append(then(case, now(), NORMALISED), due_to=1),
                stores.cases.summary(TENANT, case.case_id),
                stores.cases.holds(case),
                claimed(stores.cases, limit=1),
                stores.releases.add(release("letters", {"a": b""}), tenant_id=TENANT, actor_id="p", at=1),
            ):
                error = await raised(StoreUnusable, work)
                assert "cannot be reached" in str(error) or "does not answer" in str(error)
    finally:
        await asyncio.to_thread(server.start)
    assert await stored(stores.cases, case) == case
    await appended(stores.cases, case, now(), NORMALISED)


async def test_a_server_that_takes_no_writes_is_said_and_passes(server, stores, database, monkeypatch):
    monkeypatch.setattr(postgres_committer, "PATIENCE", 0.1)
    case = await opened(stores.cases, Opening(at=now()))
    server.read_only(True)
    try:
        async with asyncio.timeout(20):
            with suppress(StoreUnusable):  # connections hear of the new setting one after the other
                while True:
                    case = await appended(stores.cases, case, now(), NORMALISED)
            for work in (
                stores.cases.open(opening(Opening(at=now())), None),
                stores.cases.append(then(case, now(), NORMALISED), due_to=case.seq),
                claimed(stores.cases, limit=1),
            ):
                assert "it is read-only" in str(await raised(StoreUnusable, work))
        assert await stored(stores.cases, case) == case
        reader = await read(database)
        assert await stored(reader.cases, case) == case
        await reader.close()
    finally:
        server.read_only(False)
    async with asyncio.timeout(20):
        while True:
            with suppress(StoreUnusable):
                await appended(stores.cases, case, now(), NORMALISED)
                break
            await asyncio.sleep(0.05)


async def test_a_server_without_connections_is_said_and_passes(server, stores, database):
    others, case = [], await opened(stores.cases, Opening(at=now()))
    case = await appended(stores.cases, case, now(), NORMALISED)
    with pytest.raises(StoreUnusable, match="has no connection left for us"):  # noqa: PT012
        while len(others) < 20:
            others.append(await own(database))
    await appended(stores.cases, case, now(), NORMALISED)
    for other in others:
        await other.close()
    await (await own(database)).close()


async def test_a_server_that_stands_still_does_not_hold_us_for_ever(server, stores, monkeypatch):
    """Nothing answers and nothing is refused: what was sent may be done later, and what was acknowledged stays."""
    monkeypatch.setattr(postgres_committer, "PATIENCE", 0.1)
    case = await opened(stores.cases, Opening(at=now()))
    connection = await stores.cases.appendings._connected()
    connection._config = connection._config._replace(command_timeout=1.0)
    server.freeze()
    try:
        await raised(StoreUnusable, stores.cases.append(then(case, now(), NORMALISED), due_to=1))
    finally:
        server.thaw()
    journal = await stores.cases.events(TENANT, case.case_id)
    assert len(journal) in (1, 2)
    await opened(stores.cases, Opening(at=now()))


class Proxy:
    """Stands before a server and can lose its answers: what is sent arrives, and nobody hears what became of it."""

    def __init__(self, url):
        parts = urlsplit(url)
        self._target = parts.hostname, parts.port
        self.losing = b""
        self.lost = 0
        self._url = url

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._connected, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        self.url = self._url.replace(f":{self._target[1]}/", f":{port}/")
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _connected(self, reader, writer):
        there, back = await asyncio.open_connection(*self._target)
        deaf = asyncio.Event()
        await asyncio.gather(self._pump(reader, back, deaf, sends=True), self._pump(there, writer, deaf))
        for one in (writer, back):
            one.close()

    async def _pump(self, source, sink, deaf, *, sends=False):
        try:
            while data := await source.read(65536):
                if sends and self.losing and self.losing in data:
                    self.losing, self.lost = b"", self.lost + 1
                    deaf.set()
                if deaf.is_set() and not sends:
                    break  # the answer is here, and goes no further
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


async def test_an_answer_that_was_lost_is_looked_up(database):
    """The statement was done, or not, and the connection was cut: what is there decides what the caller hears."""
    async with Proxy(database.url) as proxy:
        stores = await own(replace(database, url=proxy.url))
        case = await opened(stores.cases, Opening(at=now()))
        proxy.losing = b"the one whose answer is lost"
        change = then(case, now(), NORMALISED, contents={"the one whose answer is lost": b""})
        await stores.cases.append(change, due_to=1)
        assert await stored(stores.cases, case) == change.case
        admission = Admission(key="the key whose answer is lost", request=b"r")
        proxy.losing = b"the key whose answer is lost"
        first = await stores.cases.open(opening(Opening(at=now())), admission)
        assert await stores.cases.open(opening(Opening(at=now())), admission) == first
        assert proxy.lost == 2
        stale = then(case, now(), NORMALISED, contents={"lost again": b""})
        proxy.losing = b"lost again"
        await raised(LeaseLost, stores.cases.append(stale, due_to=1))
        assert proxy.lost == 3
        assert len(await stores.cases.find(TENANT, CaseFilter())) == 2
        await stores.close()


async def test_no_message_holds_the_password(database, caplog):
    secret = database.url.replace("postgres@", "postgres:hunter2@")
    with pytest.raises(StoreUnusable) as caught:
        await own(replace(database, url=secret.rpartition("/")[0] + "/nowhere"))
    assert "does not exist" in str(caught.value)
    with pytest.raises(StoreUnusable) as unreachable:
        await own(replace(database, url="postgresql://postgres:hunter2@127.0.0.1:1/x"))
    for error in (caught.value, unreachable.value):
        assert "hunter2" not in str(error) + repr(error.values) + caplog.text
        assert "127.0.0.1" in str(error)


async def test_a_connection_that_others_end_is_made_again(server, stores):
    case = await opened(stores.cases, Opening(at=now()))
    for _ in range(3):
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'leitstand %'")
        case = await appended(stores.cases, case, now(), NORMALISED)
        assert await stored(stores.cases, case) == case
        assert await stores.cases.holds(case)
