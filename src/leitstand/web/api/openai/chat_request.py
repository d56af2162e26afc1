"""Which workflow does a chat completion ask, and for what?

The workflow's input schema decides: a parameter that it has goes into the input, where the schema judges it. OpenAI's
other parameters are refused unless they say what would happen anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from leitstand.domain.errors import InputInvalid, Phrase, translatable
from leitstand.domain.message import ConversationUnreadable, conversation, last_question
from leitstand.ports import Data
from leitstand.runtime.parts import Installed
from leitstand.web.api.openai.errors import dotted
from leitstand.web.chat_refusals import ParameterRefused

PROTOCOL = ("model", "messages", "stream", "stream_options")
"""What is about the exchange itself."""

ANYWAY: Mapping[str, Sequence[object]] = {
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "modalities": (["text"],),
    "n": (1,),
    "parallel_tool_calls": (True, False),
    "presence_penalty": (0,),
    "response_format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
    "top_logprobs": (0,),
}
"""Parameter to the values that change nothing here; null is one for every parameter."""

REFUSED = frozenset(
    (
        *("audio", "function_call", "functions", "max_completion_tokens", "max_tokens", "metadata", "moderation"),
        *("prediction", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort"),
        *("safety_identifier", "seed", "stop", "temperature", "top_p", "user", "verbosity", "web_search_options"),
    )
)
"""OpenAI's parameters that a workflow takes only when its input schema has them."""

EMPTY_IN_ANSWERS = ("annotations", "audio", "function_call", "name", "refusal", "tool_calls")
"""Keys that clients send back with an answer of before although there is nothing in them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatRequest:
    """What is asked: the input of a case, whether the answer comes in pieces, whether the whole output is wanted."""

    input: Data
    stream: bool
    tells_usage: bool
    whole_output: bool


def model_of(body: Data) -> str:
    """The workflow that the request names."""
    model = body.get("model")
    if not isinstance(model, str):
        raise _refused("model", "invalid_type" if "model" in body else "missing_required_parameter", _WORKFLOW)
    return model


def read_chat(body: Data, installed: Installed) -> ChatRequest:
    """The request to this workflow; raises ``ParameterRefused``, ``InputInvalid``."""
    stream = _flag(body.get("stream"), "stream")
    others = {name: value for name, value in body.items() if name not in PROTOCOL and value is not None}
    properties: Any = installed.input_schema.get("properties", {})
    own = installed.workflow.input
    whole = own.text != "" and others.get("response_format") == {"type": "json_object"}
    given: Data = {}
    for name, value in others.items():
        if name in properties and name not in (own.text, own.messages):
            given[name] = value
        elif not (_anyway(name, value) or (whole and name == "response_format")):
            raise _unsupported(name, value, properties, installed.workflow.name)
    messages = _messages(body.get("messages"))
    given |= {own.messages: messages} if own.messages else {own.text: _question(messages, installed.workflow.name)}
    return ChatRequest(
        input=given,
        stream=stream,
        tells_usage=_tells_usage(body.get("stream_options"), stream=stream),
        whole_output=whole,
    )


def in_the_request(error: InputInvalid, installed: Installed) -> InputInvalid:
    """The same error with the places of the request instead of those of the input."""
    own = installed.workflow.input
    field = f"/{own.messages or own.text}"
    moved = tuple(
        ("/messages" + pointer.removeprefix(field) if f"{pointer}/".startswith(f"{field}/") else pointer, detail)
        for pointer, detail in error.problems
    )
    return InputInvalid(problems=moved, **error.values)


def _messages(given: object) -> list[object]:
    """The messages without what is there and empty; what is in them is judged by whoever takes them."""
    if not isinstance(given, list) or not given:
        kind = "missing_required_parameter" if given is None else "invalid_type"
        raise _refused("messages", kind, _MESSAGES)
    return [_message(item) for item in given]


def _message(item: object) -> object:
    if not isinstance(item, dict):
        return item
    if item.get("content") is None and isinstance(item.get("refusal"), str):  # an answer of before that was held back
        item = {**item, "content": item["refusal"], "refusal": None}
    return {key: value for key, value in item.items() if not (key in EMPTY_IN_ANSWERS and value in (None, []))}


def _question(messages: list[object], workflow: str) -> str:
    """The last message of the user is the text of the case; instructions of the caller have no place in it."""
    try:
        chat = conversation(messages)
    except ConversationUnreadable as error:
        param = dotted(f"/messages{error.pointer}")
        raise ParameterRefused(param=param, kind="invalid_value", detail=error.detail, way_out=_MESSAGES) from None
    for place, message in enumerate(chat):
        if message.role in ("system", "developer"):
            raise ParameterRefused(
                param=f"messages[{place}].role",
                kind="unsupported_value",
                detail=Phrase(translatable("is {role}"), role=message.role),
                way_out=Phrase(
                    translatable("The workflow {workflow} has its own instructions; leave this message out."),
                    workflow=workflow,
                ),
            )
    question = last_question(chat)
    if not any(message.role == "user" for message in chat):
        raise _refused("messages", "invalid_value", Phrase(translatable("Send at least one message of the user.")))
    return question


def _flag(given: object, name: str) -> bool:
    if given is None or isinstance(given, bool):
        return bool(given)
    raise _refused(name, "invalid_type", Phrase(translatable("Send true or false.")))


def _tells_usage(given: object, *, stream: bool) -> bool:
    if given is None:
        return False
    if not stream:
        raise _refused("stream_options", "invalid_value", Phrase(translatable("Send it only with stream: true.")))
    if not isinstance(given, dict) or not given.keys() <= {"include_usage", "include_obfuscation"}:
        raise _refused("stream_options", "invalid_value", Phrase(translatable("Send an object with include_usage.")))
    _flag(given.get("include_obfuscation"), "stream_options.include_obfuscation")
    return _flag(given.get("include_usage"), "stream_options.include_usage")


def _anyway(name: str, value: object) -> bool:
    """Whether this parameter says what happens in any case; true and 1 are not the same."""
    return any(isinstance(value, bool) is isinstance(same, bool) and value == same for same in ANYWAY.get(name, ()))


def _unsupported(name: str, value: object, properties: Mapping[str, object], workflow: str) -> ParameterRefused:
    if name in REFUSED or name in ANYWAY:
        detail = (
            Phrase(translatable("is not taken by the workflow {workflow}"), workflow=workflow)
            if name in REFUSED
            else Phrase(translatable("has the value {value}, which is not offered here"), value=repr(value)[:60])
        )
        return ParameterRefused(
            param=name,
            kind="unsupported_parameter" if name in REFUSED else "unsupported_value",
            detail=detail,
            way_out=Phrase(translatable("Leave it out: what the input schema does not have, the release has settled.")),
        )
    near = get_close_matches(name, (*PROTOCOL, *properties, *REFUSED, *ANYWAY), n=1)
    way_out = (
        Phrase(translatable("Did you mean {near}?"), near=near[0]) if near else Phrase(translatable("Leave it out."))
    )
    return ParameterRefused(
        param=name[:80] or '""', kind="unknown_parameter", detail=Phrase(translatable("is unknown")), way_out=way_out
    )


def _refused(param: str, kind: str, way_out: Phrase) -> ParameterRefused:
    detail = translatable("is missing") if kind.startswith("missing") else translatable("cannot be read")
    return ParameterRefused(param=param, kind=kind, detail=Phrase(detail), way_out=way_out)


_WORKFLOW = Phrase(translatable("Send the name of a workflow; /v1/models lists them."))
_MESSAGES = Phrase(translatable("Send a list of messages with role and content, the content a text or text parts."))
