"""What does a model call cost in CPU: through gates, budget, breaker and journal, beside the bare HTTP client?

    python -m bench.chain [--calls 1000] [--rounds 5]

The bare call is an HTTP client alone: it posts the same bytes to the same local service (a process of its own, not
counted) and reads the text out of the JSON of the answer. There are two: aiohttp, the leanest, on which our transport
stands, and httpx, on which the official clients stand. Beside them, in alternating rounds, come the official client of
OpenAI; the provider over the transport; the model call, from the gates to the booked cost, with budget, breaker, rates,
zone and stop; and the draft step as cases take it, which makes the prompt, chooses the target and notes the draft.
Journals are kept in memory, or the intent is durable in SQLite before the first byte leaves. CPU is that of this
process, all its threads included, in microseconds a call; medians of the rounds, ratios round by round.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import cast

import aiohttp
import httpx
import msgspec
import uvloop
from bench.peers import Place
from bench.peers.leitstand_case import BODY, case_workflow
from bench.processes import LOAD, Start, pin_to, running
from openai import AsyncOpenAI

from leitstand.assembly import System, assembled
from leitstand.domain.event import Actor
from leitstand.domain.message import Request
from leitstand.ports import CaseStore, Change
from leitstand.providers.openai_compatible import OutputMode, request_body
from leitstand.runtime.assignment import assignment_of, call_of, grounding_of
from leitstand.runtime.draft import draft
from leitstand.runtime.model_call import ModelCall, Usable, call_model
from leitstand.runtime.parts import Parts
from leitstand.runtime.prepare import normalise_case, prepared
from leitstand.runtime.record import Journal
from leitstand.runtime.retrieve import retrieve
from leitstand.runtime.run_case import CALLER, Run
from leitstand.runtime.submit import Submission, open_case
from leitstand.settings import Settings
from leitstand.testing.ports import free_port

IN_FLIGHT = (1, 16, 64)
JSON = {"content-type": "application/json"}
BARE = ("bare aiohttp", "bare httpx")
ASKER = Actor(kind="client", id="bench")
WANTED = msgspec.json.decode(BODY)["input"]
TENANT, WORKFLOW = "default", "bench"


class Forgetful:
    """A store of cases that takes every change and keeps none."""

    async def append(self, change: Change, *, due_to: int) -> None:
        """Nothing is written."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A system whose only model is the local service, with what its provider sends there."""

    system: System
    lean: aiohttp.ClientSession
    usual: httpx.AsyncClient
    official: AsyncOpenAI
    address: str
    request: Request
    body: bytes

    def lines(self) -> dict[str, Callable[[Iterator[ModelCall], Iterator[Run]], Awaitable[None]]]:
        """What is measured, by name; each may take what was prepared."""
        return {
            BARE[0]: lambda _, __: self.leanly(),
            BARE[1]: lambda _, __: self.usually(),
            "official client": lambda _, __: self.officially(),
            "provider": lambda _, __: self.provider(),
            "model call, journal in memory": self.called,
            "draft step, journal in memory": self.drafted,
            "draft step, durable": self.drafted,
        }

    async def leanly(self) -> None:
        """The leanest HTTP client and nothing else."""
        async with self.lean.post(self.address, data=self.body, headers=JSON) as response:
            answer = msgspec.json.decode(await response.read())
        assert answer["choices"][0]["message"]["content"]

    async def usually(self) -> None:
        """The HTTP client of the official clients and nothing else."""
        response = await self.usual.post(self.address, content=self.body, headers=JSON)
        assert msgspec.json.decode(response.content)["choices"][0]["message"]["content"]

    async def officially(self) -> None:
        """What the official client makes of the same request."""
        answer = await self.official.chat.completions.create(**msgspec.json.decode(self.body))
        assert answer.choices[0].message.content

    async def provider(self) -> None:
        """The provider over the transport."""
        installed = self.system.parts.installations.active(TENANT, WORKFLOW)
        await installed.providers[0].generate(self.request)

    async def called(self, calls: Iterator[ModelCall], _: Iterator[Run]) -> None:
        """The next call, on its way through the gates and back."""
        assert isinstance(await call_model(next(calls)), Usable)

    async def drafted(self, _: Iterator[ModelCall], runs: Iterator[Run]) -> None:
        """The draft step of the next case."""
        run = next(runs)
        await draft(run)
        await run.journal.save()
        assert run.case.drafted, run.case


