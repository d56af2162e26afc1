"""What is wrong with a workflow, and what is done about it? Its runbook, with the numbers of this moment."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from leitstand.runtime.runbook import Runbook, runbook
from leitstand.web.pages.drill import titled
from leitstand.web.pages.render import environment
from leitstand.web.pages.runbook_text import NO_GOLD, filled, scored, told
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import text_in
from leitstand.web.speech import Speech

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
body { overflow-wrap: anywhere }
section { border-top: 1px solid #8886; margin-top: 1.5rem }
dt { float: left; clear: left; margin-right: 2ch; opacity: .75 } dd { margin: 0 }
.quoted-text { white-space: pre-wrap }
"""
"""Of the page alone; without a character that HTML would escape."""


async def runbook_page(visit: Visit) -> Response:
    """The runbook; an alert leads to one of its steps by the anchor."""
    book = await runbook(visit.parts, visit.worker, visit.tenant_id, visit.request.path_params["workflow"])
    return show(visit, "runbook.html", linked=True, **_told(book, visit.say))


def page_alone(book: Runbook, say: Speech) -> str:
    """The same as a page that needs nothing but itself."""
    page = environment().get_template("runbook_file.html")
    return page.render(say=say, _=say, _n=say.plural, linked=False, style=STYLE, **_told(book, say)) + "\n"


def _told(book: Runbook, say: Speech) -> dict[str, Any]:
    return {
        "book": book,
        "title": text_in(book.workflow.title, say.language),
        "filled": lambda text: filled(text, book),
        "titled": lambda scenario: titled(scenario, say.language),
        "told": lambda numbers: told(numbers, say),
        "levels": scored(book, say),
        "no_gold": NO_GOLD,
    }


async def any_runbook(visit: Visit) -> Response:
    """The first workflow's runbook, for alerts about what all share: the browser keeps the anchor of the step."""
    active = visit.parts.installations.all_active(visit.tenant_id)
    return RedirectResponse(f"/runbook/{active[0].workflow.name}" if active else "/", status_code=303)
