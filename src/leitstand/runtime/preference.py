"""Which target of a chain comes first: as listed, the cheapest, the quickest, or the best on the gold cases?"""

from leitstand.domain.breaker import Place
from leitstand.domain.model_chain import ordered
from leitstand.domain.price import Usage
from leitstand.runtime.gold import levels_of
from leitstand.runtime.run_case import Run

TYPICAL = Usage(input_tokens=3_000, output_tokens=500)
"""A grounded answer: what it costs is what prices are compared by."""


async def preferred(run: Run) -> tuple[int, ...]:
    """The targets of the case's chain, the preferred one first."""
    match run.installed.workflow.draft.order:
        case "cost":
            return ordered(_costs(run))
        case "latency":
            return ordered(_durations(run))
        case "quality":
            return ordered(await _lacks(run))
        case _:
            return tuple(range(len(run.installed.workflow.draft.chain)))


def _costs(run: Run) -> tuple[float | None, ...]:
    """What a typical call of each target costs; amounts of several currencies cannot be compared and are unknown."""
    costs = [terms.price.cost(TYPICAL) if terms.price else None for terms in run.installed.terms]
    currencies = {cost.currency for cost in costs if cost and cost.nanos}
    if len(currencies) > 1:
        return (None,) * len(costs)
    return tuple(cost.nanos if cost else None for cost in costs)


def _durations(run: Run) -> tuple[float | None, ...]:
    """How long the answers of each target took lately in this process."""
    breakers, tenant = run.parts.breakers, run.case.tenant_id
    places = (Place(tenant, each.provider, each.model, each.base_url) for each in run.installed.workflow.draft.chain)
    return tuple(breakers.usual_duration(place) if breakers else None for place in places)


async def _lacks(run: Run) -> tuple[float | None, ...]:
    """What each target lacks to a perfect score on the gold cases; only the release's own scores count."""
    case, chain = run.case, run.installed.workflow.draft.chain
    report = await run.parts.reports.newest(case.tenant_id, case.workflow, "gold", case.release_digest)
    lacks = {level.place: 1 - level.passed / level.n for level in levels_of(report) if level.n}
    return tuple(lacks.get(target) for target in range(len(chain)))
