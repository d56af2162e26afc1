"""What happened to this case, from its acceptance to its end?"""

import json
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from leitstand.domain.case import ENDED, WAITING
from leitstand.domain.errors import CaseUnknown, translatable
from leitstand.encoding import encode_event, plain
from leitstand.web.pages.queues import subject
from leitstand.web.pages.show import show
from leitstand.web.pages.story import Line, Teller
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import STATUS_GLYPHS, STATUSES, text_in

CONTENT_NAMES = {
    "input": translatable("Input"),
    "normalised": translatable("Cleaned input"),
    "passages": translatable("Passages"),
    "prompt": translatable("Prompt"),
    "call": translatable("Tool call"),
    "result": translatable("What the model was told of it"),
    "outcome": translatable("Result of the tool"),
    "draft": translatable("Draft"),
    "findings": translatable("Findings"),
    "output": translatable("Edited output"),
    "note": translatable("Note"),
    "stop_reason": translatable("Reason of the stop"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A content as the trail shows it: its name in words, its text, the commitment that the event holds."""

    name: str
    text: str
    commitment: str


async def trail(visit: Visit) -> Response:
    """The trail of a case: story first, raw events last. A display number leads to the address with the id."""
    asked = visit.request.path_params["case_id"]
    summary = await visit.parts.cases.summary(visit.tenant_id, asked)
    if summary is None:
        raise CaseUnknown(case_id=asked)
    case = summary.case
    if asked != case.case_id:
        return RedirectResponse(f"/cases/{case.case_id}", status_code=303)
    events = await visit.parts.cases.events(visit.tenant_id, case.case_id)
    contents = await visit.parts.cases.contents(visit.tenant_id, case.case_id)
    installed = await visit.parts.installations.by_digest(visit.tenant_id, case.release_digest)
    names = {person.id: person.name for person in await visit.parts.people.people(visit.tenant_id)}
    lines = [Teller(say=visit.say, names=names).tell(event) for event in events]
    return show(
        visit,
        "trail.html",
        summary=summary,
        case=case,
        workflow=text_in(installed.workflow.title, visit.say.language),
        subject=subject(contents.get("input"), installed.workflow.input),
        lines=[(line, [_shown(visit, line, name, contents) for name in line.contents]) for line in lines],
        raw=[json.dumps(plain(encode_event(event)), indent=2, ensure_ascii=False) for event in events],
        waits=case.status in WAITING,
        ended=case.status in ENDED,
        held=visit.parts.stops.on(case),
        status_name=STATUSES[case.status],
        glyph=STATUS_GLYPHS[case.status],
    )


def _shown(visit: Visit, line: Line, name: str, contents: dict[str, bytes]) -> Shown:
    base, _, number = name.partition(".")
    label = (
        visit.say("Answer {n}", n=number) if base == "answer" and number else visit.say(CONTENT_NAMES.get(base, base))
    )
    return Shown(name=label, text=_readable(visit, contents.get(name)), commitment=line.event.commitments[name])


def _readable(visit: Visit, payload: bytes | None) -> str:
    """A content as text; erased ones say so."""
    if payload is None:
        return visit.say("erased")
    value = plain(payload)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
