"""What is wrong with a workflow, and what is done about it? Its runbook, with the numbers of this moment."""

from starlette.responses import Response

from leitstand.runtime.runbook import runbook
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import text_in
from leitstand.web.runbook_text import NO_GOLD, filled, levels, scenarios, share


async def runbook_page(visit: Visit) -> Response:
    """The runbook; an alert leads to one of its steps by the anchor."""
    book = await runbook(visit.parts, visit.worker, visit.tenant_id, visit.request.path_params["workflow"])
    return show(
        visit,
        "runbook.html",
        book=book,
        title=text_in(book.workflow.title, visit.say.language),
        filled=lambda text: filled(text, book),
        scenarios=scenarios(book.drill),
        levels=[(name, n, share(passed, n, visit.say)) for name, n, passed in levels(book.gold)],
        no_gold=NO_GOLD,
    )
