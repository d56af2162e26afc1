"""What must a whole case cost at least in Python? A hand-written server that does each step once, and nothing more.

Validate the input (msgspec), retrieve two of 10,000 passages (FTS5), ask the model (aiohttp), guard input and draft
with six patterns each and a check of citations, keep the case and a hash-chained audit row in SQLite (one durable
commit for all cases of a turn of the loop). No releases, policies, repairs, retries, review, encryption, or journal.
"""

import asyncio
import hashlib
import json
import os
import re
import sqlite3
import time
import uuid
from pathlib import Path
from typing import Any

from bench.peers import MUST, QUESTION, SOURCES, SYSTEM, Peer, Place, Receive, Send, answer, asgi, filler, read
from bench.request import Request

PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"ignore (all|any|the) (previous|prior|above) (instructions|rules)",
        r"\b[A-Z]{2}\d{2}(?: ?\d{4}){4,7}\b",
        r"[\w.+-]+@[\w-]+\.[\w.]{2,}",
        r"\b(?:\d[ -]?){13,16}\b",
        r"(?:api[_-]?key|password|secret)\s*[:=]\s*\S+",
        r"\+?\d[\d ()/-]{9,}\d",
    )
]
CITATION = re.compile(r"\[(\d+)\]")
SCHEMA = """
CREATE TABLE cases (id BLOB UNIQUE, workflow TEXT, state TEXT, at INTEGER, input BLOB, output BLOB, tokens INTEGER);
CREATE TABLE audit (seq INTEGER PRIMARY KEY, id BLOB, at INTEGER, kind TEXT, prev BLOB, hash BLOB);
"""


def command(place: Place) -> list[str]:
    """Upstream and database are told through the environment of the process."""
    variables = [f"UPSTREAM={place.upstream}", f"DATABASE={place.folder / 'sketch.db'}"]
    return ["env", *variables, *asgi(place, "sketch")]


PEER = Peer(
    title="bare sketch, whole case",
    command=command,
    request=lambda _place: Request(
        path="/cases", body=json.dumps({"input": {"question": QUESTION, "number": 1}}).encode(), must=MUST
    ),
)


class Journal:
    """Rows of all cases of a turn of the loop in one transaction, durable before their tasks go on."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {SCHEMA}")
        self._loop = asyncio.get_running_loop()
        self._queue: list[tuple[tuple[Any, ...], asyncio.Future[None]]] = []
        self._last = b""

    def keep(self, case: tuple[Any, ...]) -> asyncio.Future[None]:
        """Done when the case is on the disk."""
        done: asyncio.Future[None] = self._loop.create_future()
        if not self._queue:
            self._loop.call_soon(self._commit)
        self._queue.append((case, done))
        return done

    def _commit(self) -> None:
        batch, self._queue = self._queue, []
        cases = [case for case, _ in batch]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?)", cases)
        chained = [self._chained(case) for case in cases]
        self._connection.executemany("INSERT INTO audit VALUES (NULL, ?, ?, 'case.done', ?, ?)", chained)
        self._connection.execute("COMMIT")
        for _, done in batch:
            if not done.done():
                done.set_result(None)

    def _chained(self, case: tuple[Any, ...]) -> tuple[Any, ...]:
        previous, self._last = self._last, hashlib.sha256(self._last + case[4] + case[5]).digest()
        return case[0], case[3], previous, self._last


class Passages:
    """Full-text search over made-up passages and the two that answer."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("CREATE VIRTUAL TABLE passages USING fts5(body, tokenize = 'porter unicode61')")
        rows = ((text,) for text in [*filler(), *SOURCES])
        self._connection.executemany("INSERT INTO passages VALUES (?)", rows)

    def two(self, question: str) -> list[str]:
        """The best two for the rarer words of a question."""
        words = [word for word in re.findall(r"[a-z]{6,}", question.lower()) if word != "contract"]
        query = "SELECT body FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT 2"
        return [row[0] for row in self._connection.execute(query, (" OR ".join(words),))]


class Sketch:
    """The server, made when the loop runs."""

    def __init__(self) -> None:
        import aiohttp
        import msgspec

        class Input(msgspec.Struct, forbid_unknown_fields=True):
            question: str
            number: int

        class Case(msgspec.Struct, forbid_unknown_fields=True):
            input: Input

        self._read = msgspec.json.Decoder(Case).decode
        self._write = msgspec.json.encode
        self._json = msgspec.json.decode
        self._passages = Passages()
        self._journal = Journal(Path(os.environ["DATABASE"]))
        self._url = os.environ["UPSTREAM"] + "/chat/completions"
        headers = {"content-type": "application/json", "authorization": "Bearer sk-bench"}
        connector = aiohttp.TCPConnector(limit=1024)
        self._client = aiohttp.ClientSession(
            connector=connector, headers=headers, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )

    async def answer(self, body: bytes) -> bytes:
        """One case from its input to its output."""
        question = self._read(body).input.question
        found = [number for number, pattern in enumerate(PATTERNS) if pattern.search(question)]
        sources = self._passages.two(question)
        answered = self._json(await self._ask(question, sources))
        draft = self._json(answered["choices"][0]["message"]["content"])
        found += [number for number, pattern in enumerate(PATTERNS) if pattern.search(draft["answer"])]
        cited = {int(number) for number in CITATION.findall(draft["answer"])}
        sound = bool(cited) and max(cited) <= len(sources) and not found
        identity = uuid.uuid4().bytes
        case = {"id": identity.hex(), "state": "done" if sound else "review", "output": draft, "findings": found}
        out: bytes = self._write(case)
        tokens = answered["usage"]["total_tokens"]
        await self._journal.keep((identity, "sketch", case["state"], time.time_ns(), body, out, tokens))
        return out

    async def _ask(self, question: str, sources: list[str]) -> bytes:
        listed = "\n".join(f"[{number}] {source}" for number, source in enumerate(sources, 1))
        user = {"role": "user", "content": f"Sources:\n{listed}\n\nQuestion: {question}"}
        messages = [{"role": "system", "content": SYSTEM}, user]
        asked = self._write({"model": "model", "messages": messages, "temperature": 0.2, "max_tokens": 256})
        async with self._client.post(self._url, data=asked) as reply:
            return bytes(await reply.read())


SERVER: list[Sketch] = []


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] == "lifespan":
        await receive()
        SERVER.append(Sketch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await answer(send, await SERVER[0].answer(await read(receive)))
