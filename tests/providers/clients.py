"""What do the official clients of model services make of a shape?"""

from functools import cache

import anthropic
import openai

from leitstand.testing.shapes import Shape

KEY = "sk-proj-never-show-this-1234"
SAID = [{"role": "user", "content": "?"}]


def of_client(shape: Shape, url: str, patience: float) -> str:
    """The finish reason that the client returns, ``nothing`` for none, or the name of the error that it raises."""
    try:
        return ASKED[shape.api](shape, url, patience) or "nothing"
    except Exception as error:
        return type(error).__name__


@cache
def _openai() -> openai.OpenAI:
    """One for all: each makes its own list of trusted certificates."""
    return openai.OpenAI(api_key=KEY, max_retries=0)


@cache
def _anthropic() -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=KEY, max_retries=0)


def _chat(shape: Shape, url: str, patience: float) -> str | None:
    client = _openai().with_options(base_url=url + "/v1", timeout=patience)
    asked = client.chat.completions.create(model="m", messages=SAID, stream=shape.streamed)
    if not shape.streamed:
        choices = getattr(asked, "choices", None)
        return choices[0].finish_reason if choices else None
    choices = [choice for chunk in asked for choice in chunk.choices]
    return next((choice.finish_reason for choice in choices if choice.finish_reason), None)


def _responses(shape: Shape, url: str, patience: float) -> str | None:
    client = _openai().with_options(base_url=url + "/v1", timeout=patience)
    asked = client.responses.create(model="m", input="?", stream=shape.streamed)
    if not shape.streamed:
        return getattr(asked, "status", None)
    last = list(asked)[-1:]
    if last and last[0].type == "error":
        return "error"
    return last[0].response.status if last and hasattr(last[0], "response") else None


def _messages(shape: Shape, url: str, patience: float) -> str | None:
    client = _anthropic().with_options(base_url=url, timeout=patience)
    asked = client.messages.create(model="m", max_tokens=9, messages=SAID, stream=shape.streamed)
    if not shape.streamed:
        return getattr(asked, "stop_reason", None)
    return next((event.delta.stop_reason for event in list(asked) if event.type == "message_delta"), None)


ASKED = {"chat": _chat, "responses": _responses, "messages": _messages}
