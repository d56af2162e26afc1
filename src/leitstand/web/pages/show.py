"""How is a page shown to a visitor?"""

from starlette.responses import HTMLResponse

from leitstand.web.pages.render import respond
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import text_in, what_of


def show(visit: Visit, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page or a fragment for this visit."""
    stops = visit.parts.stops.concerning(visit.tenant_id)
    titles = titles_of(visit) if stops else {}
    return respond(
        visit.request,
        visit.say,
        template,
        status,
        visit=visit,
        person=visit.person,
        now=visit.now,
        stopped=[(what_of(stop, visit.say, titles), stop.reason) for stop in stops],
        **values,
    )


def titles_of(visit: Visit) -> dict[str, str]:
    """The titles of the active workflows by name."""
    active = visit.parts.installations.all_active(visit.tenant_id)
    return {item.workflow.name: text_in(item.workflow.title, visit.say.language) for item in active}
