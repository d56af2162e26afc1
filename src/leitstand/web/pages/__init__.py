"""Which pages are there, and at which addresses?"""

from starlette.routing import BaseRoute, Route

from leitstand.web.pages import assets, cases, control_room, drill, inbox, review, runbook, sign_in, stops, trail
from leitstand.web.pages.visit import page


def routes() -> list[BaseRoute]:
    """The routes of all pages; handlers find their parts at ``request.app.state.leitstand``."""
    return [
        Route("/", page(control_room.control_room)),
        Route("/inbox", page(inbox.inbox)),
        Route("/inbox/news", page(inbox.news)),
        Route("/review", page(review.play)),
        Route("/review/{case_id}", page(review.review), methods=["GET"]),
        Route("/review/{case_id}", page(review.decide), methods=["POST"]),
        Route("/review/{case_id}/case", page(review.fragment)),
        Route("/cases", page(cases.cases)),
        Route("/cases/{case_id}", page(trail.trail)),
        Route("/runbook", page(runbook.any_runbook)),
        Route("/runbook/{workflow}", page(runbook.runbook_page)),
        Route("/drill/{workflow}", page(drill.drill_page)),
        Route("/stops", page(stops.stops), methods=["GET"]),
        Route("/stops", page(stops.begin), methods=["POST"]),
        Route("/stops/{stop_id}/restart", page(stops.restart), methods=["POST"]),
        Route("/sign-in", page(sign_in.choose), methods=["GET"]),
        Route("/sign-in", page(sign_in.sign_in), methods=["POST"]),
        Route("/sign-out", page(sign_in.sign_out), methods=["POST"]),
        Route("/language", page(sign_in.language), methods=["POST"]),
        Route("/static/{digest}/{path:path}", assets.serve),
    ]
