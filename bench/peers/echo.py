"""What does HTTP alone cost? The barest ASGI application that reads a body and answers with one."""

from typing import Any

from bench.peers import Peer, Receive, Send, answer, asgi, chat, read

PEER = Peer(
    title="bare ASGI echo",
    command=lambda place: asgi(place, "echo", lifespan="off"),
    request=lambda _place: chat("/v1/chat/completions"),
)


async def app(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer with the body."""
    await answer(send, await read(receive))
