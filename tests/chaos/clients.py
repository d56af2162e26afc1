"""Who asks and decides: clients that repeat what was not answered, and a reviewer who takes whatever waits."""

import asyncio
import random
from collections.abc import Callable, Sequence

import aiohttp
from tests.chaos.ledgers import Acknowledged
from tests.chaos.server import PERSON

CLIENTS = 40
OPEN = "/v1/workflows/chaos/cases"
PATIENCE = aiohttp.ClientTimeout(total=8)
"""A frozen server is given up on after so many seconds; the request goes to another one under the same key."""


def question(number: int) -> dict[str, object]:
    """What the case with this number of ours asks."""
    return {"question": f"When does the harbour close? ({number})", "number": number}


class Clients:
    """Open ``cases`` cases, as many of them by now as ``allowed`` says, at servers that may be gone at any moment."""

    def __init__(self, ports: Sequence[int], cases: int, allowed: Callable[[], float]) -> None:
        self.heard = Acknowledged()
        self.input_of = question
        self._ports = ports
        self._cases = cases
        self._allowed = allowed
        self._number = 0
        self._random = random.Random(7)

    async def ask(self, session: aiohttp.ClientSession) -> None:
        """Until every case was acknowledged."""
        await asyncio.gather(*(self._client(session) for _ in range(CLIENTS)))

    async def _client(self, session: aiohttp.ClientSession) -> None:
        while self._number < self._cases:
            if self._number >= self._allowed():
                await asyncio.sleep(0.05)
                continue
            self._number += 1
            await self.open(session, self._number)

    async def open(self, session: aiohttp.ClientSession, number: int) -> None:
        """Ask for one case until it is acknowledged."""
        await self.insist(session, OPEN, {"input": self.input_of(number)}, f"chaos-{number}")

    async def insist(self, session: aiohttp.ClientSession, path: str, body: object, key: str) -> None:
        """Send it under its key until it is answered, and remember the answer."""
        while (reply := await self.send(session, "POST", path, body, key)) is None:
            await asyncio.sleep(0.02)
        self.heard.accepted(key, str(reply["id"]))

    @property
    def asked(self) -> int:
        """How many cases were asked for by now."""
        return self._number

    def stop(self) -> None:
        """Ask for no more than was asked for by now."""
        self._cases = self._number

    async def review(self, session: aiohttp.ClientSession) -> None:
        """Decide on whatever waits, for ever; every fifth is rejected, and so is what has no draft."""
        room = asyncio.Semaphore(16)
        while True:
            waiting = await self.send(session, "GET", "/v1/cases?status=review&status=escalated&limit=100") or {}
            cases: list[dict[str, object]] = waiting.get("cases", [])  # type: ignore[assignment]
            await asyncio.gather(*(self._decide(session, case, room) for case in cases))
            await asyncio.sleep(0.05)

    async def _decide(self, session: aiohttp.ClientSession, case: dict[str, object], room: asyncio.Semaphore) -> None:
        reject = int(str(case["number"])) % 5 == 0 or not case["draft"]
        decision = {"decision": "reject", "reason": "wrong"} if reject else {"decision": "accept"}
        body = {**decision, "draft": case["draft"]}
        async with room:
            if await self.send(session, "POST", f"/v1/cases/{case['id']}/decision", body) is not None:
                self.heard.decided(str(case["id"]), decision["decision"])

    async def send(
        self, session: aiohttp.ClientSession, method: str, path: str, body: object = None, key: str = ""
    ) -> dict[str, object] | None:
        """The answer of any server; None when there was none, or when it says that it cannot yet."""
        headers = {"Leitstand-Person": PERSON, **({"Idempotency-Key": key} if key else {})}
        url = f"http://127.0.0.1:{self._random.choice(self._ports)}{path}"
        try:
            async with session.request(method, url, json=body, headers=headers, timeout=PATIENCE) as reply:
                answer: dict[str, object] = await reply.json(content_type=None)
                return answer if reply.status < 300 else None
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError):
            return None
