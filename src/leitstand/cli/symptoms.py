"""What can be seen on this machine that speaks for or against running Leitstand here?"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from leitstand import plugins
from leitstand.assembly import reading
from leitstand.domain.breaker import Breaker, Place, State
from leitstand.domain.errors import LeitstandError, translatable
from leitstand.domain.workflow import Workflow
from leitstand.settings import Settings

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 50_000_000
"""Free bytes below which the disk is a warning, and a stop."""

EARLIEST_CLOCK = 1_790_000_000
"""A clock before this (September 2026, in seconds) is wrong: this program is younger."""

MOST_DRIFT = 2.0
"""Seconds that two clocks may differ."""

CONNECT_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """One thing looked at: ``level`` is ``ok``, ``warn`` or ``stop``; message and repair are templates."""

    level: str
    what: str
    message: str
    repair: str = ""
    values: tuple[tuple[str, object], ...] = ()

    def text(self) -> str:
        """The English sentence."""
        values = dict(self.values)
        return f"{self.message.format(**values)} {self.repair.format(**values)}".strip()


async def examine(settings: Settings) -> tuple[Symptom, ...]:
    """All symptoms, the machine's first."""
    local = (
        _python(),
        _clock(),
        _disk(settings.data),
        _permission(settings.data),
        *_keys(settings.key_folder),
        _extensions(),
        *_extras(settings),
    )
    return (*local, *[symptom async for symptom in _database(settings)])


def _symptom(level: str, what: str, message: str, repair: str = "", **values: object) -> Symptom:
    return Symptom(level=level, what=what, message=message, repair=repair, values=tuple(values.items()))


def _told(what: str, error: LeitstandError) -> Symptom:
    values: dict[str, object] = {**error.values, **error.phrases}
    return Symptom(level="stop", what=what, message=error.message, repair=error.repair, values=tuple(values.items()))


def _python() -> Symptom:
    return _symptom("ok", "python", translatable("Python {version}."), version=sys.version.split()[0])


def _clock() -> Symptom:
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    if time.time() < EARLIEST_CLOCK:
        return _symptom(
            "stop", "clock", translatable("The clock says {now} UTC."), translatable("Set the clock."), now=now
        )
    return _symptom("ok", "clock", translatable("The clock says {now} UTC."), now=now)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.resolve().parent)


def _disk(data: Path) -> Symptom:
    free = shutil.disk_usage(_existing(data)).free
    level = "stop" if free < NO_SPACE else "warn" if free < LITTLE_SPACE else "ok"
    repair = "" if level == "ok" else translatable("Make room, or move the data folder.")
    return _symptom(level, "disk", translatable("{free} MB free at {path}."), repair, free=free // 1_000_000, path=data)


def _permission(data: Path) -> Symptom:
    folder = _existing(data)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        repair = translatable("Give this user the right to write there, or name another folder with --data.")
        return _symptom("stop", "permission", translatable("{path} cannot be written."), repair, path=folder)
    return _symptom("ok", "permission", translatable("{path} can be written."), path=folder)


def _extensions() -> Symptom:
    count = sum(len(plugins.names(group)) for group in plugins.GROUPS)
    if not count:
        repair = translatable("Install Leitstand anew.")
        return _symptom("stop", "extensions", translatable("No extensions are installed."), repair)
    return _symptom("ok", "extensions", translatable("{count} extensions are installed."), count=count)


def _keys(folder: Path) -> Iterator[Symptom]:
    """Whoever reads the keys reads every case."""
    if not folder.is_dir():
        return
    if not os.access(folder, os.R_OK | os.X_OK):
        repair = translatable("Give this user the right to read there, or name another folder with LEITSTAND_KEYS.")
        yield _symptom("stop", "keys", translatable("The keys in {path} cannot be read."), repair, path=folder)
    elif any(path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())):
        repair = translatable("Take the rights of everybody else away: chmod -R go= {path}")
        yield _symptom("warn", "keys", translatable("Others may read the keys in {path}."), repair, path=folder)
    else:
        yield _symptom("ok", "keys", translatable("The keys in {path} are for this user only."), path=folder)


