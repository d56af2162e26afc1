"""Is everything that the official clients of model services are written against understood, by them and by us?"""

import asyncio
from pathlib import Path

import pytest
from tests.providers.chat import PROMPT, SCHEMA
from tests.providers.clients import KEY, of_client

from leitstand.domain.drafting import Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.message import Grounding, Message, Request, ToolOffer
from leitstand.providers.anthropic import Anthropic
from leitstand.providers.openai_compatible import OpenaiCompatible
from leitstand.providers.openai_responses import OpenaiResponses
from leitstand.testing.fault_server import FaultServer
from leitstand.testing.shapes import Shape
from leitstand.testing.shapes_chat import CHAT
from leitstand.testing.shapes_messages import MESSAGES
from leitstand.testing.shapes_responses import RESPONSES

ROOT = Path(__file__).parents[2]
SHAPES = (*CHAT, *RESPONSES, *MESSAGES)
PROVIDERS = {"chat": OpenaiCompatible, "responses": OpenaiResponses, "messages": Anthropic}
TOOL = ToolOffer(name="look_up", description="Looks it up.", parameters={"type": "object"})


def patience(shape: Shape) -> float:
    """Seconds; nobody waits long for what never comes."""
    return 0.3 if shape.name == "silence" else 10.0


def a_request(shape: Shape) -> Request:
    return Request(
        model="m",
        messages=(Message(role="user", content=PROMPT),),
        schema=SCHEMA,
        grounding=Grounding(question=PROMPT, language="de", passages=()),
        timeout=patience(shape),
        key="shape-1",
        tools=(TOOL,) if "call of a tool" in shape.what else (),
    )


def told(failure: ProviderFailed) -> str:
    assert KEY not in str(failure)
    assert "4711" not in str(failure)
    return f"{failure.kind}{' (may pass)' if failure.retryable else ''}"


async def of_us(shape: Shape, url: str, transport) -> str:
    provider = PROVIDERS[shape.api](Target(provider=shape.api, model="m", base_url=url + "/v1"), transport, KEY)
    heard: list[str] = []
    try:
        answer = await provider.generate(a_request(shape), heard.append if shape.streamed else None)
    except ProviderFailed as failure:
        return told(failure)
    assert not shape.streamed or "".join(heard) == answer.text
    assert [(call.name, call.arguments.replace(" ", "")) for call in answer.tool_calls] == (
        [("look_up", '{"a":1}')] if answer.finish_reason == "tool_calls" else []
    )
    return f"answer: {answer.finish_reason}"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.id)
async def test_the_client_understands_it_and_so_do_we(shape: Shape, transport):
    with FaultServer(shape.behaviour) as server:
        assert await asyncio.to_thread(of_client, shape, server.url, patience(shape)) == shape.client
        assert await of_us(shape, server.url, transport) == shape.ours


def test_the_table_names_a_test_for_every_shape_and_no_other():
    page = (ROOT / "docs" / "reference" / "model-shapes.md").read_text()
    assert page.count("`test_shapes.py[") == len(SHAPES)
    assert not [shape.id for shape in SHAPES if f"`test_shapes.py[{shape.id}]`" not in page]


def test_every_shape_has_a_name_of_its_own():
    assert len({shape.id for shape in SHAPES}) == len(SHAPES)
