"""Is a budget overspent by one call at most, in one process and in four, whoever is killed meanwhile?

What was spent is what the model was asked: each question that arrives there costs one euro, heard or not.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from tests.acceptance.watched import ANSWER, WORKFLOW
from tests.web.processes import Server, get, leitstand, server

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.postgres_server import PostgresServer

CASES, AFFORDED = 64, 10
TOKENS = 1000
CHAIN = """
[[draft.chain]]
provider = "openai_compatible"
model = "m"
base_url = "{url}/v1"
retries = 1
options = {{ max_tokens = 1000 }}
price = {{ input_per_million = 0, output_per_million = 1_000_000_000_000, currency = "EUR" }}

"""
ANSWERED = faults.late(0.3, faults.good(json.dumps(ANSWER), output_tokens=TOKENS))


@pytest.fixture
def model() -> Iterator[FaultServer]:
    with FaultServer(ANSWERED) as running:
        yield running


def workflow(folder: Path, model: FaultServer) -> Path:
    """The workflow of the chaos run with a model that costs an euro a call, and ten euros a month."""
    shutil.copytree(WORKFLOW, folder)
    text = (folder / "workflow.toml").read_text()
    before, _, rest = text.partition("[[draft.chain]]")
    text = before + CHAIN.format(url=model.url) + rest[rest.index("[[checks]]") :]
    text = text.replace('per_case = "1 EUR"', 'per_case = "5 EUR"').replace("1000 EUR", f"{AFFORDED} EUR")
    text = re.sub(r'kind = "webhook"\nurl = .*', 'kind = "caller"', text)
    (folder / "workflow.toml").write_text(text)
    return folder


def ask(url: str, number: int) -> None:
    body = json.dumps({"input": {"question": "When does the harbour close?", "number": number}}).encode()
    with urlopen(Request(f"{url}/v1/workflows/chaos/cases", body, {"Content-Type": "application/json"}), timeout=30):
        pass


def month(data: Path) -> dict:
    """What the command shows of the limit of the month."""
    command = leitstand("budget", "chaos", "--json", "--data", data)
    (shown,) = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)
    return shown


def settled(running: Server) -> None:
    """Wait until no case is under way any more."""
    until = time.monotonic() + 60
    while get(f"{running.url}/v1/cases?limit=1&status=open&status=delivering")["cases"]:
        assert time.monotonic() < until, running.log.read_text()[-3000:]
        time.sleep(0.2)


def test_sixty_four_cases_at_once_spend_what_there_is_for_ten(tmp_path: Path, model: FaultServer) -> None:
    with server(workflow(tmp_path / "chaos", model), tmp_path / "data") as running:
        with ThreadPoolExecutor(CASES) as clients:
            list(clients.map(lambda number: ask(running.url, number), range(CASES)))
        settled(running)
        shown = month(tmp_path / "data")
    assert len(model.requests) == AFFORDED
    assert (shown["account"][:15], shown["spent"], shown["reserved"]) == ("workflow/chaos/", "10", "0")


def test_four_processes_on_one_database_do_too_when_two_are_killed(
    tmp_path: Path, model: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, chance = workflow(tmp_path / "chaos", model), random.Random(7)
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer())
        monkeypatch.setenv("LEITSTAND_DATABASE_URL", postgres.database())
        monkeypatch.setenv("LEITSTAND_KEYS", str(tmp_path / "keys"))
        monkeypatch.setenv("LEITSTAND_LEASE_SECONDS", "2")
        fleet = [stack.enter_context(server(folder, tmp_path / f"data{number}")) for number in range(4)]
        with ThreadPoolExecutor(CASES) as clients:
            asked = [clients.submit(ask, fleet[number % 4].url, number) for number in range(CASES)]
            for victim in chance.sample(fleet[1:], 2):
                time.sleep(chance.uniform(0.05, 0.5))
                os.killpg(victim.process.pid, signal.SIGKILL)
        assert sum(one.exception() is None for one in asked) > AFFORDED
        settled(fleet[0])
        shown = month(tmp_path / "data0")
    assert 1 < len(model.requests) <= AFFORDED + 1
    assert float(shown["spent"]) + float(shown["reserved"]) >= len(model.requests)