def _extras(settings: Settings) -> Iterator[Symptom]:
    """What the settings name must be installed; it is loaded here, not when the first case comes."""
    wanted = [("transports", settings.transport)]
    wanted += [("stores", "postgres")] if settings.database_url else []
    wanted += [("exporters", "otel")] if settings.otlp_endpoint else []
    for group, name in wanted:
        try:
            plugins.find(group, name)
        except LeitstandError as error:
            yield _told("extra", error)


async def _database(settings: Settings) -> AsyncIterator[Symptom]:
    if not (settings.database_url or settings.database.exists()):
        repair = translatable("It is made at the first start.")
        yield _symptom("ok", "database", translatable("{path} does not exist yet."), repair, path=settings.database)
        return
    try:
        async with reading(settings) as stores:
            for notice in stores.notices:
                values = tuple(notice.values.items())
                yield Symptom(level="warn", what="database", message=notice.template, values=values)
            if stores.now:
                yield drift_of(before=time.time(), database=await stores.now() / 1e6, after=time.time())
            breakers = await stores.health.breakers()
            active = [row.digest for row in await stores.releases.rows(settings.tenant_id) if row.active]
            workflows = [(await stores.releases.load(settings.tenant_id, digest)).workflow for digest in active]
    except LeitstandError as error:
        yield _told("database", error)
        return
    message = translatable("{path} can be read, its schema is known; {count} active workflows.")
    yield _symptom("ok", "database", message, path=_name(settings), count=len(workflows))
    for address in sorted({address for workflow in workflows for address in _addresses(workflow)}):
        yield await _reachable(address)
    for place, breaker in breakers.items():
        if place.tenant_id == settings.tenant_id and breaker.state is not State.CLOSED:
            yield _left_alone(place, breaker)


def _left_alone(place: Place, breaker: Breaker) -> Symptom:
    """A breaker of a running system that is not closed."""
    messages = {"slowness": translatable("{model} answers too slowly and is left alone, for the {n}. time in a row.")}
    message = messages.get(
        breaker.cause, translatable("{model} fails too often and is left alone, for the {n}. time in a row.")
    )
    repair = translatable("It is probed by itself; leitstand_model_calls_total names the kind of failure.")
    return _symptom("warn", "model", message, repair, model=place.model or place.provider, n=breaker.openings)


def _name(settings: Settings) -> str:
    """The database without the password that its address may hold."""
    url = urlsplit(settings.database_url)
    return f"{url.hostname or ''}{url.path}" if settings.database_url else str(settings.database)


def drift_of(*, before: float, database: float, after: float) -> Symptom:
    """How far the database's clock is from this one, beyond what the question itself took."""
    drift = max(before - database, database - after, 0.0)
    if drift <= MOST_DRIFT:
        return _symptom("ok", "clock", translatable("The clock of the database agrees with this one."))
    repair = translatable("Let both follow the same time server: deadlines and retries are told by them.")
    message = translatable("The clock of the database differs from this one by {seconds} s.")
    return _symptom("warn", "clock", message, repair, seconds=round(drift, 1))


def _addresses(workflow: Workflow) -> Iterator[str]:
    yield from (target.base_url for target in workflow.draft.chain if target.base_url)
    if workflow.delivery.url:
        yield workflow.delivery.url


async def _reachable(address: str) -> Symptom:
    """A connection, nothing more: no request is sent."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()
    except (OSError, TimeoutError) as error:
        repair = translatable(
            "Start it, or correct the address; meanwhile drafts come from the next target and deliveries wait."
        )
        detail = str(error) or type(error).__name__
        return _symptom(
            "warn",
            "provider",
            translatable("{address} does not answer: {detail}."),
            repair,
            address=address,
            detail=detail,
        )
    return _symptom("ok", "provider", translatable("{address} answers."), address=address)
