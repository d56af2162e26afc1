import dataclasses
import json
import typing
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator, meta
from tests.definition.folders import valid
from tools.workflow_reference import PAGE, page

import leitstand.definition
from leitstand.definition.documents import Report, read_toml
from leitstand.definition.schema import schema_text, workflow_schema
from leitstand.domain.workflow import Workflow

SHIPPED = Path(leitstand.definition.__file__).parent / "workflow.schema.json"
DEMO = Path(leitstand.definition.__file__).parents[1] / "demo/help/workflow.toml"


def dataclasses_in(kind: object) -> set[type]:
    """``kind`` and every dataclass that its fields mention, at any depth."""
    found: set[type] = set()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        found.add(kind)
        for hint in typing.get_type_hints(kind).values():
            found |= dataclasses_in(hint)
    for argument in typing.get_args(kind):
        found |= dataclasses_in(argument)
    return found


def test_the_shipped_file_is_the_generated_schema():
    assert SHIPPED.read_text(encoding="utf-8") == schema_text(), "run: python tools/workflow_reference.py"


def test_the_reference_page_is_the_generated_one():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tools/workflow_reference.py"


def test_it_is_json_schema():
    meta.validate(workflow_schema())
    assert json.loads(schema_text()) == workflow_schema()


def test_every_field_says_what_it_is_for():
    missing = [
        f"{kind.__name__}.{field.name}"
        for kind in dataclasses_in(Workflow)
        for field in dataclasses.fields(kind)
        if not field.metadata.get("help")
    ]
    assert not missing


def test_every_default_and_example_fits_its_own_schema():
    def walk(schema: dict[str, typing.Any]) -> None:
        for value in [*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])]:
            Draft202012Validator(schema).validate(value)
        for inner in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
            walk(inner)

    walk(workflow_schema())


@pytest.mark.parametrize("source", ["demo", "answer", "extract", "classify", "draft"])
def test_what_ships_fits(source: str):
    content = DEMO.read_bytes() if source == "demo" else valid(source)["workflow.toml"]
    Draft202012Validator(workflow_schema()).validate(read_toml(content, Report(file="", problems=[])))


def test_promises_are_required():
    assert {"owners", "slo", "budget", "baseline", "data_class", "review"} <= set(workflow_schema()["required"])
