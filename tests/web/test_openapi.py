"""The OpenAPI document: valid, complete, and true to what the server answers."""

import copy

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from tests.web.conftest import Served

from leitstand.web.app import api_routes
from leitstand.web.schema_place import moved


async def document_of(served: Served) -> dict:
    async with served.client.get("/openapi.json") as reply:
        assert reply.status == 200
        return await reply.json()


def check(document: dict, component: str, value: object) -> None:
    registry = Registry().with_resource("urn:api", Resource(contents=document, specification=DRAFT202012))
    schema = {"$ref": f"urn:api#/components/schemas/{component}"}
    jsonschema.Draft202012Validator(schema, registry=registry).validate(value)


async def test_the_document_is_valid(served: Served, monkeypatch: pytest.MonkeyPatch):
    # the validator's other backend wants a newer jsonschema-rs than the core's
    monkeypatch.setenv("OPENAPI_SPEC_VALIDATOR_SCHEMA_VALIDATOR_BACKEND", "jsonschema")
    document = await document_of(served)
    OpenAPIV31SpecValidator(document).validate()
    broken = copy.deepcopy(document)
    del broken["paths"]["/v1/cases"]["get"]["responses"]
    broken["info"].pop("version")
    with pytest.raises(OpenAPIValidationError):
        OpenAPIV31SpecValidator(broken).validate()


async def test_every_route_is_in_it_and_each_workflow_has_its_own(served: Served):
    paths = (await document_of(served))["paths"]
    described = {(path, method.upper()) for path, item in paths.items() for method in item if method in ("get", "post")}
    routes = {(route.path, next(iter(route.methods - {"HEAD"}))) for route in api_routes()}
    routes.remove(("/v1/workflows/{name}/cases", "POST"))
    routes |= {(f"/v1/workflows/{name}/cases", "POST") for name in ("echo", "echo-reviewed")}
    assert described == routes


async def test_answers_are_what_it_says(served: Served):
    document = await document_of(served)
    case = await served.open(workflow="echo-reviewed")
    check(document, "CaseJson", case)
    check(document, "CaseJson", await served.open())
    for path, component in (
        ("/v1/cases", "CaseList"),
        (f"/v1/cases/{case['id']}/events", "Trail"),
        ("/v1/workflows", "WorkflowList"),
        ("/health/ready", "Health"),
        ("/v1/cases/9999", "Problem"),
    ):
        async with served.client.get(path) as reply:
            check(document, component, await reply.json(content_type=None))


async def test_a_workflows_input_is_judged_by_its_own_schema(served: Served):
    document = await document_of(served)
    check(document, "echo.Input", {"question": "Where?", "urgency": "high"})
    with pytest.raises(jsonschema.ValidationError):
        check(document, "echo.Input", {"question": "Where?", "urgency": "middling"})


def test_a_schema_that_moves_keeps_its_meaning():
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"$ref": {"type": "string"}, "a": {"$ref": "#/$defs/a"}, "b": {"items": {"$ref": "#"}}},
        "anyOf": [{"$ref": "#/$defs/a"}, True],
        "$defs": {"a": {"const": {"$ref": "#/stays"}, "enum": [{"$ref": "#/stays"}]}},
    }
    assert moved(schema, "#/x") == {
        "properties": {"$ref": {"type": "string"}, "a": {"$ref": "#/x/$defs/a"}, "b": {"items": {"$ref": "#/x"}}},
        "anyOf": [{"$ref": "#/x/$defs/a"}, True],
        "$defs": {"a": {"const": {"$ref": "#/stays"}, "enum": [{"$ref": "#/stays"}]}},
    }
