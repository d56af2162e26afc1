"""What does the OpenAPI document say about chat completions and models?"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from leitstand.domain.message import ROLES
from leitstand.runtime.parts import Installed
from leitstand.web.api.openai.chat_request import ANYWAY
from leitstand.web.api.openai.completion import Completion
from leitstand.web.api.openai.errors import OpenaiFailure
from leitstand.web.api.openai.models import Model, ModelList

Json = dict[str, Any]

_SCHEMAS = "#/components/schemas/"

_WHY: Mapping[int, str] = {
    400: "A parameter is wrong, missing or not taken here; `param` names it. In plain text when it is not even HTTP.",
    403: "Foreign host or origin.",
    404: "No active workflow of that name.",
    409: "The idempotency key was used before with another request.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8.",
    500: "A mistake of Leitstand, or the case failed; the header `leitstand-case` names it.",
    502: "No model of the workflow answered; the header `leitstand-case` names the case.",
    503: "The models or the database cannot be used right now; try again after `Retry-After` seconds.",
    504: "The case is still under way; the header `leitstand-case` names it.",
}


def chat_components() -> tuple[Json, Json]:
    """Schemas and responses."""
    _, schemas = msgspec.json.schema_components(
        (Completion, Model, ModelList, OpenaiFailure), ref_template=_SCHEMAS + "{name}"
    )
    content = {"application/json": {"schema": {"$ref": _SCHEMAS + "OpenaiFailure"}}}
    answers: Json = {f"OpenaiError{status}": {"description": why, "content": content} for status, why in _WHY.items()}
    answers["OpenaiError400"]["content"] = {**content, "text/plain": {"schema": {"type": "string"}}}
    return schemas, answers


def chat_paths(active: Iterable[Installed], key: Json) -> Json:
    """The addresses; ``key`` is the parameter for the idempotency key."""
    model = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "/v1/chat/completions": {"post": _completing(tuple(active), key)},
        "/v1/models": {"get": _reading("list_models", "The active workflows as models", "ModelList", (400, 403, 503))},
        "/v1/models/{model}": {
            "get": {**_reading("read_model", "One model", "Model", (400, 403, 404, 503)), "parameters": [model]}
        },
    }


def _completing(active: tuple[Installed, ...], key: Json) -> Json:
    asked = [_asked(installed) for installed in active]
    events = {"description": "Server-sent events; each holds a piece, the last is [DONE].", "type": "string"}
    case = {"schema": {"type": "string"}, "description": "The id of the case."}
    return {
        "operationId": "complete_chat",
        "summary": "Open a case of the workflow that `model` names, in OpenAI's form",
        "parameters": [key],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"oneOf": asked} if asked else {"type": "object"}}},
        },
        "responses": {
            "200": {
                "description": "The answer, or `refusal` with the finish reason content_filter when it is held back",
                "headers": {"leitstand-case": case},
                "content": {
                    "application/json": {"schema": {"$ref": _SCHEMAS + "Completion"}},
                    "text/event-stream": {"schema": events},
                },
            },
            **_refusals((400, 403, 404, 409, 413, 415, 502, 503, 504)),
        },
    }


def _asked(installed: Installed) -> Json:
    """What may be sent to one workflow: its own parameters, and those of OpenAI's that change nothing."""
    name, own = installed.workflow.name, installed.workflow.input
    place = f"{_SCHEMAS}{name}.Input/properties/"
    schema: Mapping[str, Any] = installed.input_schema
    others = [field for field in schema.get("properties", {}) if field not in (own.text, own.messages)]
    flag = {"type": ["boolean", "null"]}
    usage = {"type": "object", "properties": {"include_usage": flag, "include_obfuscation": flag}}
    properties: Json = {
        "model": {"const": name},
        "messages": {"$ref": place + own.messages} if own.messages else _messages(place + own.text),
        "stream": flag,
        "stream_options": {"anyOf": [{**usage, "additionalProperties": False}, {"type": "null"}]},
        **{field: {"enum": [*values, None]} for field, values in ANYWAY.items()},
        **{field: {"anyOf": [{"$ref": place + field}, {"type": "null"}]} for field in others},
    }
    required = [field for field in schema.get("required", ()) if field in others]
    return {
        "type": "object",
        "properties": properties,
        "required": ["model", "messages", *required],
        "additionalProperties": False,
    }


def _messages(text: str) -> Json:
    """A chat of which the last message of the user becomes the text of the case."""
    said = {"type": "string"}
    parts = {"type": "array", "minItems": 1, "items": _object({"type": {"const": "text"}, "text": said})}
    user = _object({"role": {"const": "user"}, "content": {"anyOf": [{"$ref": text}, parts]}})
    assistant = _object({"role": {"enum": [ROLES[-1]]}, "content": {"anyOf": [said, parts]}})
    return {"type": "array", "minItems": 1, "items": {"oneOf": [user, assistant]}, "contains": user}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def _reading(operation: str, summary: str, answer: str, refusals: tuple[int, ...]) -> Json:
    content = {"application/json": {"schema": {"$ref": _SCHEMAS + answer}}}
    responses = {"200": {"description": summary, "content": content}, **_refusals(refusals)}
    return {"operationId": operation, "summary": summary, "parameters": [], "responses": responses}


def _refusals(statuses: tuple[int, ...]) -> Json:
    return {str(status): {"$ref": f"#/components/responses/OpenaiError{status}"} for status in (*statuses, 500)}
