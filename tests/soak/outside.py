"""What does the outside world do? One process is the model and the receiver, and fails in every way that they can.

GET /share/0.1    from now on a tenth of all requests is answered wrong, late or not at all
GET /counts       how often which fault was delivered
"""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from leitstand.testing import faults
from leitstand.testing.faults import Behaviour
from leitstand.testing.receiver import Ledger
from leitstand.testing.wire import Received, http_reply, read_request

MODEL_TIMEOUT = 1.0
"""Seconds that the workflow's definition gives the model."""
THINKING = 0.04
ANSWER = json.dumps({"answer": "The harbour closes at 18 o'clock [1].", "answered": True, "citations": [1]})
STREAM = faults.streamed("The harbour ", "closes at ", "18 o'clock.", seconds=THINKING / 2)
MODEL_FAULTS: dict[str, Behaviour] = {
    "model: timeout": faults.late(MODEL_TIMEOUT * 2, faults.good(ANSWER)),
    "model: error 500": faults.error(500),
    "model: error 429": faults.error(429),
    "model: web page": faults.html(502),
    "model: no HTTP": faults.garbage(),
    "model: nonsense": faults.good("I had rather talk about the weather."),
    "model: half an answer": faults.half(ANSWER),
    "model: reset": faults.reset(),
    "model: no byte": faults.nothing(),
    "model: drips": faults.drip(ANSWER, seconds=MODEL_TIMEOUT * 2),
}
RECEIVER_FAULTS = ("receiver: refuses", "receiver: slow", "receiver: resets", "receiver: takes and resets")
KINDS = (*MODEL_FAULTS, *RECEIVER_FAULTS)
REFUSAL = http_reply(503, b"{}")
TAKEN = http_reply(200, b'{"received": true}')


class Outside:
    """Answers whatever comes, by address."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._share = 0.0
        self._delivered: Counter[str] = Counter()
        self._random = random.Random()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end."""
        try:
            while not writer.is_closing() and (request := await read_request(reader, number=0, connection=0)):
                await self._answer(writer, request)
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # whoever asked went away
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, request: Received) -> None:
        if request.path.startswith("/share/"):
            _, _, share, seed = request.path.split("/")
            self._share, self._random = float(share), random.Random(seed)
            writer.write(TAKEN)
        elif request.path == "/counts":
            writer.write(http_reply(200, json.dumps(self._delivered).encode()))
        elif request.path.startswith("/v1/"):
            await self._generate(writer, request)
        else:
            await self._receive(writer, request)

    async def _generate(self, writer: asyncio.StreamWriter, request: Received) -> None:
        if fault := self._fault(tuple(MODEL_FAULTS)):
            await MODEL_FAULTS[fault](writer, request)
        elif b'"stream":true' in request.body.replace(b" ", b""):
            await STREAM(writer, request)
        else:
            await faults.late(THINKING, faults.good(ANSWER))(writer, request)

    async def _receive(self, writer: asyncio.StreamWriter, request: Received) -> None:
        fault = self._fault(RECEIVER_FAULTS)
        if fault == "receiver: refuses":
            writer.write(REFUSAL)
        elif fault == "receiver: resets":
            await faults.reset()(writer, request)
        else:
            self._ledger.write(request)
            if fault == "receiver: takes and resets":
                await faults.reset()(writer, request)
                return
            await asyncio.sleep(1.0 if fault else 0)
            writer.write(TAKEN)

    def _fault(self, kinds: tuple[str, ...]) -> str:
        """What goes wrong this time; empty when nothing does."""
        if self._random.random() >= self._share:
            return ""
        kind = self._random.choice(kinds)
        self._delivered[kind] += 1
        return kind


async def main(port: str, ledger: str) -> None:
    """Answer until killed."""
    answering = Outside(Ledger(Path(ledger)))
    server = await asyncio.start_server(answering.serve, "127.0.0.1", int(port), limit=2**20, backlog=1024)
    print("ready", flush=True)
    await server.serve_forever()


@asynccontextmanager
async def outside(port: int, ledger: Path) -> AsyncIterator[None]:
    """The process, for as long as the block lasts."""
    arguments = ("-m", "tests.soak.outside", str(port), str(ledger))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout and await process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.kill()
        await process.communicate()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
