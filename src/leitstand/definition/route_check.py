"""May the data of a workflow go where its addresses are, and has somebody said where that is?"""

from collections.abc import Iterator

from leitstand.definition.documents import Report, key_of
from leitstand.definition.places import Place
from leitstand.domain.errors import translatable
from leitstand.domain.route import UNKNOWN_ZONE, Route, chain_routes, delivery_route, embedder_route, tool_route
from leitstand.domain.workflow import Workflow
from leitstand.domain.zone import ZONES, ZonePolicy


def check_routes(workflow: Workflow, policy: ZonePolicy, report: Report) -> None:
    """Add a problem for every way out that is closed; addresses that cannot be read are problems already."""
    for place, key, way in _ways(workflow, policy):
        zone = (*place, key)
        if way.refusal and way.refusal.template == UNKNOWN_ZONE:
            report.add(
                place,
                translatable("`{key}` is missing: nobody has said where {address} is."),
                translatable('Add `{name} = "..."` with one of: {known}.'),
                key=key_of(zone),
                address=way.origin or way.use,
                name=key,
                known=", ".join(ZONES),
            )
        elif way.zone and (why := way.refuses(workflow.data_class)):
            values = {**why.values, "data_class": workflow.data_class}
            allowed = [name for name in ZONES if name in policy.table.get(workflow.data_class, ())]
            repair = translatable("Zones for {data_class} data: {known}.")
            report.add(zone, why.template, repair, known=", ".join(allowed), **values)


def _ways(workflow: Workflow, policy: ZonePolicy) -> Iterator[tuple[Place, str, Route]]:
    """Each way with the table that names it and the key of its zone there."""
    for index, way in enumerate(chain_routes(workflow.draft, policy)):
        yield ("draft", "chain", index), "zone", way
    embedding = {("retrieval",): workflow.retrieval, ("draft", "cache", "semantic"): workflow.draft.cache.semantic}
    for place, named in embedding.items():
        if named and (embedder := embedder_route(named, policy)):
            yield place, "embedder_zone", embedder
    for index, tool in enumerate(workflow.tools):
        if tool.url:
            yield ("tools", index), "zone", tool_route(tool, policy)
    if workflow.delivery.url:
        yield ("delivery",), "zone", delivery_route(workflow.delivery, policy)
