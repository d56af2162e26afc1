"""What can be asked of this server? The OpenAPI 3.1 document, built from the workflows that are active right now.

Each workflow has a path of its own with its own input and output schema, so that generated clients and fuzzers know its
fields.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from leitstand import __version__
from leitstand.domain.case import Status
from leitstand.runtime.parts import Installed
from leitstand.web.api.case_json import CaseJson, CaseList
from leitstand.web.api.cases import MOST_CASES, Trail
from leitstand.web.api.decisions import Decision
from leitstand.web.api.lookup import LONGEST_WAIT
from leitstand.web.api.openai.described import chat_components, chat_paths
from leitstand.web.api.stops import RestartJson, RestartRequest, StopJson, StopList, StopRequest
from leitstand.web.api.workflow_json import WorkflowList
from leitstand.web.health import Health
from leitstand.web.problems import Problem
from leitstand.web.schema_place import moved

Json = dict[str, Any]

_SCHEMAS = "#/components/schemas/"

ABOUT = (
    "Cases of the active workflows. Errors are problems of RFC 9457; those of chat completions and models have "
    "OpenAI's form."
)

STOPS = (RestartJson, RestartRequest, StopJson, StopList, StopRequest)

_WHY: Mapping[int, str] = {
    400: "The request cannot be read; in plain text when it is not even HTTP.",
    403: "Foreign host or origin, or nobody named who may decide.",
    404: "Nothing of that name.",
    409: "The idempotency key was used before with another body, or the case has moved on.",
    413: "The body or a text in it is too large.",
    415: "The body is not JSON in UTF-8.",
    422: "The input or output does not match its schema; `errors` names every place.",
    500: "A mistake of Leitstand; `instance` stands in the log.",
    503: "The server is not ready or its database cannot be used; try again after `Retry-After` seconds.",
}

WAIT: Json = {
    "name": "wait",
    "in": "query",
    "description": "Seconds to wait until the case has ended or waits for a person.",
    "schema": {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
}
CASE_ID: Json = {
    "name": "case_id",
    "in": "path",
    "required": True,
    "description": "Id or number of the case.",
    "schema": {"type": "string", "pattern": "^([0-9]{1,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$"},
}

STOP_ID: Json = {
    "name": "stop_id",
    "in": "path",
    "required": True,
    "description": "Id of the stop.",
    "schema": {"type": "string"},
}

PERSON: Json = {
    "name": "Leitstand-Person",
    "in": "header",
    "description": "Id or name of the local user who acts; the sign-in cookie serves as well.",
    "schema": {"type": "string"},
}

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body opens one case only, however often it is sent.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def openapi_document(active: Iterable[Installed]) -> Json:
    """The document for these releases."""
    (decision, *_), components = msgspec.json.schema_components(
        (Decision, CaseJson, CaseList, Health, Problem, Trail, WorkflowList, *STOPS), ref_template=_SCHEMAS + "{name}"
    )
    components["Decision"] = decision
    chat_schemas, chat_answers = chat_components()
    active = tuple(active)
    paths = {**_fixed_paths(), **chat_paths(active, IDEMPOTENCY_KEY)}
    for installed in active:
        name = installed.workflow.name
        for kind, schema in (("Input", installed.input_schema), ("Output", installed.output_schema)):
            components[f"{name}.{kind}"] = moved(schema, f"{_SCHEMAS}{name}.{kind}")
        paths[f"/v1/workflows/{name}/cases"] = {"post": opening(name)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leitstand",
            "version": __version__,
            "description": ABOUT,
        },
        "paths": paths,
        "components": {"schemas": components | chat_schemas, "responses": _problems() | chat_answers},
    }


def _fixed_paths() -> Json:
    no_case = (400, 403, 404, 503)
    return {
        "/v1/workflows": {"get": _reading("list_workflows", "The active workflows", "WorkflowList", (400, 403))},
        "/v1/cases": {
            "get": _reading("list_cases", "Cases by filter, newest first", "CaseList", (400, 403, 503), _filters())
        },
        "/v1/cases/{case_id}": {"get": _reading("read_case", "One case", "CaseJson", no_case, [CASE_ID, WAIT])},
        "/v1/cases/{case_id}/events": {
            "get": _reading("read_events", "Everything that happened to a case", "Trail", no_case, [CASE_ID])
        },
        "/v1/cases/{case_id}/decision": {"post": _decide()},
        "/v1/stops": {
            "get": _reading("list_stops", "The newest stops", "StopList", (400, 403, 503)),
            "post": _doing("begin_stop", "Stop a case, a workflow, a tenant or all", "Stop", "201"),
        },
        "/v1/stops/{stop_id}/restart": {"post": _doing("restart", "Propose or confirm a restart", "Restart", "200")},
        "/openapi.json": {"get": _reading("read_openapi", "This document", None, (400, 403))},
        "/health/live": {"get": _reading("is_alive", "Whether the process works", "Health", (400, 403, 503))},
        "/health/ready": {"get": _reading("is_ready", "Whether requests are welcome", "Health", (400, 403, 503))},
        "/metrics": {"get": _metrics()},
    }


def opening(name: str) -> Json:
    """The operation that opens a case of the workflow ``name``, with that workflow's own input and output."""
    case = {
        "allOf": [_ref("CaseJson")],
        "properties": {"output": {"anyOf": [_ref(f"{name}.Output"), {"type": "null"}]}},
    }
    return {
        "operationId": f"open_case_of_{name}",
        "summary": f"Open a case of {name}",
        "parameters": [WAIT, IDEMPOTENCY_KEY],
        "requestBody": _json_body(
            {
                "type": "object",
                "properties": {"input": _ref(f"{name}.Input")},
                "required": ["input"],
                "additionalProperties": False,
            }
        ),
        "responses": {
            "200": {"description": "The case that this idempotency key opened before", "content": _json(case)},
            "201": {
                "description": "The case, durable and under way; `Location` is its address",
                "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                "content": _json(case),
                "links": {
                    operation: {"operationId": operation, "parameters": {"case_id": "$response.body#/id"}}
                    for operation in ("read_case", "read_events", "decide")
                },
            },
            **_refusals((400, 403, 404, 409, 413, 415, 422, 503)),
        },
    }


