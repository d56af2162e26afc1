"""Does a case that is far larger than the others come through, and do the others beside it?"""

import io
import json
import re
from pathlib import Path

import aiohttp
import pytest
from tests.chaos.fleet import Fleet, fleet
from tests.chaos.plan import Plan
from tests.chaos.processes import Process

CASES = 60
LARGE = {"sqlite": 16 * 1_048_576, "postgres": 64 * 1_048_576}
"""Bytes of a body that an operator may allow; without a setting it is one million."""

LONGEST_TEXT = 1_000_000


def roomy(definition: str) -> str:
    """A workflow that takes as long a text as a workflow may."""
    return definition.replace('text = "question"', f'text = "question"\nmax_chars = {LONGEST_TEXT}')


def question(size: int) -> str:
    """A text of ``size`` characters, no two sentences alike."""
    sentences, length = [], 0
    while length < size:
        sentences.append(f"The harbour closes at gate {len(sentences)}, says the watch. ")
        length += len(sentences[-1])
    return "".join(sentences)[:size]


def let_in_files(working: Fleet) -> None:
    """Cases may carry a file beside the question, which no step reads."""
    path = working.workflow / "input.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["file"] = {"type": "string"}
    path.write_text(json.dumps(schema))


async def ask(working: Fleet, process: Process, key: str, given: dict[str, object]) -> tuple[int, dict[str, object]]:
    """Open one case; the answer's status and body.

    It asks before it sends the body, as one refused in the middle of it finds the door closed.
    """
    url = f"http://127.0.0.1:{process.port}/v1/workflows/chaos/cases"
    patience = aiohttp.ClientTimeout(total=120)
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    body = io.BytesIO(json.dumps({"input": given}).encode())
    async with working.session.post(url, data=body, headers=headers, timeout=patience, expect100=True) as reply:
        answer = await reply.json(content_type=None)
        if reply.status < 300:
            working.clients.heard.accepted(key, answer["id"])
        return reply.status, answer


@pytest.mark.timeout(300)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_large_cases_are_done_beside_the_others(tmp_path: Path, store: str) -> None:
    plan, largest = Plan(store=store, cases=CASES), LARGE[store]
    async with fleet(tmp_path, plan, change=roomy, join=False) as working:
        let_in_files(working)
        name, port = plan.processes[0]
        process = await working.join(name, port, LEITSTAND_MAX_BODY_BYTES=str(largest))
        long, file = question(LONGEST_TEXT), "x" * (largest - LONGEST_TEXT - 1_000)
        async with working.load():
            for number in range(2):
                assert (await ask(working, process, f"long-{number}", {"question": long, "number": number}))[0] == 201
            given = {"question": long, "number": 4, "file": file}
            assert (await ask(working, process, "huge", given))[0] == 201
            assert (await ask(working, process, "huge", given))[0] == 200
            given["file"] = file + "x" * 2_000
            code, said = await ask(working, process, "too-large", given)
            assert (code, said["code"]) == (413, "too_large")
            assert str(largest) in re.sub(r"\D", "", str(said["detail"]))
            code, said = await ask(working, process, "too-long", {"question": long + "!", "number": 5})
            assert (code, said["code"]) == (413, "too_large")
            assert str(LONGEST_TEXT) in re.sub(r"\D", "", str(said["detail"]))
        most_memory = process.most_memory()
        verdict = await working.judge()
    print(f"{store}: {most_memory / 1e6:.0f} MB")
    assert verdict.violations == ()
    assert verdict.acknowledged == CASES + 3
    assert most_memory < 200e6 + 20 * largest
