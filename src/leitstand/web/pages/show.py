"""How is a page shown to a visitor?"""

from starlette.responses import HTMLResponse

from leitstand.web.pages.render import respond
from leitstand.web.pages.visit import Visit


def show(visit: Visit, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page or a fragment for this visit."""
    stopped = visit.parts.stops.concerning(visit.tenant_id)
    return respond(
        visit.request,
        visit.say,
        template,
        status,
        visit=visit,
        person=visit.person,
        now=visit.now,
        stopped=stopped,
        **values,
    )
