"""May a model call leave, and who hears what became of it?"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from leitstand.domain.breaker import BreakerSpec
from leitstand.domain.budget import Terms
from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, Request
from leitstand.domain.route import Route

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One model call that is about to leave.

    ``caller`` is the actor id of who handed the case in; ``purpose`` is ``draft``, ``tool`` or ``judge``; ``index``
    is the place of ``target`` in the chain, ``attempt`` counts the calls of the case from 1; ``terms`` are its price
    and the budget that pays for it; ``breaker`` says when its workflow leaves a model alone. ``route`` is where the
    release leads it; without one, the target alone says so.
    """

    tenant_id: str
    case_id: str
    workflow: str
    caller: str
    data_class: str
    purpose: str
    target: Target
    index: int
    attempt: int
    request: Request
    terms: Terms
    breaker: BreakerSpec = field(default_factory=BreakerSpec)
    route: Route | None = None

    @property
    def zones(self) -> str:
        """The digest of the operator's zone file, under which the zone gate decides; empty without one."""
        return self.route.policy if self.route else ""


class Gate(Protocol):
    """Says whether a call may leave, and hears what became of it. ``name`` is what operators call it."""

    @property
    def name(self) -> str:
        """What operators call it."""

    async def enter(self, call: Call) -> str | None:
        """None when the call may leave, else the code of the reason why it may not.

        What it raises ends the draft without a call: a gate that cannot say yes has not said it.
        """

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
        """Hear what became of a call that was let in, always and once, also when it never left or was cancelled.

        ``result`` is a failure of kind ``withheld`` when nothing was sent, ``cancelled`` when nobody waited for the
        answer, and with its ``usage`` when the answer was of no use; ``duration`` is in microseconds.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """A gate did not let the call leave; nothing was sent."""

    reason: str


class Passing:
    """One call on its way through the gates; whoever began it lets it ``leave``, whatever happened meanwhile."""

    def __init__(self, gates: Sequence[Gate], call: Call) -> None:
        self._gates = gates
        self._call = call
        self._entered: list[Gate] = []
        self._sent = False
        self._result: Answer | ProviderFailed | None = None
        self._duration = 0

    async def enter(self) -> Withheld | None:
        """None when every gate lets the call leave, else why it may not."""
        for gate in self._gates:
            if reason := await gate.enter(self._call):
                return Withheld(reason=reason)
            self._entered.append(gate)
        return None

    def sent(self) -> None:
        """From now on something may have left, and may cost."""
        self._sent = True

    def heard(self, result: Answer | ProviderFailed, duration: int) -> None:
        """What became of the call, and after how many microseconds."""
        self._result, self._duration = result, duration

    async def leave(self) -> None:
        """Let those that it entered hear, the last one first; one that breaks or is cancelled spares no other."""
        cancelled: asyncio.CancelledError | None = None
        result = (self._result or self._unheard("cancelled")) if self._sent else self._unheard("withheld")
        while self._entered:
            gate = self._entered.pop()
            try:
                await gate.leave(self._call, result, self._duration)
            except asyncio.CancelledError as error:
                cancelled = error
            except Exception:  # noqa: BLE001  the answer is there and paid for
                _log.exception("gate %s did not hear how a call of case %s ended", gate.name, self._call.case_id)
        if cancelled:
            raise cancelled

    def _unheard(self, kind: str) -> ProviderFailed:
        provider = self._call.target.name
        return ProviderFailed(kind=kind, retryable=True, provider=provider, detail="no answer was heard")
