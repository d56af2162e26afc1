"""Which cases does the demo run at its start, and with which model?"""

import asyncio
import json
import shutil
from collections import Counter
from pathlib import Path

from leitstand.cli.output import say
from leitstand.cli.server import Running
from leitstand.demo import QUESTIONS
from leitstand.domain.errors import translatable
from leitstand.domain.event import Actor
from leitstand.domain.review import Person
from leitstand.runtime.submit import Submission, open_case

PEOPLE = (Person(id="u_demo_weber", name="M. Weber"), Person(id="u_demo_lang", name="K. Lang"))
DEMO = Actor(kind="client", id="demo")
SECONDS = 60.0
IN_FLIGHT = 4
MODEL_SECONDS = 120.0
"""What a model on a small machine may need for one answer."""


async def begin_demo(running: Running, folder: Path) -> None:
    """Activate the demo workflow, say where the pages are, and run the questions that came with it."""
    system = running.system
    await running.open()
    release = await system.add(folder, activate=True)
    for person in PEOPLE:
        await system.parts.people.add_person(system.tenant_id, person)
    say(translatable("Open {address}"), address=running.address)
    questions = [json.loads(line)["input"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    say(translatable("Running {count} questions for you ..."), count=len(questions))
    room = asyncio.Semaphore(IN_FLIGHT)

    async def ask(place: int, question: dict[str, object]) -> str:
        async with room:
            submission = Submission(
                tenant_id=system.tenant_id,
                workflow=release.workflow.name,
                input=question,
                actor=DEMO,
                channel="cli",
                idempotency_key=f"demo-{release.digest[:12]}-{place}",
            )
            opened = await open_case(system.parts, system.worker, submission)
            await system.worker.wait(opened.case.case_id, SECONDS)
            ended = await system.parts.cases.summary(system.tenant_id, opened.case.case_id)
            return ended.case.status if ended else ""

    outcomes = Counter(await asyncio.gather(*(ask(place, question) for place, question in enumerate(questions))))
    say(
        translatable(
            "Done: {delivered} delivered with citations, {waiting} wait for you in the inbox. Ctrl+C ends the demo."
        ),
        delivered=outcomes["delivered"],
        waiting=outcomes["review"] + outcomes["escalated"],
    )


def with_model(folder: Path, place: Path, base_url: str, model: str, api_key_env: str) -> Path:
    """A copy of the workflow in ``place`` whose chain asks that model first, whatever it costs, and quotes else."""
    copy = place / "workflow"
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    definition = copy / "workflow.toml"
    options = {
        "provider": "openai_compatible",
        "base_url": base_url,
        "model": model,
        "api_key_env": api_key_env,
        "timeout_seconds": MODEL_SECONDS,
    }
    target = "[[draft.chain]]\n" + "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in options.items() if value
    )
    text = definition.read_text(encoding="utf-8").replace("[[draft.chain]]", f"{target}\n[[draft.chain]]", 1)
    text = text.replace("deadline_seconds = 30.0", f"deadline_seconds = {MODEL_SECONDS + 30}")
    text = text.replace("[budget]\n", '[budget]\nunknown_price = "allow"\n', 1)
    definition.write_text(text, encoding="utf-8")
    return copy
