"""How does a command reach the server that owns the database?

The server answers on a Unix socket beside the database, readable by its own user only: for each JSON line in, one
JSON line out. So nothing can be installed over the network, and the file keeps its one writer.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from leitstand.assembly import System, assembled
from leitstand.cli.output import exit_code_of
from leitstand.cli.reports import report_of
from leitstand.cli.stop_order import StopOrder, restart_for, stop_for
from leitstand.domain.errors import LeitstandError, Problem, RequestMalformed, StoreUnusable, translatable
from leitstand.encoding import canonical, plain
from leitstand.runtime.backfill import BESIDE_PEOPLE, Batch, Taken, backfill
from leitstand.runtime.runbook import runbook
from leitstand.settings import Settings
from leitstand.web.speech import Speech

Reply = dict[str, Any]
"""What a command brought, by name."""

SOCKET = "leitstand.sock"
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of a command, beside one input of the largest size."""


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


def _short(folder: int) -> str:
    """The socket in an open folder: the address of a socket has at most 107 bytes, and a path may have more."""
    return f"/proc/self/fd/{folder}/{SOCKET}"


@asynccontextmanager
async def answering(system: System) -> AsyncIterator[None]:
    """Answer commands of the same user for as long as the server lives; PostgreSQL they open themselves."""
    if system.settings.database_url:
        yield
        return
    path = system.settings.data / SOCKET
    path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while reply := await _reply(system, reader):
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        writer.close()

    limit = LONGEST_LINE + system.settings.max_body_bytes
    mask = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(answer, _short(folder), limit=limit)
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)
        os.close(folder)


async def _reply(system: System, reader: asyncio.StreamReader) -> dict[str, object] | None:
    """What is said to the next command; None when no more come."""
    try:
        line = await reader.readline()
        return {"ok": await _do(system, plain(line))} if line else None
    except LeitstandError as error:
        return {"error": _told(error)}
    except ValueError:
        return {"error": _told(RequestMalformed(detail="not JSON", expected="a command as one JSON line"))}


async def _do(system: System, command: Mapping[str, object]) -> Reply:
    match command:
        case {
            "do": "cases.submit",
            "tenant": str(tenant_id),
            "workflow": str(workflow),
            "job": str(job),
            "rows": list(rows),
        }:
            batch = Batch(tenant_id=tenant_id, workflow=workflow, job=job, rows=rows)
            return told_of(await backfill(system.parts, system.worker, batch, BESIDE_PEOPLE))
        case {
            "do": "stop",
            "scope": str(scope),
            "subject": str(subject),
            "reason": str(reason),
            "person": str(name),
        }:
            order = StopOrder(scope=scope, subject=subject, reason=reason, name=name)
            return await stop_for(system, order)
        case {"do": "runbook", "workflow": str(workflow), "language": str(language), "form": str(form)}:
            return {"text": await _runbook(system, workflow, Speech(language), form)}
        case {"do": "report.add", **given}:
            await system.parts.reports.add(report_of(given))
            return {}
        case {"do": "restart", "stop": str(stop_id), "person": str(name), "token": str(token)}:
            return await restart_for(system, stop_id, name, token)
        case {"do": "release.add", "folder": str(folder), "activate": bool(activate)}:
            release = await system.add(Path(folder), activate=activate)
        case {"do": "release.activate", "digest": str(digest)}:
            release = await system.activate(digest)
        case _:
            known = "release.add, release.activate, report.add, cases.submit, stop, restart or runbook"
            raise RequestMalformed(detail="unknown command", expected=known)
    return {"workflow": release.workflow.name, "digest": release.digest}


async def _runbook(system: System, workflow: str, say: Speech, form: str) -> str:
    from leitstand.web.pages.runbook import page_alone  # the pages are loaded for whoever wants one
    from leitstand.web.pages.runbook_text import markdown

    book = await runbook(system.parts, system.worker, system.tenant_id, workflow)
    return page_alone(book, say) if form == "html" else markdown(book, say)


def told_of(taken: Taken) -> Reply:
    """What came of a batch of rows, as it is told to whoever sent it."""
    refused = [{"place": place, **_told(error)} for place, error in taken.refused]
    return {"opened": taken.opened, "repeated": taken.repeated, "refused": refused}


NEED_A_DATABASE = frozenset({"stop", "restart"})
"""Commands that must never seem to have worked in a folder that somebody mistyped."""


async def do(settings: Settings, command: dict[str, object]) -> Reply:
    """Let the server that owns the database do it; without one, open the database and do it here."""
    async with owner_of(settings) as owner:
        if owner:
            return await owner.ask(command)
    if command["do"] in NEED_A_DATABASE and not (settings.database_url or settings.database.exists()):
        way_out = translatable("Start the server once, or name the folder of its data.")
        raise StoreUnusable(path=settings.database, detail=translatable("there is none"), way_out=way_out)
    async with assembled(settings, address="a command") as system:
        return await _do(system, command)


class Owner:
    """The server that owns the database, on the line for as many commands as there are."""

    def __init__(self, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._path = path
        self._reader = reader
        self._writer = writer

    async def ask(self, command: Mapping[str, object]) -> Reply:
        """What the server says; raises what it refused with, and ``StoreUnusable`` when it is gone."""
        try:
            self._writer.write(canonical(command) + b"\n")
            await self._writer.drain()
            line = await self._reader.readline()
        except ConnectionError:
            line = b""
        if not line:
            way_out = translatable("Start it again; the same command then goes on where it was.")
            raise StoreUnusable(path=self._path, detail="the server that owns it is gone", way_out=way_out)
        reply = json.loads(line)
        if "error" in reply:
            raise Forwarded(reply["error"])
        return cast("Reply", reply["ok"])


@asynccontextmanager
async def owner_of(settings: Settings) -> AsyncIterator[Owner | None]:
    """The server that owns the database of the settings; None when none runs, and where nobody owns it alone."""
    if settings.database_url:
        yield None
        return
    try:
        folder = os.open(settings.data, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    try:
        reader, writer = await asyncio.open_unix_connection(_short(folder), limit=LONGEST_LINE)
    except (FileNotFoundError, ConnectionRefusedError):
        yield None
        return
    finally:
        os.close(folder)
    try:
        yield Owner(settings.database, reader, writer)
    finally:
        writer.close()
