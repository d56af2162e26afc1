"""Who asks too fast, and is a model asked faster than agreed or than it bears? Each process counts for itself."""

import asyncio
from dataclasses import dataclass, field

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Answer, most_tokens
from leitstand.domain.rate import Bucket, CallerTooFast, Window
from leitstand.domain.workflow import Workflow
from leitstand.places import Clock
from leitstand.runtime.gates import Call

LONGEST_WAIT = 5_000_000
"""Microseconds that a call waits for its turn, and never more than half of its own time."""

LOOK_AGAIN = 50_000
"""Microseconds between two looks at a window that is full."""

LONGEST_CLOSED = LONGEST_WAIT
"""Microseconds for which a service can close itself to all cases: so long a call waits, so it is never refused for it.

The case that was turned away waits as long as the service said, or goes elsewhere.
"""

MOST_CALLERS = 10_000
"""Callers that are remembered; the one that was not heard of for longest is forgotten."""

BYTES_PER_TOKEN = 4
"""A guess that what a call really took corrects."""

Caller = tuple[str, str, str]
"""Tenant, workflow, actor id."""


@dataclass(kw_only=True, slots=True)
class Place:
    """One model at one address as this process has asked it."""

    window: Window = field(default_factory=Window)
    under_way: int = 0
    buckets: dict[str, Bucket] = field(default_factory=dict)


class Rates:
    """The gate ``rate``, and at intake the limits of callers."""

    name = "rate"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places: dict[tuple[str, str, str], Place] = {}
        self._guessed: dict[tuple[str, int], int] = {}
        self._callers: dict[Caller, dict[str, Bucket]] = {}

    def admit(self, tenant_id: str, workflow: Workflow, caller: str) -> None:
        """Count one more request of a caller; raises ``CallerTooFast`` with the seconds to wait."""
        limits, now = workflow.limits, self._clock()
        given = {"requests": limits.caller_requests_per_minute, "tokens": limits.caller_tokens_per_minute}
        if not any(given.values()):
            return
        who = (tenant_id, workflow.name, caller)
        buckets = _kept(self._callers.pop(who, {}), given, now)
        self._callers[who] = buckets
        if len(self._callers) > MOST_CALLERS:
            del self._callers[next(iter(self._callers))]
        for what, bucket in buckets.items():
            if wait := bucket.wait(1, now):
                seconds = -(-wait // 1_000_000)
                values = {"caller": caller, "most": bucket.per_minute, "what": what, "workflow": workflow.name}
                raise CallerTooFast(retry_after=seconds, **values)
        if "requests" in buckets:
            buckets["requests"] = buckets["requests"].without(1, now)

    async def enter(self, call: Call) -> str | None:
        """None when it is this call's turn, which it waits for a little; else ``rate``."""
        place, began = self._place(call.target), self._clock()
        patience = min(LONGEST_WAIT, int(call.request.timeout * 500_000))
        guess = most_tokens(call.request, call.target.options)[0] // BYTES_PER_TOKEN
        while wait := self._wait(place, call.target, guess):
            if self._clock() - began + wait > patience:
                return "rate"
            await asyncio.sleep(wait / 1e6)
        place.under_way += 1
        self._take(place.buckets, {"requests": 1, "tokens": guess})
        self._guessed[call.case_id, call.attempt] = guess
        return None

    async def leave(self, call: Call, result: Answer | ProviderFailed, duration: int) -> None:  # noqa: ARG002
        """Learn from how it ended, and count the tokens that it took in place of those that were guessed."""
        place, now = self._place(call.target), self._clock()
        guess = self._guessed.pop((call.case_id, call.attempt), 0)
        if isinstance(result, ProviderFailed) and result.kind == "overloaded":
            seconds = min(result.retry_after or 0, LONGEST_CLOSED / 1e6)
            place.window = place.window.pushed_back(place.under_way, now + int(seconds * 1e6))
        elif isinstance(result, Answer):
            place.window = place.window.answered()
        place.under_way -= 1
        if isinstance(result, ProviderFailed) and result.kind == "withheld":
            self._take(place.buckets, {"requests": -1, "tokens": -guess})
        elif (usage := result.usage) and usage.given is not None and usage.made is not None:
            took = usage.given + usage.made
            self._take(place.buckets, {"tokens": took - guess})
            self._take(self._callers.get((call.tenant_id, call.workflow, call.caller), {}), {"tokens": took})

    def _place(self, target: Target) -> Place:
        return self._places.setdefault((target.provider, target.base_url, target.model), Place())

    def _wait(self, place: Place, target: Target, guess: int) -> int:
        """Microseconds until it is worth looking again; 0 when the call may leave."""
        now = self._clock()
        if not place.window.has_room(place.under_way, now):
            return max(place.window.closed_until - now, LOOK_AGAIN)
        given = {"requests": target.requests_per_minute, "tokens": target.tokens_per_minute}
        place.buckets = _kept(place.buckets, given, now)
        amounts = {"requests": 1, "tokens": guess}
        return max((bucket.wait(amounts[what], now) for what, bucket in place.buckets.items()), default=0)

    def _take(self, buckets: dict[str, Bucket], amounts: dict[str, int]) -> None:
        now = self._clock()
        for what, amount in amounts.items():
            if what in buckets:
                buckets[what] = buckets[what].without(amount, now)


def _kept(buckets: dict[str, Bucket], given: dict[str, int], now: int) -> dict[str, Bucket]:
    """The buckets of the limits that are set; one whose limit changed begins anew."""
    return {
        what: found if (found := buckets.get(what)) and found.per_minute == limit else Bucket.full(limit, now)
        for what, limit in given.items()
        if limit
    }
