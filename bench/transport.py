"""What does an outgoing call cost in CPU: pyreqwest beside aiohttp, and the provider's own work on top?

    python bench/transport.py [--calls 4000] [--rounds 5]

Both transports post the same chat completion request to the same local server (a process of its own, not counted),
64 in flight, in turns. CPU is that of this process, all its threads included; medians over the rounds, smallest and
largest beside them.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

from leitstand.domain.drafting import Target
from leitstand.domain.message import Grounding, Message, Request
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.aiohttp import AiohttpTransport
from leitstand.transports.pyreqwest import PyreqwestTransport

IN_FLIGHT = 64
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
REQUEST = Request(
    model="m",
    messages=(Message(role="system", content="Answer. " * 60), Message(role="user", content="Passage. " * 300)),
    schema=SCHEMA,
    grounding=Grounding(question="?", language="en", passages=()),
    timeout=30.0,
    key="bench",
)
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Passage. " * 360}]}).encode()
Call = Callable[[], Awaitable[object]]


def serve(told: Connection) -> None:
    """Answer until told to stop."""
    with FaultServer(faults.good(json.dumps({"answer": "word " * 80}))) as server:
        told.send(server.url)
        told.recv()


async def cpu_per_call(call: Call, calls: int) -> float:
    """Microseconds of CPU."""

    async def caller() -> None:
        for _ in range(calls // IN_FLIGHT):
            await call()

    began = time.process_time()
    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))
    return (time.process_time() - began) / (calls // IN_FLIGHT * IN_FLIGHT) * 1e6


async def measure(url: str, calls: int, rounds: int) -> dict[str, list[float]]:
    """Rounds in turns, after one to warm up."""
    fast, second = PyreqwestTransport(), AiohttpTransport()
    headers = {"content-type": "application/json"}
    address = url + "/v1/chat/completions"
    model = OpenaiCompatible(Target(provider="openai_compatible", model="m", base_url=url + "/v1"), fast, None)
    work: dict[str, Call] = {
        "pyreqwest": lambda: fast.post(address, headers=headers, body=BODY, timeout=30),
        "aiohttp": lambda: second.post(address, headers=headers, body=BODY, timeout=30),
        "pyreqwest + openai_compatible": lambda: model.generate(REQUEST),
    }
    costs: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, call in work.items():
            cost = await cpu_per_call(call, calls if number else IN_FLIGHT * 5)
            if number:
                costs[name].append(cost)
    await fast.close()
    await second.close()
    return costs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="CPU per outgoing call.")
    parser.add_argument("--calls", type=int, default=4000, help="calls per round and line")
    parser.add_argument("--rounds", type=int, default=5, help="rounds")
    chosen = parser.parse_args()
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    server.start()
    try:
        costs = asyncio.run(measure(here.recv(), chosen.calls, chosen.rounds))
    finally:
        here.send("stop")
        server.join()
    least = statistics.median(costs["pyreqwest"])
    print(f"{IN_FLIGHT} in flight, {chosen.rounds} rounds of {chosen.calls} calls each")
    print(f"{'':32}{'CPU µs a call':>14}{'min':>8}{'max':>8}{'ratio':>8}")
    for name, values in costs.items():
        middle = statistics.median(values)
        print(f"{name:32}{middle:14.0f}{min(values):8.0f}{max(values):8.0f}{middle / least:8.2f}")


if __name__ == "__main__":
    main()
