"""Does a stop end every call within seconds, seen at the socket of the model, and do two people let the work go on?"""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand
from tests.cli.test_roles import ask, process

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.ports import free_port
from leitstand.testing.wire import Received

DESK = Path(__file__).parents[1] / "web" / "desk"
MANY = 100

GOOD = faults.good('{"answer": "yes"}')
CHAIN = """provider = "openai_compatible"
base_url = "{url}/v1"
model = "slow"
timeout_seconds = 90
retries = 0
"""


@dataclass
class SlowModel:
    """Begins each answer and never ends it until ``quick``; knows when each call came, and which are still open."""

    came: list[float] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    quick: bool = False

    async def behave(self, writer: asyncio.StreamWriter, request: Received) -> None:
        """A space every 50 ms, until the caller goes away."""
        self.came.append(time.monotonic())
        if self.quick:
            await GOOD(writer, request)
            return
        self.open.add(request.connection)
        try:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        finally:
            self.open.discard(request.connection)


@contextmanager
def slow_model() -> Iterator[tuple[SlowModel, str]]:
    """A model that is slow, and its address."""
    model = SlowModel()
    with FaultServer(choose=lambda _: model.behave) as server:
        yield model, server.url


def slow_desk(folder: Path, url: str) -> None:
    """A workflow that asks the slow model, with no second chance."""
    shutil.copytree(DESK, folder / "desk")
    definition = folder / "desk" / "workflow.toml"
    head, _, rest = definition.read_text().partition('provider = "scripted"\n')
    rest = rest.partition("\n")[2]
    head = head.replace('text = "answer"', 'text = "answer"\ndeadline_seconds = 120')
    definition.write_text(head + CHAIN.format(url=url) + rest)


def until(claim: object, seconds: float = 30.0) -> None:
    """Wait until the claim holds."""
    deadline = time.monotonic() + seconds
    while not claim():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def opened(addresses: list[str], count: int) -> None:
    """Open cases, at the addresses in turn."""
    with ThreadPoolExecutor(16) as pool:
        asking = [
            pool.submit(ask, f"{addresses[place % len(addresses)]}/v1/workflows/desk/cases", body(place))
            for place in range(count)
        ]
        assert Counter(asked.result()[0] for asked in asking) == {201: count}


def body(place: int) -> dict[str, object]:
    return {"input": {"question": f"Question {place}?"}}


def statuses(address: str) -> Counter[object]:
    """How many cases have which status."""
    cases = ask(f"{address}/v1/cases?limit=200")[1]["cases"]
    assert isinstance(cases, list)
    return Counter(case["status"] for case in cases)


def assert_quiet(model: SlowModel, stopped_at: float) -> None:
    """No call begins later than a second after the stop, and none is open five seconds after it."""
    until(lambda: not model.open, stopped_at + 5.0 - time.monotonic())
    time.sleep(max(0.0, stopped_at + 2.5 - time.monotonic()))
    assert max(model.came) < stopped_at + 1.0
    assert not model.open


def events_of(address: str, case_id: object) -> list[dict[str, object]]:
    found = ask(f"{address}/v1/cases/{case_id}/events")[1]["events"]
    assert isinstance(found, list)
    return found


def restarted(leitstand: Leitstand, stop_id: str, *options: str, **settings: str) -> None:
    """Let two people restart it: the one who proposed cannot confirm, and a token counts once."""
    proposed = leitstand("restart", stop_id, "--as", "Anna", *options, settings=settings)
    assert proposed.code == 0, proposed.err
    token = proposed.out.strip()
    alone = leitstand("restart", stop_id, "--as", "Anna", "--token", token, *options, settings=settings)
    assert alone.code == 5
    assert "cannot confirm" in alone.err
    guessed = leitstand("restart", stop_id, "--as", "Ben", "--token", "0" * 16, *options, settings=settings)
    assert guessed.code == 5
    assert leitstand("restart", stop_id, "--as", "Ben", "--token", token, *options, settings=settings).code == 0
    again = leitstand("restart", stop_id, "--as", "Ben", "--token", token, *options, settings=settings)
    assert again.code == 5


