"""What becomes of a caller's options for which the API of a model has no word? Nothing is left out in silence."""

from pathlib import Path

import openai
import pytest
from tests.web.openai.conftest import ANSWER, a_gateway
from tests.web.processes import get, server

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer

SAID = [{"role": "user", "content": "Hi"}]


def before(folder: Path, url: str, *providers: str) -> Path:
    """A gateway whose models are asked in the APIs of these providers."""
    a_gateway(folder, url, *("m" for _ in providers))
    file = folder / "workflow.toml"
    text = file.read_text()
    for provider in providers:
        text = text.replace('provider = "openai_compatible"\n', f'provider = "{provider}"\n', 1)
    file.write_text(text)
    return folder


def test_an_option_is_refused_by_name_or_heard_by_a_model_that_knows_it(tmp_path: Path):
    with FaultServer(faults.good(ANSWER)) as upstream:
        alone = before(tmp_path / "alone", upstream.url, "openai_responses")
        pair = before(tmp_path / "pair", upstream.url, "anthropic", "openai_compatible")
        with (
            server(alone, tmp_path / "data", pair) as running,
            openai.OpenAI(base_url=f"{running.url}/v1", api_key="none", max_retries=0) as client,
        ):
            for name, value in (("seed", 7), ("stop", ["END"])):
                with pytest.raises(openai.BadRequestError) as refused:
                    client.chat.completions.create(model="alone", messages=SAID, **{name: value})
                assert (refused.value.param, refused.value.code) == (name, "invalid_value")
                assert "no model of this workflow knows" in refused.value.message
            assert (running.cases(), upstream.requests) == (set(), ())
            answer = client.chat.completions.create(model="pair", messages=SAID, seed=7)
            assert answer.choices[0].message.content == ANSWER
            assert [request.path for request in upstream.requests] == ["/v1/chat/completions"]
            assert b'"seed":7' in upstream.requests[0].body
            events = get(f"{running.url}/v1/cases/{answer.id.removeprefix('chatcmpl-')}/events")["events"]
            failed = next(event["body"] for event in events if event["type"] == "model_call.finished")
            assert (failed["target"], failed["error"], failed["cost"]) == (0, "refused", 0)
