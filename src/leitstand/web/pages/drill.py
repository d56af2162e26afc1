"""What did the newest drill of a workflow show: what struck, what held, and which protections are proved?"""

from starlette.responses import Response

from leitstand.runtime.drilled import Scenario, drill_of
from leitstand.runtime.runbook import found
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import text_in


async def drill_page(visit: Visit) -> Response:
    """The newest kept report; says so when there is none."""
    name = visit.request.path_params["workflow"]
    installed = visit.parts.installations.active(visit.tenant_id, name)
    report = await visit.parts.reports.newest(visit.tenant_id, name, "drill")
    drilled = drill_of(report)
    return show(
        visit,
        "drill.html",
        name=name,
        title=text_in(installed.workflow.title, visit.say.language),
        drill=drilled,
        found=found(report, installed.digest),
        options=f"--suite {drilled.suite} --seed {drilled.seed} --store {drilled.store}" if drilled else "",
        passed=sum(scenario.status == "passed" for scenario in drilled.scenarios) if drilled else 0,
        caught=sum(proof.caught for proof in drilled.mutations) if drilled else 0,
        titled=lambda scenario: titled(scenario, visit.say.language),
        shown=lambda measured: visit.say.percent(None) if measured is None else f"{measured:.4g}",
    )


def titled(scenario: Scenario, language: str) -> str:
    """What a scenario is called."""
    return text_in(scenario.titles, language) or scenario.id
