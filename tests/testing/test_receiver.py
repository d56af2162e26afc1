"""Does the receiver write every attempt down before it answers, and does its ledger outlive a kill?"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest
import pytest_asyncio

from leitstand.testing.receiver import read_ledger
from leitstand.transports.aiohttp import AiohttpTransport


@contextlib.contextmanager
def receiver(ledger, *arguments):
    command = (sys.executable, "-m", "leitstand.testing.receiver", "--ledger", str(ledger), *arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().removeprefix("receiving on ").strip()
        finally:
            process.kill()


@pytest_asyncio.fixture
async def transport():
    transport = AiohttpTransport()
    yield transport
    await transport.close()


async def post(transport, url, key, body):
    return (await transport.post(url, headers={"idempotency-key": key}, body=body, timeout=5)).status


async def test_attempts_are_kept_in_order_and_repeats_are_told_apart(tmp_path, transport):
    ledger = tmp_path / "ledger.jsonl"
    with receiver(ledger) as (_, url):
        statuses = [
            await post(transport, url, "a", b'{"n": 1}'),
            await post(transport, url, "b", b'{"n": 2}'),
            await post(transport, url, "a", b'{"n": 1}'),
            await post(transport, url, "a", b'{"n": 3}'),
        ]
    assert statuses == [200, 200, 200, 409]
    effects = read_ledger(ledger)
    assert [(effect.number, effect.key, effect.applied) for effect in effects] == [
        (1, "a", True),
        (2, "b", True),
        (3, "a", False),
        (4, "a", False),
    ]
    assert json.loads(effects[3].body) == {"n": 3}


async def test_a_killed_receiver_has_everything_it_answered_and_goes_on_where_it_was(tmp_path, transport):
    ledger = tmp_path / "ledger.jsonl"
    answered = []

    async def send(url, number):
        if await post(transport, url, f"k{number}", b"{}") == 200:
            answered.append(f"k{number}")

    with receiver(ledger) as (process, url):
        sending = [asyncio.create_task(send(url, number)) for number in range(200)]
        while len(answered) < 50:
            await asyncio.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.gather(*sending, return_exceptions=True)
    assert set(answered) <= {effect.key for effect in read_ledger(ledger)}
    with ledger.open("ab") as torn:
        torn.write(b'{"number": 99')
    with receiver(ledger) as (_, url):
        await post(transport, url, answered[0], b"{}")
    last = read_ledger(ledger)[-1]
    assert (last.key, last.applied) == (answered[0], False)


async def test_no_answer_leaves_before_the_line_is_on_the_disk(tmp_path, transport):
    trace = tmp_path / "trace"
    ledger = tmp_path / "ledger.jsonl"
    command = ("strace", "-f", "-o", str(trace), "-e", "trace=fsync,sendto", sys.executable, "-m")
    with subprocess.Popen(  # noqa: ASYNC220 -- it starts in a moment, and nothing else is under way
        (*command, "leitstand.testing.receiver", "--ledger", str(ledger)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        url = process.stdout.readline().removeprefix("receiving on ").strip()
        for number in range(5):
            await post(transport, url, f"k{number}", b"{}")
        os.killpg(process.pid, signal.SIGKILL)
    calls = [
        line.split()[1].split("(")[0]
        for line in trace.read_text().splitlines()
        if "HTTP/1.1" in line or "fsync(" in line
    ]
    assert calls == ["fsync", "sendto"] * 5


@pytest.mark.parametrize("junk", [b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n", b"half"])
async def test_junk_harms_nobody(tmp_path, transport, junk):
    with receiver(tmp_path / "ledger.jsonl") as (_, url):
        port = int(url.rsplit(":", 1)[1])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(junk)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert await post(transport, url, "k", b"{}") == 200
