"""What do the guardrails say about the draft?"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from leitstand.domain.event import CaseChecked, VerdictGiven
from leitstand.domain.guardrail import Judgement, Subject, Verdict
from leitstand.ports import Guardrail
from leitstand.runtime.assignment import grounding_of
from leitstand.runtime.run_case import Run
from leitstand.runtime.tool_loop import tool_sources

_log = logging.getLogger(__name__)

LONG_TEXT = 20_000
"""Characters from which a text is judged on a thread: a guardrail reads a million for seconds, and others wait."""

_IN_TIME = ThreadPoolExecutor(8, "guards")
"""Where guardrails judge that have a time limit: one that never comes to an end holds up no others but these."""


async def check(run: Run) -> None:
    """Let every guardrail speak; one that breaks is an error, never a pass; without a draft none runs."""
    if not run.case.drafted or not run.installed.guardrails:
        run.keep(findings=[])
        run.journal.note(CaseChecked(verdicts=()))
        return
    subject = await _subject(run)
    judgements, verdicts = [], []
    for guard, spec in zip(run.installed.guardrails, run.installed.workflow.checks, strict=True):
        began = run.parts.clock()
        judgement = await _judge(guard, subject, spec.timeout_seconds, run.case.case_id)
        codes = tuple(sorted({finding.code for finding in judgement.findings}))
        judgements.append(judgement)
        verdicts.append(
            VerdictGiven(guard=guard.name, verdict=judgement.verdict, codes=codes, duration=run.parts.clock() - began)
        )
    run.journal.note(CaseChecked(verdicts=tuple(verdicts)), run.keep(findings=judgements))


async def _subject(run: Run) -> Subject:
    output = await run.content("draft")
    assert isinstance(output, dict)
    grounding = await grounding_of(run)
    if told := await tool_sources(run):
        grounding = replace(grounding, passages=(*grounding.passages, *told))
    return Subject(
        input_text=grounding.question,
        draft=output,
        draft_text=str(output.get(run.installed.workflow.draft.text, "")),
        schema=run.installed.output_schema,
        grounding=grounding,
    )


async def _judge(guard: Guardrail, subject: Subject, seconds: float | None, case_id: str) -> Judgement:
    try:
        said: object = await _spoken(guard, subject, seconds)
        if isinstance(said, Judgement) and said.guard == guard.name:
            return said
        _log.error("guardrail %s gave no judgement of its own on case %s", guard.name, case_id)
    except Exception:  # noqa: BLE001  whatever a guardrail raises is its verdict
        _log.exception("guardrail %s broke on case %s", guard.name, case_id)
    return Judgement(guard=guard.name, verdict=Verdict.ERROR)


async def _spoken(guard: Guardrail, subject: Subject, seconds: float | None) -> Judgement:
    """What the guardrail says; ``TimeoutError`` when it has a limit and says nothing within it."""
    if seconds is not None:
        judging = asyncio.get_running_loop().run_in_executor(_IN_TIME, guard.judge, subject)
        return await asyncio.wait_for(judging, seconds)
    if len(subject.input_text) + len(subject.draft_text) > LONG_TEXT:
        return await asyncio.to_thread(guard.judge, subject)
    return guard.judge(subject)
