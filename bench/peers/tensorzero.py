"""TensorZero's gateway, embedded in Python behind a raw ASGI front, with its observability and so its storage off."""

import os
from typing import Any

from bench.peers import Peer, Place, Receive, Send, answer, asgi, chat, read


def command(place: Place) -> list[str]:
    """One model with one provider."""
    configuration = place.folder / "tensorzero.toml"
    configuration.write_text(
        "[gateway]\nobservability.enabled = false\n"
        '[models.model]\nrouting = ["mock"]\n'
        '[models.model.providers.mock]\ntype = "openai"\nmodel_name = "model"\n'
        f'api_base = "{place.upstream}/"\napi_key_location = "none"\n',
        "utf-8",
    )
    return ["env", f"CONFIGURATION={configuration}", *asgi(place, "tensorzero")]


PEER = Peer(
    title="TensorZero in process",
    packages=("tensorzero==2026.6.*", "uvicorn", "uvloop", "httptools", "msgspec"),
    command=command,
    request=lambda _place: chat("/v1/chat/completions"),
)

GATEWAY: list[Any] = []


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request through the embedded gateway."""
    import msgspec

    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    asked = msgspec.json.decode(await read(receive))
    system, *messages = asked["messages"]
    options = {"temperature": asked["temperature"], "max_tokens": asked["max_tokens"]}
    inferred = await GATEWAY[0].inference(
        model_name=asked["model"],
        input={"system": system["content"], "messages": messages},
        params={"chat_completion": options},
    )
    message = {"role": "assistant", "content": inferred.content[0].text}
    usage = {"prompt_tokens": inferred.usage.input_tokens, "completion_tokens": inferred.usage.output_tokens}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    reply = {"id": str(inferred.inference_id), "object": "chat.completion", "model": asked["model"]}
    out = msgspec.json.encode({**reply, "choices": choices, "usage": usage})
    await answer(send, out)


async def _live(receive: Receive, send: Send) -> None:
    """Build the gateway before the first request, and leave at the end."""
    from tensorzero import AsyncTensorZeroGateway

    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            path = os.environ["CONFIGURATION"]
            GATEWAY.append(await AsyncTensorZeroGateway.build_embedded(config_file=path))
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