@pytest.mark.alone
def test_a_stop_ends_a_hundred_calls_and_two_people_let_the_cases_go_on(leitstand: Leitstand, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with slow_model() as (model, url):
        slow_desk(tmp_path, url)
        with process(tmp_path, "serve", "desk", "--port", str(port), awaited=b"serves"):
            opened([address], MANY)
            until(lambda: len(model.open) == MANY)
            told = leitstand(
                "stop", "--workflow", "desk", "--reason", "Wrong answers", "--as", "Anna", "--data", "data"
            )
            assert told.code == 0, told.err
            assert_quiet(model, time.monotonic())
            assert statuses(address) == {"open": MANY}
            assert ask(f"{address}/v1/workflows/desk/cases?wait=1", body(MANY))[1]["status"] == "open"
            listed = leitstand("stop", "--data", "data", "--json").data
            assert isinstance(listed, list)
            assert [(row["subject"], row["by"], row["reason"]) for row in listed] == [("desk", "Anna", "Wrong answers")]
            assert "Wrong answers" in leitstand("stop", "--data", "data").out
            assert len(model.came) == MANY
            model.quick = True
            restarted(leitstand, told.out.strip(), "--data", "data")
            until(lambda: statuses(address) == {"delivered": MANY + 1})
            assert len(model.came) == 2 * MANY + 1
            cases = ask(f"{address}/v1/cases?limit=200")[1]["cases"]
            assert isinstance(cases, list)
            kinds = Counter(event["type"] for case in cases for event in events_of(address, case["id"]))
            assert kinds["case.halted"] == MANY
            unknown = sum(not case["cost_known"] for case in cases)
            assert unknown == MANY + 1, "a call that was cut off may have been charged"


@pytest.mark.alone
def test_a_stop_reaches_every_process_on_one_database(
    leitstand: Leitstand, tmp_path: Path, postgres_database: str
) -> None:
    ports = [free_port(), free_port()]
    addresses = [f"http://127.0.0.1:{port}" for port in ports]
    database = {"LEITSTAND_DATABASE_URL": postgres_database}
    with slow_model() as (model, url), ExitStack() as servers:
        slow_desk(tmp_path, url)
        for port in ports:
            serving = process(
                tmp_path,
                "serve",
                "desk",
                "--port",
                str(port),
                awaited=b"serves",
                database_url=postgres_database,
            )
            servers.enter_context(serving)
        opened(addresses, MANY)
        until(lambda: len(model.open) == MANY)
        person = leitstand(
            "stop", "--case", "1", "--reason", "Try", "--as", "Anna", "--data", "data", settings=database
        )
        assert person.code == 0, person.err
        until(lambda: len(model.open) == MANY - 1, 5.0)
        stopped_at = time.monotonic()
        wanted = {"scope": "all", "reason": "Leaking", "person": "Anna"}
        status, stop = ask(f"{addresses[0]}/v1/stops", wanted)
        assert status == 201, stop
        assert_quiet(model, stopped_at)
        assert statuses(addresses[1]) == {"open": MANY - 1, "stopped": 1}
        model.quick = True
        restarted(leitstand, str(stop["id"]), "--data", "data", **database)
        until(lambda: statuses(addresses[1]) == {"delivered": MANY - 1, "stopped": 1})


def test_a_stopped_case_ends_and_its_journal_says_why(leitstand: Leitstand, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with slow_model() as (model, url):
        slow_desk(tmp_path, url)
        with process(tmp_path, "serve", "desk", "--port", str(port), awaited=b"serves"):
            opened([address], 2)
            until(lambda: len(model.open) == 2)
            arguments = ("--reason", "A test case", "--as", "Anna", "--data", "data")
            assert leitstand("stop", "--case", "1", *arguments).code == 0
            until(lambda: len(model.open) == 1)
            case = ask(f"{address}/v1/cases/1")[1]
            assert (case["status"], case["cost_known"]) == ("stopped", False)
            last = events_of(address, case["id"])[-1]
            assert last["type"] == "case.stopped"
            assert leitstand("stop", "--case", "1", *arguments).code == 6, "it has ended"
            shown = leitstand("case", "show", "1", "--content", "--json", "--data", "data").data
            assert isinstance(shown, dict)
            assert shown["contents"]["stop_reason"] == "A test case"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--workflow", "desk"), 2, "--reason"),
        (("--workflow", "desk", "--all", "--reason", "x", "--as", "Anna"), 2, "one of"),
        (("--workflow", "none", "--reason", "x", "--as", "Anna"), 4, "none"),
        (("--case", "999", "--reason", "x", "--as", "Anna"), 4, "999"),
        (("--all", "--reason", " ", "--as", "Anna"), 2, "1 to 500"),
        (("--all", "--reason", "x" * 501, "--as", "Anna"), 2, "501"),
        (("--all", "--reason", "x", "--as", "\t"), 2, "name"),
    ],
)
def test_a_stop_that_cannot_be_says_what_is_wrong(
    leitstand: Leitstand, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    slow_desk(tmp_path, "http://127.0.0.1:1")
    assert leitstand("release", "add", "desk", "--activate", "--data", "data").code == 0
    refused = leitstand("stop", *arguments, "--data", "data")
    assert refused.code == code
    assert said in refused.err
    assert leitstand("stop", "--data", "data", "--json").code in (0, 15)


@pytest.mark.parametrize(
    "command", [("stop", "--all", "--reason", "x", "--as", "Anna"), ("restart", "1", "--as", "Ben")]
)
def test_who_mistypes_the_folder_is_told_and_no_database_is_made_there(
    leitstand: Leitstand, tmp_path: Path, command: tuple[str, ...]
) -> None:
    told = leitstand(*command, "--data", "dta")
    assert told.code != 0
    assert "dta" in told.err
    assert not (tmp_path / "dta").exists()


def test_a_stop_without_a_server_holds_when_one_starts(leitstand: Leitstand, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with slow_model() as (model, url):
        slow_desk(tmp_path, url)
        assert leitstand("release", "add", "desk", "--activate", "--data", "data").code == 0
        told = leitstand("stop", "--tenant", "default", "--reason", "Night", "--as", "Anna", "--data", "data")
        assert told.code == 0, told.err
        model.quick = True
        with process(tmp_path, "serve", "desk", "--port", str(port), awaited=b"serves"):
            assert ask(f"{address}/v1/workflows/desk/cases?wait=2", body(1))[1]["status"] == "open"
            assert not model.came
            restarted(leitstand, told.out.strip(), "--data", "data")
            until(lambda: statuses(address) == {"delivered": 1})
