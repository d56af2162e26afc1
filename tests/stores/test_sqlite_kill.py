"""Does everything acknowledged survive when the process is killed in the middle of writing?"""

import random
import subprocess
import sys
from pathlib import Path

from leitstand.domain.case import RUNNABLE, fold
from leitstand.ports import CaseFilter, Vacancy
from leitstand.stores.sqlite import open_store
from leitstand.testing.store_cases import TENANT
from leitstand.testing.store_contract import now, stored

KILLS = 6
IN_FLIGHT = 16


def write_until_killed(folder, acknowledgements):
    """The last sequence number acknowledged per case; the process is killed with that many lines written."""
    script = Path(__file__).with_name("writing_process.py")
    command = [sys.executable, str(script), str(folder), str(IN_FLIGHT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        lines += process.stdout.read().splitlines()
    assert process.returncode == -9
    durable = {}
    for line in lines:
        words = line.split()
        if words[0] == "durable" and len(words) == 3:
            durable[words[1]] = int(words[2])
    return durable


async def test_what_was_acknowledged_survives_every_kill(tmp_path):
    dice = random.Random(3)
    durable = {}
    for _ in range(KILLS):
        durable |= write_until_killed(tmp_path, dice.randrange(20, 400))
        stores = open_store(tmp_path / "leitstand.db", address="", clock=now)
        try:
            await check_everything(stores.cases, durable)
        finally:
            await stores.close()


async def check_everything(cases, durable):
    """Nothing acknowledged is lost, row and journal agree, contents open, and all that is unfinished is claimed."""
    rows = await cases.find(TENANT, CaseFilter(limit=1_000_000))
    assert len({summary.number for summary in rows}) == len(rows)
    found = {summary.case.case_id: await stored(cases, summary.case) for summary in rows}
    lost = {case_id: seq for case_id, seq in durable.items() if case_id not in found or found[case_id].seq < seq}
    assert lost == {}
    for case_id in durable:
        committed = {name for event in await cases.events(TENANT, case_id) for name in event.commitments}
        assert set(await cases.contents(TENANT, case_id)) == committed
    taken = [
        case for suspects in (False, True) for case, _ in await cases.claim(Vacancy(limit=1_000_000, suspects=suspects))
    ]
    assert {case.case_id for case in taken} == {key for key, case in found.items() if case.status in RUNNABLE}
    for case in taken:
        assert case.seq == fold(await cases.events(TENANT, case.case_id)).seq
