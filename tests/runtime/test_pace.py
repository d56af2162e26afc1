"""Is an answer given up that does not come, and one heard that came while the process was held up?"""

import asyncio
import socket
import time
from collections.abc import Callable

import pytest
import uvloop

from leitstand.domain.drafting import Target
from leitstand.runtime.pace import Pace

TARGET = Target(provider="openai_compatible", first_token_seconds=0.1, between_tokens_seconds=0.1)


async def heard(before: int, meanwhile: int) -> str:
    """What is heard of a service that says so many letters before the process is held up, and so many meanwhile.

    Three are waited for; the last one comes after that, in time.
    """
    here, there = socket.socketpair()
    loop = asyncio.get_running_loop()
    there.send(b"x" * before)

    def hold_up() -> None:
        there.send(b"x" * meanwhile)
        time.sleep(0.3)
        if meanwhile:
            loop.call_later(0.05, there.send, b"x")

    loop.call_later(0.05, hold_up)
    reader, writer = await asyncio.open_connection(sock=here)
    try:
        async with asyncio.timeout(5) as limit:
            pace = Pace(TARGET, limit, None)
            for _ in range(3):
                pace.heard((await reader.readexactly(1)).decode())
            pace.over()
            return "all"
    except TimeoutError:
        return pace.late
    finally:
        writer.close()
        await writer.wait_closed()
        there.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize(
    ("before", "meanwhile", "said"),
    [
        (0, 2, "all"),
        (1, 1, "all"),
        (0, 0, "no first token within 0.1 s"),
        (1, 0, "no further token within 0.1 s"),
    ],
)
def test_what_came_while_the_process_was_held_up_is_heard(
    before: int, meanwhile: int, said: str, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(heard(before, meanwhile)) == said
