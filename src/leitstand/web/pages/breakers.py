"""Which models of a workflow are left alone right now, why, and until when?"""

from leitstand.domain.breaker import Breaker, Place, State
from leitstand.domain.errors import translatable
from leitstand.domain.workflow import Workflow
from leitstand.runtime.breakers import Breakers
from leitstand.web.speech import Speech

CAUSES = {
    "failures": translatable("{model} fails too often; it is tried again in {span}"),
    "slowness": translatable("{model} is too slow; it is tried again in {span}"),
}


def left_alone(breakers: Breakers | None, tenant_id: str, workflow: Workflow, say: Speech, now: int) -> tuple[str, ...]:
    """A sentence for each model of the chain whose breaker is not closed."""
    states = breakers.states if breakers else {}
    lines = []
    for target in workflow.draft.chain:
        place = Place(tenant_id, target.provider, target.model, target.base_url)
        breaker = states.get(place, Breaker())
        if breaker.state is not State.CLOSED:
            model, span = target.name, say.duration(max(0, breaker.until - now))
            lines.append(say(CAUSES.get(breaker.cause, CAUSES["failures"]), model=model, span=span))
    return tuple(lines)
