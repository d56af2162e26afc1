"""What does the workflow meet outside: models that answer well until a fault strikes, a receiver that counts?"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leitstand.domain.message import Grounding, Message, Request
from leitstand.drill.model_faults import MODEL_FAULTS, Healthy, Speech, spoken
from leitstand.drill.planned import Planned
from leitstand.ports import ModelProvider
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received


class Understudy:
    """Knows what a good model would answer: it hears each prompt with the passages behind it, and quotes them."""

    def __init__(
        self, quoting: ModelProvider, schema: Mapping[str, object] | None, memory: dict[str, Grounding]
    ) -> None:
        self._quoting = quoting
        self._schema = schema
        self._heard = memory

    def hear(self, messages: Sequence[Message], grounding: Grounding) -> None:
        """Remember what a prompt is about, by its last message; what was heard first stays.

        So it answers from memory when the sources fail later, as models do.
        """
        self._heard.setdefault(messages[-1].content, grounding)

    async def __call__(self, request: Received) -> Speech:
        """The good answer to a request; an empty object to what was never heard."""
        try:
            asked = [str(message.get("content")) for message in json.loads(request.body)["messages"]]
        except (ValueError, KeyError, AttributeError, TypeError):
            asked = []
        grounding = next((self._heard[text] for text in reversed(asked) if text in self._heard), None)
        if grounding is None:
            return Speech(text="{}")
        said = await self._quoting.generate(
            Request(model="", messages=(), schema=self._schema, grounding=grounding, timeout=10, key="")
        )
        return Speech(text=said.text)


class ModelService:
    """A model behind a real socket; the first fault that strikes answers instead of it."""

    def __init__(self, name: str, healthy: Healthy, planned: Sequence[Planned]) -> None:
        self.name = name
        self._healthy = healthy
        self._planned = [fault for fault in planned if fault.spec.at == name]
        self.server = FaultServer(choose=self._choose)

    def _choose(self, request: Received) -> Behaviour:
        told = f"{request.headers.get('idempotency-key', '')} {request.body.decode(errors='replace')}"
        for fault in self._planned:
            if fault.strikes(told):
                kind = MODEL_FAULTS[fault.spec.fault]
                return counted(fault, kind.make(self._healthy, fault.spec.options), at_once=kind.lasting)
        return spoken(self._healthy)


def counted(fault: Planned, behaviour: Behaviour, *, at_once: bool) -> Behaviour:
    """The behaviour, counted when it was delivered: at its end, or at its begin where only the caller ends it."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        fault.delivered += at_once
        await behaviour(writer, request)
        fault.delivered += not at_once

    return behave


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """A delivery as the receiver saw it; ``applied`` is False where the key was there before."""

    key: str
    body: bytes
    applied: bool

    @property
    def case_id(self) -> str:
        """The case that it belongs to."""
        return str(json.loads(self.body).get("case_id", ""))


class Receiver:
    """A webhook's receiver that honours idempotency keys and keeps a ledger; faults strike after it wrote it down."""

    def __init__(self, planned: Sequence[Planned]) -> None:
        self._planned = [fault for fault in planned if fault.spec.at == "receiver"]
        self._keys: set[str] = set()
        self.ledger: list[Effect] = []
        self.server = FaultServer(choose=self._choose)

    def _choose(self, request: Received) -> Behaviour:
        fault = next((fault for fault in self._planned if fault.strikes(request.body.decode(errors="replace"))), None)
        if fault and fault.spec.fault == "status":
            return counted(fault, faults.error(int(fault.number("status", 503))), at_once=False)
        key = request.headers.get("idempotency-key", "")
        self.ledger.append(Effect(key=key, body=request.body, applied=key not in self._keys))
        self._keys.add(key)
        if fault and fault.spec.fault == "stall":
            return counted(fault, faults.never(), at_once=True)
        if fault:
            return counted(fault, faults.reset(), at_once=False)
        return faults.reply(200, b'{"received": true}')


RECEIVER_FAULTS = {
    "status": "Refuses with `status` (503), before anything is written down.",
    "lost_reply": "Writes it down, then resets the connection.",
    "stall": "Writes it down, then says nothing.",
}
"""Name to what it does."""
