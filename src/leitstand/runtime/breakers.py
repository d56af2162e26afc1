"""Which models are left alone right now because they fail, or are slow, too often?"""

import logging
from collections.abc import Mapping

from leitstand.domain.breaker import Breaker, Outcome, Place, State, after_call, after_probe, probing
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer
from leitstand.domain.price import Usage
from leitstand.ports import Clock, HealthStore
from leitstand.runtime.gates import Call

_log = logging.getLogger(__name__)

FAILING = frozenset({"timeout", "unreachable", "overloaded", "server_error", "malformed", "empty"})
"""Failures that speak of the service; the others speak of the question, of the key, or of us."""

SAYS_NOTHING = frozenset({"withheld", "cancelled"})

NEWEST_WEIGHS = 0.1
"""Share of the newest answer in the average of how long a model takes."""

CLOSED = Breaker()


class Breakers:
    """A ``Gate``: one breaker for each model at an address, as each tenant uses it.

    Counts stay in this process and cost no database; only changes of state are written, and read each second, so that
    all processes leave a model alone together and send it one probe among them.
    """

    name = "breaker"

    def __init__(self, store: HealthStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._breakers: dict[Place, Breaker] = {}
        self._probes: dict[tuple[str, int], int] = {}
        self._durations: dict[Place, float] = {}

    @property
    def states(self) -> Mapping[Place, Breaker]:
        """The breakers of everything that was asked, or left alone, so far."""
        return self._breakers

    def usual_duration(self, place: Place) -> float | None:
        """How many microseconds the model's answers took lately in this process; None when it gave none."""
        return self._durations.get(place)

    async def enter(self, call: Call) -> str | None:
        """None while the breaker is closed, and for the one call that probes; else ``breaker``."""
        place = place_of(call)
        breaker = self._breakers.get(place, CLOSED)
        if breaker.state is State.CLOSED:
            return None
        probe = probing(breaker, self._clock(), int((call.request.timeout + 1) * 1e6))
        if probe is None or not await self._change(place, probe):
            return self.name
        self._probes[call.case_id, call.attempt] = probe.version
        return None

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:
        """Count what the call says of its service, and open or close its breaker accordingly."""
        place, outcome = place_of(call), _outcome(call, result, duration)
        breaker = self._breakers.get(place, CLOSED)
        if self._probes:
            probe = self._probes.pop((call.case_id, call.attempt), None)
            if probe is not None:
                if probe == breaker.version:
                    await self._change(place, after_probe(breaker, outcome, self._clock(), call.breaker))
                return
        if outcome is None:
            return
        if isinstance(result, Answer):
            usual = self._durations.get(place, float(duration))
            self._durations[place] = usual + (duration - usual) * NEWEST_WEIGHS
        heard = after_call(breaker, outcome, self._clock(), call.breaker)
        if heard.state is State.CLOSED:
            self._breakers[place] = heard
        else:
            await self._change(place, heard)

    async def refresh(self) -> None:
        """Learn what other processes changed."""
        for place, stored in (await self._store.breakers()).items():
            known = self._breakers.get(place, CLOSED)
            if stored.version > known.version:
                self._breakers[place] = stored

    async def _change(self, place: Place, breaker: Breaker) -> bool:
        """Change the state here and for all processes; False when another one was quicker, whose change counts."""
        if await self._store.change_breaker(place, breaker):
            self._breakers[place] = breaker
            said = _log.info if breaker.state is State.CLOSED else _log.warning
            said("the breaker of %s is %s %s", place.model or place.provider, breaker.state, breaker.cause)
            return True
        await self.refresh()
        return False


def place_of(call: Call) -> Place:
    """What the breaker of a call is about."""
    target = call.target
    return Place(call.tenant_id, target.provider, target.model, target.base_url)


def _outcome(call: Call, result: Answer | ProviderFailed, duration: int) -> Outcome | None:
    """What a call says of its service; None for one that says nothing. An unusable answer is an answer to it."""
    if isinstance(result, ProviderFailed):
        if result.kind in SAYS_NOTHING:
            return None
        if result.kind in FAILING and result.usage in (None, Usage.none()):
            return Outcome(bad=True, slow=False)
    slow = call.breaker.slow_seconds or call.target.timeout_seconds / 2
    return Outcome(bad=False, slow=duration > slow * 1e6)
