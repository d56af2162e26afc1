"""Who is at the keyboard, and which language do they read?"""

from starlette.responses import RedirectResponse, Response

from leitstand.domain.errors import RequestMalformed
from leitstand.runtime.people import LONGEST_NAME, named_person
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import PERSON_COOKIE, Visit, local
from leitstand.web.pages.visitor_language import LANGUAGE_COOKIE
from leitstand.web.translate import LANGUAGES

YEAR = 365 * 86400


async def choose(visit: Visit) -> Response:
    """The page with the known names and a field for a new one."""
    return await _page(visit, 200, "")


async def sign_in(visit: Visit) -> Response:
    """Take the chosen person, or the typed name, as the one who decides from now on."""
    form = await visit.form()
    people = await visit.parts.people.people(visit.tenant_id)
    person = next((known for known in people if known.id == form.get("person")), None)
    try:
        person = person or await named_person(visit.parts.people, visit.tenant_id, form.get("name"), visit.now)
    except RequestMalformed:
        problem = visit.say("Choose a name from the list, or type one of up to {most} letters.", most=LONGEST_NAME)
        return await _page(visit, 422, problem)
    answer = RedirectResponse(local(form.get("back")), status_code=303)
    answer.set_cookie(PERSON_COOKIE, person.id, max_age=YEAR, httponly=True, samesite="strict")
    return answer


async def sign_out(_: Visit) -> Response:
    """Forget who is at the keyboard."""
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(PERSON_COOKIE, httponly=True, samesite="strict")
    return answer


async def language(visit: Visit) -> Response:
    """Switch the language and come back."""
    form = await visit.form()
    answer = RedirectResponse(local(form.get("back")), status_code=303)
    if form.get("language") in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, form.get("language"), max_age=YEAR, httponly=True, samesite="strict")
    return answer


async def _page(visit: Visit, status: int, problem: str) -> Response:
    people = sorted(await visit.parts.people.people(visit.tenant_id), key=lambda person: person.name.casefold())
    return show(visit, "sign_in.html", status, people=people, back=local(visit.asked("back")), problem=problem)
