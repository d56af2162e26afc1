"""Do whole cases run through the small model on this machine over HTTP, and does its output fit the schema?"""

import json
import re
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand

from leitstand.domain.event import CaseDrafted, ModelCallFinished
from leitstand.providers.local import serving

QUESTIONS = ("When do you open on Monday?", "How long may I return something?")
PATIENCE = "timeout_seconds = 100.0\noptions = { max_tokens = 200 }\n"
FREE = 'price = { input_per_million = 0, output_per_million = 0, currency = "EUR" }\n'
"""A new workflow refuses what has no price."""


@pytest.mark.alone
def test_cases_run_through_the_local_model_over_http(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    definition = tmp_path / "mine" / "workflow.toml"
    with serving() as server:
        address = f'base_url = "{server.base_url}"\nmodel = "{server.model}"\n'
        target = f'provider = "openai_compatible"\n{address}{PATIENCE}{FREE}'
        text = definition.read_text().replace("\n[[draft.chain]]", f"\n[[draft.chain]]\n{target}\n[[draft.chain]]", 1)
        definition.write_text(re.sub(r"deadline_seconds = .*", "deadline_seconds = 110.0", text))
        lines = "".join(json.dumps({"question": question}) + "\n" for question in QUESTIONS)
        ran = leitstand("run", "mine", "-i", "-", "--in-flight", 1, "--data", "data", "--json", given=lines)
    assert ran.code == 0, ran.err
    listed = leitstand("case", "list", "--data", "data", "--json").data
    assert isinstance(listed, list)
    shown = [leitstand("case", "show", row["case"], "--data", "data", "--json").data for row in listed]
    events = [event for case in shown if isinstance(case, dict) for event in case["events"]]
    calls = [event["body"] for event in events if event["type"] == ModelCallFinished.type]
    drafts = [event["body"] for event in events if event["type"] == CaseDrafted.type]
    print([(call["target"], call["output_tokens"], call["error"], call["duration"] / 1e6) for call in calls])
    assert len(shown) == len(QUESTIONS)
    assert any(call["target"] == 0 and not call["error"] and not call["repaired"] for call in calls)
    assert any(draft["target"] == 0 for draft in drafts)
