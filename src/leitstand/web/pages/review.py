"""How does a person decide on one case, with its sources beside it?"""

from dataclasses import replace

from starlette.responses import JSONResponse, RedirectResponse, Response

from leitstand.domain.case import WAITING, CaseSummary
from leitstand.domain.errors import CaseUnknown, InputInvalid, StateConflict, translatable
from leitstand.domain.event import ReviewDecided
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.encoding import canonical
from leitstand.runtime.parts import Installed
from leitstand.runtime.review import decide_review
from leitstand.web.pages.case_view import CaseView, view_of
from leitstand.web.pages.decision import Read, read_decision
from leitstand.web.pages.form import fields_of, spoken
from leitstand.web.pages.proposals import content_names
from leitstand.web.pages.queues import following, queue_of, waiting
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit, sign_in_first
from leitstand.web.pages.words import REJECT_REASONS, word

CONTENTS = ("input", "normalised", "passages", "draft", "findings")


async def play(visit: Visit) -> Response:
    """Go to the first case that waits, or to the inbox when none does."""
    queue = queue_of(visit)
    first = await waiting(visit, queue, 1)
    address = f"/review/{first[0].case.case_id}" if first else "/inbox"
    return RedirectResponse(address + queue.query, status_code=303)


async def review(visit: Visit) -> Response:
    """The review page of a case."""
    return await _page(visit, (await _load(visit))[1])


async def fragment(visit: Visit) -> Response:
    """The case alone, for our script to fetch ahead and to swap in."""
    return await _page(visit, (await _load(visit))[1], "review_case.html")


async def decide(visit: Visit) -> Response:
    """Record a decision; the same one repeated by the same person for the same draft counts once."""
    if visit.person is None and not visit.for_script:
        return sign_in_first(visit)
    actor = visit.actor
    installed, view = await _load(visit)
    summary = view.summary
    read = read_decision(await visit.form(), visit.now, view)
    if read.problems:
        return await _refuse(visit, installed, view, read)
    try:
        await decide_review(visit.parts, visit.worker, summary, read.decision, actor)
    except InputInvalid as error:
        return await _refuse(visit, installed, view, replace(read, problems=dict(error.problems)))
    except StateConflict as conflict:
        if not await _is_repeated(visit, summary, read.decision):
            return await _too_late(visit, conflict)
    return JSONResponse({"recorded": True}) if visit.for_script else await _onwards(visit, summary.case.case_id)


async def _load(visit: Visit) -> tuple[Installed, CaseView]:
    case_id = visit.request.path_params["case_id"]
    summary = await visit.parts.cases.summary(visit.tenant_id, case_id)
    if summary is None:
        raise CaseUnknown(case_id=case_id)
    installed = await visit.parts.installations.by_digest(visit.tenant_id, summary.case.release_digest)
    names = (*CONTENTS, *content_names(summary.case))
    contents = await visit.parts.cases.contents(visit.tenant_id, summary.case.case_id, names)
    return installed, view_of(summary, installed, contents, visit.say)


async def _page(
    visit: Visit, view: CaseView, template: str = "review.html", status: int = 200, **more: object
) -> Response:
    case, queue = view.summary.case, queue_of(visit)
    values: dict[str, object] = {"notice": "", "editing": False, "note": "", **more}
    if not view.waits and not values["notice"]:
        values["notice"] = await _taken(visit, view.summary)
    reasons = [(code, word(REJECT_REASONS, code, visit.say)) for code in view.reject_reasons]
    ahead = await following(visit, queue, case.case_id)
    return show(visit, template, status, view=view, case=case, queue=queue, ahead=ahead, reasons=reasons, **values)


async def _refuse(visit: Visit, installed: Installed, view: CaseView, read: Read) -> Response:
    """Say which fields do not fit, with everything that was typed still there."""
    problems = {pointer: visit.say(text) for pointer, text in read.problems.items()}
    message = visit.say(translatable("Not recorded: the output does not have the form that the workflow promises."))
    if visit.for_script:
        return JSONResponse({"message": message, "problems": problems}, status_code=422)
    output = read.decision.output or {}
    long = installed.workflow.draft.text
    schema = spoken(installed.output_schema, visit.say.language)
    view = replace(view, fields=fields_of(schema, output, long=long, problems=problems))
    editing = read.decision.verb is Verb.EDIT
    return await _page(visit, view, status=422, notice=message, editing=editing, note=read.decision.note)


async def _too_late(visit: Visit, conflict: StateConflict) -> Response:
    """The case was decided or changed in the meantime: say so, offer the next."""
    _, view = await _load(visit)
    happened = await _taken(visit, view.summary) or visit.say(conflict.repair)
    message = f"{visit.say(translatable('Your decision was not recorded.'))} {happened}"
    if visit.for_script:
        return JSONResponse({"message": message}, status_code=409)
    return await _page(visit, view, status=409, notice=message)


async def _taken(visit: Visit, summary: CaseSummary) -> str:
    """What became of a case that no longer waits; ``""`` while it does."""
    events = await visit.parts.cases.events(visit.tenant_id, summary.case.case_id)
    decided = next((event for event in reversed(events) if isinstance(event.body, ReviewDecided)), None)
    if decided is None:
        return (
            "" if summary.case.status in WAITING else visit.say(translatable("This case does not wait for a decision."))
        )
    people = {person.id: person.name for person in await visit.parts.people.people(visit.tenant_id)}
    who = people.get(decided.actor.id) or visit.say(translatable("somebody"))
    return visit.say(
        translatable("{name} has decided this case already, {when}."),
        name=who,
        when=visit.say.ago(decided.at, visit.now),
    )


async def _is_repeated(visit: Visit, summary: CaseSummary, decision: ReviewDecision) -> bool:
    """Whether the recorded decision is exactly this one: same person, draft, verb, reason and output."""
    case_id = summary.case.case_id
    events = await visit.parts.cases.events(visit.tenant_id, case_id)
    body = next(
        (event.body for event in events if isinstance(event.body, ReviewDecided) and event.actor == visit.actor), None
    )
    if body is None or (body.verb, body.reason, body.draft_commitment) != (
        decision.verb,
        decision.reason,
        decision.draft_commitment,
    ):
        return False
    stored = await visit.parts.cases.contents(visit.tenant_id, case_id, ("output",))
    return decision.output is None or stored.get("output") == canonical(decision.output)


async def _onwards(visit: Visit, case_id: str) -> Response:
    """To the next case of the queue, or back to the inbox."""
    queue = queue_of(visit)
    ahead = await following(visit, queue, case_id)
    return RedirectResponse((f"/review/{ahead[0]}" if ahead else "/inbox") + queue.query, status_code=303)
