"""How do cases come in? Through the API, as from any caller, many at once, and what was said to each?"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from leitstand.domain.workflow import Workflow
from leitstand.drill.inputs import body_of
from leitstand.drill.planned import Planned

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
"""An ASGI application."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a caller heard: HTTP status and body, and after how many seconds; ``case_id`` is empty when refused."""

    status: int
    body: Mapping[str, Any]
    seconds: float

    @property
    def case_id(self) -> str:
        """The case that was opened."""
        return str(self.body.get("id", "")) if self.status < 300 else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Where cases come in: the application, the workflow, and the faults of the input."""

    app: App
    workflow: Workflow
    planned: Sequence[Planned] = ()


async def call(door: Door, inputs: Sequence[Mapping[str, object]], concurrency: int) -> tuple[Said, ...]:
    """Open a case for each input, so many at once."""
    room = asyncio.Semaphore(concurrency)
    path = f"/v1/workflows/{door.workflow.name}/cases"

    async def one(given: Mapping[str, object]) -> Said:
        async with room:
            return await post(door.app, path, body_of(given, door.workflow.input, door.planned))

    return tuple(await asyncio.gather(*(one(given) for given in inputs)))


async def post(app: App, path: str, body: bytes) -> Said:
    """POST to the application, as its server would hand it over."""
    began, status, heard = time.monotonic(), 0, b""
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, heard
        status = message.get("status", status)
        heard += message.get("body", b"")

    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return Said(status=status, body=_object(heard), seconds=time.monotonic() - began)


def _object(heard: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(heard)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
