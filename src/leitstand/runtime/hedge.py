"""What if the first model takes too long: is a second one asked beside it, and which of them counts?"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from leitstand.runtime.gates import Withheld
from leitstand.runtime.model_call import ModelCall, Usable


async def hedged(first: ModelCall, second: Callable[[], ModelCall | None], after: float) -> ModelCall | Withheld:
    """The call that counts: the first usable answer of two, else the one heard last.

    ``second`` makes the other call once ``after`` seconds are over, None when there is none to make. Whoever is not
    waited for any more is cancelled; what it cost is unknown.
    """
    begun = [first]
    asking: dict[asyncio.Task[None], ModelCall] = {}
    try:
        if withheld := await first.begin():
            return withheld
        asking[asyncio.create_task(first.ask())] = first
        done, _ = await asyncio.wait(asking, timeout=after)
        if not done and (other := second()):
            begun.append(other)
            if not await other.begin():
                asking[asyncio.create_task(other.ask())] = other
        counts = await _first_usable(asking)
        await _give_up(asking)
        for call in sorted(asking.values(), key=lambda call: call is counts):
            call.end()
        return counts
    finally:
        async with AsyncExitStack() as leaving:  # whatever is cancelled meanwhile, all gates hear of both
            for call in begun:
                leaving.push_async_callback(call.leave)
            await _give_up(asking)


async def _first_usable(asking: dict[asyncio.Task[None], ModelCall]) -> ModelCall:
    left = set(asking)
    while True:
        done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        ended = [asking[task] for task in done]
        usable = [call for call in ended if isinstance(call.found, Usable)]
        if usable or not left:
            return (usable or ended)[0]


async def _give_up(asking: dict[asyncio.Task[None], ModelCall]) -> None:
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
