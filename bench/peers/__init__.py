"""Which programs are measured, where is each started, and with what is it asked?

One file per program. A file imports nothing but the standard library at its top, for what it serves runs in the
environment of its program, not in ours.
"""

import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.request import Request

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

NAMES = (
    "echo",
    "aiohttp_proxy",
    "sketch",
    "leitstand_case",
    "leitstand_chat",
    "tensorzero",
    "mlflow",
    "portkey",
    "litellm",
)

QUESTION = (
    "When do I get my deposit back after the return of the equipment for contract R-2024-118, "
    "and what do late returns cost?"
)
SYSTEM = (
    "You are the assistant of a rental service. Answer only from the sources. Cite each statement. If the sources do "
    "not answer the question, say so and name what is missing. Keep to five sentences. Do not give legal advice."
)
DEPOSIT = (
    "Rental terms, section 4: The deposit is returned within fourteen days after the return of the equipment, "
    "provided that it is complete and undamaged. Late returns are charged at the daily rate per started day. The "
    "renter bears the cost of cleaning if the equipment is returned dirty."
)
CLAIMS = (
    "Rental terms, section 9: Claims concerning the settlement are made in writing within thirty days of receipt of "
    "the settlement, naming the contract number."
)
SOURCES = (DEPOSIT, CLAIMS)
MUST = b"fourteen days"
"""What every right answer holds."""

PASSAGES = 10_000
"""Passages that are searched in a whole case; all but the two sources are made up."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a program runs: its environment, its port, a folder for its files, and ``upstream`` up to ``/v1``."""

    environment: Path
    port: int
    folder: Path
    upstream: str

    @property
    def python(self) -> str:
        """The interpreter of its environment."""
        return str(self.environment / "bin" / "python")


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A program: how it is installed, started and asked. ``npm`` says that the packages are npm's."""

    title: str
    command: Callable[[Place], list[str]]
    request: Callable[[Place], Request]
    streamed: Callable[[Place], Request] | None = None
    packages: tuple[str, ...] = ()
    npm: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def peer(name: str) -> Peer:
    """The peer of a file in this folder."""
    found: Peer = import_module(f"bench.peers.{name}").PEER
    return found


def chat(path: str, *, model: str = "model", stream: bool = False, headers: Mapping[str, str] | None = None) -> Request:
    """The chat completion that every gateway is asked for."""
    listed = "\n".join(f"[{number}] {source}" for number, source in enumerate(SOURCES, 1))
    user = f"Sources:\n{listed}\n\nQuestion: {QUESTION}"
    body: dict[str, object] = {"model": model} if model else {}
    body["messages"] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": user}]
    body |= {"temperature": 0.2, "max_tokens": 256}
    if stream:
        body["stream"] = True
    all_headers = {"content-type": "application/json", "authorization": "Bearer sk-bench", **(headers or {})}
    must = b"[DONE]" if stream else MUST
    return Request(path=path, body=json.dumps(body).encode(), headers=all_headers, must=must)


def asgi(place: Place, module: str, *, lifespan: str = "on") -> list[str]:
    """The command of an ASGI application of this folder, on the server that Leitstand uses."""
    options = f"--loop uvloop --http httptools --no-access-log --log-level warning --backlog 4096 --lifespan {lifespan}"
    where = ["--host", "127.0.0.1", "--port", str(place.port)]
    return [place.python, "-m", "uvicorn", f"bench.peers.{module}:app", *where, *options.split()]


async def read(receive: Receive) -> bytes:
    """The body of a request, for the applications of this folder."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def answer(send: Send, body: bytes) -> None:
    """A JSON body with status 200."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def filler() -> list[str]:
    """Made-up passages, the same every time."""
    chance = random.Random(1)
    words = [f"word{number}" for number in range(3000)]
    return [" ".join(chance.choices(words, k=60)) for _ in range(PASSAGES - len(SOURCES))]
