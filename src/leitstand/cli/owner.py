"""How does a command reach the server that owns the database?

The server answers on a Unix socket beside the database, readable by its own user only: one JSON line in, one JSON
line out. So nothing can be installed over the network, and the file keeps its one writer.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leitstand.assembly import System, assembled
from leitstand.cli.output import exit_code_of
from leitstand.domain.errors import LeitstandError, Problem, RequestMalformed
from leitstand.settings import Settings

SOCKET = "leitstand.sock"
LONGEST_LINE = 65_536


class Forwarded(LeitstandError):
    """An error of the server, told to the command that it did the work for, with its problems and its exit code."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.message, self.repair = told["message"], told["repair"]  # type: ignore[misc]
        self.problems = tuple(Problem(**problem) for problem in told["problems"])
        self.exit_code: int = told["exit_code"]
        super().__init__(**told["values"])


def _told(error: LeitstandError) -> dict[str, object]:
    problems = [problem for problem in getattr(error, "problems", ()) if isinstance(problem, Problem)]
    return {
        "message": error.message,
        "repair": error.repair,
        "values": error.values,
        "problems": [asdict(problem) for problem in problems],
        "exit_code": exit_code_of(error),
    }


@asynccontextmanager
async def answering(system: System) -> AsyncIterator[None]:
    """Answer commands of the same user for as long as the server lives; PostgreSQL they open themselves."""
    if system.settings.database_url:
        yield
        return
    path = system.settings.data / SOCKET
    path.unlink(missing_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            reply: dict[str, object] = {"ok": await _do(system, json.loads(await reader.readline()))}
        except LeitstandError as error:
            reply = {"error": _told(error)}
        except ValueError:
            reply = {"error": _told(RequestMalformed(detail="not JSON", expected="a command as one JSON line"))}
        writer.write(json.dumps(reply).encode() + b"\n")
        await writer.drain()
        writer.close()

    mask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(answer, path, limit=LONGEST_LINE)
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _do(system: System, command: Mapping[str, object]) -> dict[str, str]:
    match command:
        case {"do": "release.add", "folder": str(folder), "activate": bool(activate)}:
            release = await system.add(Path(folder), activate=activate)
        case {"do": "release.activate", "digest": str(digest)}:
            release = await system.activate(digest)
        case _:
            raise RequestMalformed(detail="unknown command", expected="release.add or release.activate")
    return {"workflow": release.workflow.name, "digest": release.digest}


async def do(settings: Settings, command: dict[str, object]) -> dict[str, str]:
    """Let the server that owns the database do it; without one, open the database and do it here."""
    reply = None if settings.database_url else await _ask_owner(settings.data, command)
    if reply is not None:
        return reply
    async with assembled(settings, address="a command") as system:
        return await _do(system, command)


async def _ask_owner(data: Path, command: dict[str, object]) -> dict[str, str] | None:
    """What the server says to a command, None when there is none; raises what the server refused with."""
    try:
        reader, writer = await asyncio.open_unix_connection(data / SOCKET)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    writer.write(json.dumps(command).encode() + b"\n")
    reply = json.loads(await reader.readline())
    writer.close()
    if "error" in reply:
        raise Forwarded(reply["error"])
    ok: dict[str, str] = reply["ok"]
    return ok