async def run_until_draft(system: System, parts: Parts) -> Run:
    """A new case that has come to its draft, everything before that saved."""
    submission = Submission(tenant_id=TENANT, workflow=WORKFLOW, input=dict(WANTED), actor=ASKER, channel="cli")
    case = (await open_case(system.parts, system.worker, submission)).case
    installed = parts.installations.active(TENANT, WORKFLOW)
    memory: dict[str, object] = {"input": dict(WANTED), CALLER: ASKER.id}
    run = Run(parts=parts, installed=installed, journal=Journal(parts, case), memory=memory)
    await normalise_case(run)
    await retrieve(run)
    await run.journal.save()
    return run


async def request_of(run: Run) -> Request:
    """What the draft step asks the provider."""
    grounding, given = await grounding_of(run), (await prepared(run)).input
    return Request(
        model=run.installed.workflow.draft.chain[0].model,
        messages=run.installed.render(given, grounding.passages, grounding.language),
        schema=run.installed.output_schema,
        grounding=grounding,
        timeout=30.0,
        key="bench",
    )


async def cpu_per_call(bench: Bench, name: str, calls: int, in_flight: int) -> float:
    """Microseconds of CPU."""
    parts = bench.system.parts
    if "memory" in name:
        parts = replace(parts, cases=cast("CaseStore", Forgetful()))
    wanted = calls if name.startswith(("draft", "model call")) else 0
    ready = [await run_until_draft(bench.system, parts) for _ in range(wanted)]
    asked = iter([call_of(run, 0, await assignment_of(run)) for run in ready if name.startswith("model call")])
    runs = iter(ready)
    line, left = bench.lines()[name], iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await line(asked, runs)

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(in_flight)))
    return (time.process_time() - began) / calls * 1e6


async def measure(upstream: str, folder: Path, given: argparse.Namespace) -> dict[str, dict[int, list[float]]]:
    """All rounds by line and by load, after a round to warm up."""
    place = Place(environment=folder, port=0, folder=folder, upstream=upstream)
    lean = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=30))
    usual = httpx.AsyncClient(limits=httpx.Limits(max_connections=None), timeout=30, trust_env=False)
    settings = Settings(data=folder / "data", most_waiting=1_000_000)
    async with assembled(settings, works=False) as system, lean, usual:
        await system.add(case_workflow(place), activate=True)
        request = await request_of(await run_until_draft(system, system.parts))
        body = msgspec.json.encode(request_body(request, OutputMode.SCHEMA, {}))
        address = upstream + "/chat/completions"
        official = AsyncOpenAI(base_url=upstream, api_key="none", max_retries=0)
        bench = Bench(
            system=system, lean=lean, usual=usual, official=official, address=address, request=request, body=body
        )
        costs: dict[str, dict[int, list[float]]] = {name: {load: [] for load in IN_FLIGHT} for name in bench.lines()}
        for number, in_flight, name in product(range(given.rounds + 1), IN_FLIGHT, costs):
            cost = await cpu_per_call(bench, name, given.calls if number else 200, in_flight)
            costs[name][in_flight] += [cost] if number else []
    return costs


def show(costs: dict[str, dict[int, list[float]]]) -> None:
    """The table: a line for what was measured at each load, and its ratio to each bare call."""
    beside = "".join(f"{'of ' + bare:>17}" for bare in BARE)
    print(f"{'':32}{'in flight':>10}{'CPU us':>8}{'min':>7}{'max':>7}{beside}")
    for name, loads in costs.items():
        for in_flight, values in loads.items():
            middle, spread = statistics.median(values), f"{min(values):>7.0f}{max(values):>7.0f}"
            ratios = "".join(f"{median_ratio(values, costs[bare][in_flight]):>17.2f}" for bare in BARE)
            print(f"{name:32}{in_flight:>10}{middle:>8.0f}{spread}{ratios}")


def median_ratio(values: list[float], bare: list[float]) -> float:
    """Of the rounds, each set beside its own."""
    return statistics.median(value / beside for value, beside in zip(values, bare, strict=True))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="CPU of a model call beside that of a bare HTTP client.")
    parser.add_argument("--calls", type=int, default=1000, help="calls of a round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leitstand-bench-", ignore_cleanup_errors=True) as folder:
        port = free_port()
        command = [sys.executable, "-m", "bench.upstream", "--port", str(port)]
        with running(Start(command=command, port=port, folder=Path(folder))):
            pin_to(LOAD)
            costs = uvloop.run(measure(f"http://127.0.0.1:{port}/0/v1", Path(folder), given))
    print(f"{given.rounds} rounds of {given.calls} calls")
    show(costs)


if __name__ == "__main__":
    main()
