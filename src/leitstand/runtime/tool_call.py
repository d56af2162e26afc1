"""How is a tool called, a function of the workflow or an HTTP endpoint, and what counts as its result?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from leitstand.domain.errors import ToolFailed
from leitstand.domain.message import ToolOffer
from leitstand.domain.tool import Tool
from leitstand.domain.tool_told import Told, failure_told, result_told
from leitstand.encoding import canonical, plain
from leitstand.ports import Data, Transport
from leitstand.runtime.egress import EgressRefused

_log = logging.getLogger(__name__)

Send = Callable[[Data, str], Awaitable[object]]
"""Arguments that fit and the idempotency key of the call, to its result; raises ``ToolFailed``."""

WORTH_REPEATING = (408, 425, 429)
"""Statuses below 500 after which nobody knows whether anything was done, or the same call may be taken later."""


UNSENT: Mapping[type, str] = {EgressRefused: "withheld"}
"""What a connection may fail with before anything left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyTool:
    """A tool of an installed release; ``problems`` tells how arguments break its schema."""

    tool: Tool
    parameters: Mapping[str, object]
    problems: Callable[[object], tuple[tuple[str, str], ...]]
    send: Send

    @property
    def offer(self) -> ToolOffer:
        """What the model is told of it."""
        return ToolOffer(name=self.tool.name, description=self.tool.description, parameters=self.parameters)


async def call_tool(ready: ReadyTool, arguments: Data, key: str, seconds: float) -> object:
    """The result as plain data; ``ToolFailed`` for everything else, within ``seconds`` and the tool's own time."""
    tool = ready.tool
    limit = min(seconds, tool.timeout_seconds)
    try:
        async with asyncio.timeout(limit):
            said = await ready.send(arguments, key)
        payload = canonical(said)
    except ToolFailed:
        raise
    except TimeoutError:
        raise ToolFailed(kind="timeout", tool=tool.name, detail=f"no result within {limit:g} s") from None
    except Exception as error:
        _log.exception("tool %s broke", tool.name)
        raise ToolFailed(kind="broken", tool=tool.name, detail=type(error).__name__) from error
    if len(payload.decode()) > tool.most_chars:
        detail = f"the result is longer than {tool.most_chars} characters"
        raise ToolFailed(kind="too_large", tool=tool.name, detail=detail)
    return plain(payload)


async def told_of(ready: ReadyTool, arguments: Data, key: str, seconds: float) -> tuple[str, Told]:
    """The kind of failure, ``""`` for none, and what a model is told of the call."""
    try:
        return "", result_told(await call_tool(ready, arguments, key, seconds))
    except ToolFailed as failure:
        kind = failure.values["kind"]
        return kind, failure_told(kind)


def endpoint(tool: Tool, transport: Transport, api_key: str | None) -> Send:
    """A POST of the arguments to the tool's address, and to no other: nothing a model writes becomes part of it."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    if api_key:
        headers["authorization"] = f"Bearer {api_key.strip()}"

    async def send(arguments: Data, key: str) -> object:
        with_key = {**headers, "idempotency-key": key}
        body = canonical(arguments)
        try:
            reply = await transport.post(tool.url, headers=with_key, body=body, timeout=tool.timeout_seconds)
        except ConnectionError as error:
            kind = UNSENT.get(type(error), "unreachable")
            raise ToolFailed(kind=kind, tool=tool.name, detail=str(error)) from None
        if not 200 <= reply.status < 300:
            refused = 400 <= reply.status < 500 and reply.status not in WORTH_REPEATING
            kind = "refused" if refused else "server_error"
            raise ToolFailed(kind=kind, tool=tool.name, detail=f"HTTP {reply.status}")
        return _read(reply.body, tool.name)

    return send


def _read(body: bytes, tool: str) -> object:
    """JSON, or else the text as it is."""
    try:
        return plain(body) if body.strip() else None
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ToolFailed(kind="malformed", tool=tool, detail="the reply is neither JSON nor text") from None


def function(call: Callable[[Data, str], object]) -> Send:
    """A plain function on a thread of its own."""

    async def send(arguments: Data, key: str) -> object:
        return await asyncio.to_thread(call, arguments, key)

    return send
