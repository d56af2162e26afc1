"""What is stopped, who stopped it and why, and how do two people let it go on?"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from leitstand.domain.errors import LeitstandError, RequestMalformed, translatable
from leitstand.domain.stop import LONGEST_REASON, Scope, Stop
from leitstand.runtime.stop import Wanted, confirm_restart, propose_restart, stop
from leitstand.web.pages.show import show, titles_of
from leitstand.web.pages.visit import Visit, sign_in_first
from leitstand.web.pages.words import WHATS, what_of
from leitstand.web.speech import Speech

MOST_SHOWN = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A stop in words; ``who`` and the others are names, ``""`` where nobody has."""

    stop: Stop
    what: str
    who: str
    proposed_by: str
    restarted_by: str


async def stops(visit: Visit) -> Response:
    """What is stopped, and the form that stops more; the address may say what it is about."""
    return await _page(visit)


async def begin(visit: Visit) -> Response:
    """Stop what the form names."""
    if visit.person is None:
        return sign_in_first(visit)
    form = await visit.form()
    scope, _, subject = form.get("what").partition(":")
    if scope not in list(Scope):
        raise RequestMalformed(detail=f"{scope[:40]!r} cannot be stopped", expected="one of " + ", ".join(Scope))
    wanted = Wanted(tenant_id=visit.tenant_id, scope=Scope(scope), subject=subject, reason=form.get("reason"))
    try:
        made = await stop(visit.parts, wanted, visit.person)
    except LeitstandError as error:
        return await _page(visit, status=422, problem=_told(error, visit.say), reason=form.get("reason"))
    return RedirectResponse(f"/cases/{made.subject}" if made.scope is Scope.CASE else "/stops", status_code=303)


async def restart(visit: Visit) -> Response:
    """Propose the restart and show the token, once; or confirm it with the one in the form."""
    if visit.person is None:
        return sign_in_first(visit)
    form, stop_id = await visit.form(), visit.request.path_params["stop_id"]
    try:
        if token := form.get("token"):
            await confirm_restart(visit.parts, stop_id, visit.person, token)
            return RedirectResponse("/stops", status_code=303)
        _, given = await propose_restart(visit.parts, stop_id, visit.person)
    except LeitstandError as error:
        return await _page(visit, status=422, problem=_told(error, visit.say))
    return await _page(visit, token=given)


async def _page(visit: Visit, status: int = 200, **more: object) -> Response:
    names = {person.id: person.name for person in await visit.parts.people.people(visit.tenant_id)}
    titles = titles_of(visit)
    newest = await visit.parts.stops.store.newest(visit.tenant_id, MOST_SHOWN)
    shown = [
        Shown(
            stop=found,
            what=what_of(found, visit.say, titles),
            who=_name(names, found.stopped_by, visit.say),
            proposed_by=_name(names, found.proposed_by, visit.say),
            restarted_by=_name(names, found.restarted_by, visit.say),
        )
        for found in newest
    ]
    in_force = [item for item in shown if item.stop.restarted_at is None and item.stop.scope is not Scope.CASE]
    values = {"problem": "", "token": "", "reason": "", **more}
    return show(
        visit,
        "stops.html",
        status,
        in_force=in_force,
        over=[item for item in shown if item not in in_force],
        choices=_choices(visit, titles),
        longest=LONGEST_REASON,
        **values,
    )


def _choices(visit: Visit, titles: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """What can be stopped: value, words, and whether the address asked for it."""
    asked = (visit.asked("scope"), visit.asked("subject"))
    found = [(Scope.WORKFLOW, name, title) for name, title in titles.items()]
    found += [(Scope.TENANT, "", visit.tenant_id), (Scope.ALL, "", "")]
    if asked[0] == Scope.CASE:
        found.insert(0, (Scope.CASE, asked[1], asked[1]))
    return [
        (f"{scope}:{subject}", visit.say(WHATS[scope], subject=title), asked == (scope, subject))
        for scope, subject, title in found
    ]


def _name(names: Mapping[str, str], person_id: str, say: Speech) -> str:
    return names.get(person_id) or say(translatable("somebody")) if person_id else ""


def _told(error: LeitstandError, say: Speech) -> str:
    values = {
        name: say(phrase.template, **phrase.values) if (phrase := error.phrases.get(name)) else value
        for name, value in error.values.items()
    }
    return f"{say(error.message, **values)} {say(error.repair, **values)}"
