"""Is an answer read whole, and what the service left out left unknown?"""

import pytest
from tests.providers.chat import TEXT, a_model, a_request, choice

from leitstand.domain.price import Usage
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        (None, Usage()),
        ({"prompt_tokens": 5}, Usage(input_tokens=5)),
        ({"prompt_tokens": -5, "completion_tokens": 0}, Usage(output_tokens=0)),
        ({"prompt_tokens": "5"}, Usage()),
        ({"prompt_tokens": True, "completion_tokens": 2.5, "prompt_tokens_details": []}, Usage()),
    ],
)
async def test_missing_and_impossible_counts_are_unknown(transport, usage, read):
    with FaultServer(faults.reply(200, faults.completion(TEXT, usage=usage, finish_reason=None))) as server:
        answer = await a_model(server, transport).generate(a_request())
    assert (answer.usage, answer.finish_reason) == (read, "unknown")


async def test_content_in_parts_is_put_together(transport):
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": "Hal"}, {"type": "text", "text": "lo"}]
    with FaultServer(choice(message={"content": parts}, finish_reason="stop")) as server:
        answer = await a_model(server, transport).generate(a_request())
    assert (answer.text, answer.model) == ("Hallo", "small-1")
