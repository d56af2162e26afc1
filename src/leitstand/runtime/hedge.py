"""What if the first model takes too long: is a second one asked beside it, and which of them counts?"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

from leitstand.runtime.gates import Withheld
from leitstand.runtime.model_call import ModelCall, Usable


async def hedged(first: ModelCall, second: Callable[[], ModelCall | None], after: float) -> ModelCall | Withheld:
    """The call that counts: the first usable answer of two, else the one heard last.

    ``second`` makes the other call once ``after`` seconds are over, None when there is none to make. Whoever is not
    waited for any more is cancelled; what it cost is unknown.
    """
    begun, intended = [first], [first]
    asking: dict[asyncio.Task[None], ModelCall] = {}
    try:
        if withheld := await first.begin():
            return withheld
        asking[asyncio.create_task(first.ask())] = first
        done, _ = await asyncio.wait(asking, timeout=after)
        if not done and (other := second()):
            begun.append(other)
            if await _is_let_in(other, first, asking):
                intended.append(other)
                if not isinstance(first.found, Usable):
                    asking[asyncio.create_task(other.ask())] = other
        counts = await _first_usable(asking)
        await _give_up(asking)
        for call in sorted(intended, key=lambda call: call is counts):
            call.end()
        return counts
    finally:
        async with AsyncExitStack() as leaving:  # whatever is cancelled meanwhile, all gates hear of both
            for call in begun:
                leaving.push_async_callback(call.leave)
            await _give_up(asking)


async def _is_let_in(other: ModelCall, first: ModelCall, asking: Iterable[asyncio.Task[None]]) -> bool:
    """Whether the intent of the other call is durable; not when the first has answered before the gates let it in."""
    entering = asyncio.create_task(other.enter())
    try:
        await asyncio.wait({entering, *asking}, return_when=asyncio.FIRST_COMPLETED)
        if isinstance(first.found, Usable) and not entering.done():
            return False
        withheld = await entering
    finally:
        await _give_up((entering,))
    await other.intend(withheld)
    return withheld is None


async def _first_usable(asking: dict[asyncio.Task[None], ModelCall]) -> ModelCall:
    left = set(asking)
    while True:
        done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        ended = [asking[task] for task in done]
        usable = [call for call in ended if isinstance(call.found, Usable)]
        if usable or not left:
            return (usable or ended)[0]


async def _give_up(asking: Iterable[asyncio.Task[Any]]) -> None:
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
