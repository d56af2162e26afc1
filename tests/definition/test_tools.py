"""Is what is wrong with a workflow's tools found before they run, and does a typed function become one?"""

import pytest
from tests.definition.folders import texts, valid

from leitstand.definition.freeze import freeze
from leitstand.definition.read import read_files
from leitstand.definition.tool_contract import contract_of
from leitstand.domain.errors import ConfigurationInvalid
from leitstand.domain.tool import SideEffect, Tool

SCHEMA = b"""{"type": "object", "additionalProperties": false,
 "properties": {"order": {"type": "string", "pattern": "^[0-9]+$"}}, "required": ["order"]}"""

ENDPOINT = """
[[tools]]
name = "order_status"
description = "Where an order is."
effect = "read"
url = "https://shop.example.org/order-status"
zone = "sovereign_eu"
parameters = "tools/order_status.json"
"""

FUNCTION = """
[[tools]]
name = "refund"
description = "Pays an order back."
effect = "write"
function = "refund"
"""

CODE = b"""
def refund(order: str, cents: int = 0, *, idempotency_key: str) -> dict:
    return {"order": order, "cents": cents, "key": idempotency_key}
"""


def with_tools(toml: str, **files: bytes) -> dict[str, bytes]:
    made = valid()
    made["workflow.toml"] += toml.encode()
    made["tools/order_status.json"] = SCHEMA
    made["hooks.py"] = CODE
    return made | files


def test_what_is_right():
    assert texts(with_tools(ENDPOINT + FUNCTION)) == []


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (ENDPOINT + ENDPOINT, '`tools` holds "order_status" twice'),
        (ENDPOINT.replace("url =", 'function = "refund"\nurl ='), "both `function` and `url`"),
        (ENDPOINT.replace('url = "https://shop.example.org/order-status"\n', ""), "neither of them"),
        (ENDPOINT.replace('parameters = "tools/order_status.json"\n', ""), "`tools[1].parameters` is missing"),
        (ENDPOINT.replace("order_status.json", "order_statu.json"), "Did you mean `tools/order_status.json`?"),
        (ENDPOINT.replace("//shop", "//user:secret@shop"), "Leave out user and password"),
        (ENDPOINT.replace("https://shop.example.org", "ftp://x"), "must match"),
        (ENDPOINT.replace('effect = "read"\n', ""), "The key `tools[1].effect` is missing"),
        (ENDPOINT.replace('"read"', '"erase"'), "Use one of: read, write, irreversible."),
        (ENDPOINT.replace('"order_status"', '"Order Status"'), "must match"),
        (ENDPOINT.replace("effect", "most_call = 5\neffect"), "Did you mean `most_calls`?"),
        (ENDPOINT.replace("effect", "most_calls = 0\neffect"), "at least 1"),
        (FUNCTION.replace('function = "refund"', 'function = "refnd"'), "Did you mean `refund`?"),
    ],
)
def test_what_is_wrong_with_tools(toml, said):
    found = texts(with_tools(toml))
    assert any(said in text for text in found), found
    assert not any("secret" in text for text in found)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (b"def refund(order, *, idempotency_key: str): ...", "cannot be a tool as it is"),
        (b"async def refund(order: str, idempotency_key: str): ...", "without `async`"),
        (b"def refund(*orders: str, idempotency_key: str): ...", "cannot be a tool as it is"),
        (b"def refund(order: str): ...", "takes no `idempotency_key`"),
        (b"def refunds(order: str): ...", "Did you mean `refunds`?"),
        (b"def refund(order: str, idempotency_key: str): ...\ndef other(): ...", "no hook named `other`"),
        (b"def refund(", "The hooks cannot be loaded"),
    ],
)
def test_what_is_wrong_with_a_function(code, said):
    found = texts(with_tools(FUNCTION, **{"hooks.py": code}))
    assert any(said in text for text in found), found


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (SCHEMA.replace(b'"additionalProperties": false,', b""), 'Add `"additionalProperties": false`'),
        (b"{}", "not the schema of an object"),
        (b'{"type": "object"', "cannot be read"),
        (SCHEMA.replace(b'"string"', b'"strnig"'), "not valid JSON Schema"),
        (
            SCHEMA.replace(b'{"type": "string", "pattern": "^[0-9]+$"}', b'{"$ref": "http://x/y"}'),
            "leads out of the file",
        ),
    ],
)
def test_what_is_wrong_with_a_schema(schema, said):
    found = texts(with_tools(ENDPOINT, **{"tools/order_status.json": schema}))
    assert any(said.replace("`", "") in text.replace("`", "") for text in found), found


def test_in_a_chat_nothing_is_changed():
    files = with_tools(FUNCTION)
    toml = files["workflow.toml"].decode()
    start = toml.index("[input]")
    line = next(line for line in toml[start:].splitlines() if line.startswith("text"))
    files["workflow.toml"] = toml.replace(line, 'text = ""\nmessages = "messages"', 1).encode()
    assert any("in a chat nobody waits for one" in text for text in texts(files))


def tool(**more) -> Tool:
    return Tool(**{"name": "refund", "description": "Pays.", "effect": SideEffect.WRITE, "function": "refund"} | more)


def refund(order: str, cents: int = 0, *, idempotency_key: str) -> dict[str, object]:
    return {"order": order, "cents": cents, "key": idempotency_key}


def test_a_typed_function_becomes_a_tool():
    contract = contract_of(tool(), {}, {"refund": refund})
    assert contract.parameters == {
        "type": "object",
        "properties": {"order": {"type": "string"}, "cents": {"type": "integer", "default": 0}},
        "required": ["order"],
        "additionalProperties": False,
    }
    assert contract.call is not None
    assert contract.call({"order": "1"}, "c1-tool-1") == {"order": "1", "cents": 0, "key": "c1-tool-1"}
    assert contract.problems({"order": "1", "cents": 5}) == ()
    for bad in ({}, {"order": 1}, {"order": "1", "idempotency_key": "mine"}, {"order": "1", "cents": 1.5}, []):
        assert contract.problems(bad), bad


def test_types_that_a_schema_cannot_check_are_checked_too():
    import datetime

    def look(day: datetime.date) -> str:
        return day.isoformat()

    contract = contract_of(tool(effect=SideEffect.READ), {}, {"refund": look})
    assert contract.problems({"day": "2026-02-30"})
    assert contract.problems({"day": "2026-02-28"}) == ()
    assert contract.call is not None
    assert contract.call({"day": "2026-02-28"}, "") == "2026-02-28"


def test_a_schema_narrows_what_a_function_takes():
    contract = contract_of(
        tool(parameters="tools/order_status.json"), {"tools/order_status.json": SCHEMA}, {"refund": refund}
    )
    assert contract.problems({"order": "abc"})
    assert contract.problems({"order": "1", "cents": 5})
    assert contract.problems({"order": "1"}) == ()


@pytest.mark.parametrize("function", [lambda x: x, refund.__class__, None])
def test_what_cannot_be_a_tool_says_so(function):
    with pytest.raises(ConfigurationInvalid) as caught:
        contract_of(tool(), {}, {"refund": function} if function else {})
    assert "cannot be a tool" in caught.value.problems[0].text()


def test_a_release_is_frozen_only_with_functions_that_can_be_called():
    code = b"class Odd: ...\ndef refund(order: Odd, idempotency_key: str): ..."
    result = read_files(with_tools(FUNCTION, **{"hooks.py": code}))
    assert result.problems == ()
    with pytest.raises(ConfigurationInvalid) as caught:
        freeze(result, lambda *_: "i")
    assert "cannot be a tool" in caught.value.problems[0].text()