def _doing(operation: str, summary: str, schema: str, status: str) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": [*([STOP_ID] if operation == "restart" else []), PERSON],
        "requestBody": _json_body(_ref(f"{schema}Request")),
        "responses": {
            status: {"description": "It holds from now on", "content": _json(_ref(f"{schema}Json"))},
            **_refusals((400, 403, 404, 409, 413, 415, 503)),
        },
    }


def _decide() -> Json:
    return {
        "operationId": "decide",
        "summary": "Accept, edit or reject the draft of a waiting case",
        "parameters": [CASE_ID, WAIT, PERSON],
        "requestBody": _json_body(_ref("Decision")),
        "responses": {
            "200": {"description": "The case after the decision", "content": _json(_ref("CaseJson"))},
            **_refusals((400, 403, 404, 409, 413, 415, 422, 503)),
        },
    }


def _filters() -> list[Json]:
    statuses = {"type": "array", "items": {"type": "string", "enum": list(Status)}}
    described: tuple[tuple[str, str, Json], ...] = (
        ("workflow", "Only cases of this workflow.", {"type": "string"}),
        ("job", "Only cases that `leitstand submit` opened under this name.", {"type": "string"}),
        ("status", "Only cases with one of these statuses; may be repeated.", statuses),
        ("since", "Only cases accepted since then.", {"type": "string", "format": "date-time"}),
        ("limit", "Most cases.", {"type": "integer", "minimum": 1, "maximum": MOST_CASES, "default": 50}),
        ("before", "The `next` of the page before.", {"type": "string", "format": "uuid"}),
    )
    return [{"name": name, "in": "query", "description": text, "schema": schema} for name, text, schema in described]


def _reading(
    operation: str, summary: str, answer: str | None, refusals: tuple[int, ...], parameters: list[Json] | None = None
) -> Json:
    schema = _ref(answer) if answer else {"type": "object"}
    return {
        "operationId": operation,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": {"description": summary, "content": _json(schema)}, **_refusals(refusals)},
    }


def _metrics() -> Json:
    return {
        "operationId": "read_metrics",
        "summary": "All numbers of this process, for Prometheus",
        "responses": {
            "200": {"description": "The text format", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **_refusals((400, 403)),
        },
    }


def _problems() -> Json:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    problems: Json = {f"Problem{status}": {"description": text, "content": content} for status, text in _WHY.items()}
    problems["Problem400"]["content"] = {**content, "text/plain": {"schema": {"type": "string"}}}
    return problems


def _refusals(statuses: tuple[int, ...]) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (*statuses, 500)}


def _ref(name: str) -> Json:
    return {"$ref": _SCHEMAS + name}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _json_body(schema: Json) -> Json:
    return {"required": True, "content": _json(schema)}
