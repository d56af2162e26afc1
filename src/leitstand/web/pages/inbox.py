"""What waits for me?"""

from collections.abc import Sequence

from starlette.responses import Response

from leitstand.domain.errors import translatable
from leitstand.web.pages.queues import Count, Queue, counts, queue_of, rows, waiting
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import STATUS_GLYPHS, STATUSES

SHOWN = 100
QUEUE_NAMES = {"review": translatable("to review"), "escalated": STATUSES["escalated"]}


async def inbox(visit: Visit) -> Response:
    """The list of waiting cases with the counts of all queues."""
    queue = queue_of(visit)
    listed = await waiting(visit, queue, SHOWN)
    found = await counts(visit)
    return show(
        visit,
        "inbox.html",
        queue=queue,
        rows=await rows(visit, listed),
        tabs=_tabs(visit, queue, found),
        total=_total(found, queue),
        statuses=STATUSES,
        glyphs=STATUS_GLYPHS,
    )


async def news(visit: Visit) -> Response:
    """How many cases came since the list was shown: offered above it, never moved under the cursor."""
    queue = queue_of(visit)
    total = _total(await counts(visit), queue)
    seen = int(visit.asked("seen", "0")) if visit.asked("seen", "0").isdigit() else 0
    return show(visit, "inbox_news.html", queue=queue, seen=seen, total=total)


def _total(found: Sequence[Count], queue: Queue) -> int:
    return sum(
        count.waiting
        for count in found
        if queue.name in ("", count.queue.name) and queue.workflow in ("", count.queue.workflow)
    )


def _tabs(visit: Visit, chosen: Queue, found: Sequence[Count]) -> list[tuple[Queue, str, int, bool]]:
    """Everything, then the queues that hold something: queue, name, count, chosen."""
    tabs = [(Queue(), visit.say("All"), _total(found, Queue()))]
    several = len({count.queue.workflow for count in found}) > 1
    for count in found:
        name = visit.say(QUEUE_NAMES[count.queue.name])
        if count.waiting or count.queue == chosen or not several:
            tabs.append((count.queue, f"{count.title}: {name}" if several else name, count.waiting))
    return [(queue, name, number, queue == chosen) for queue, name, number in tabs]
