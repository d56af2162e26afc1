"""Where does a workflow send what belongs to a case, and may it?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leitstand.domain.address import AddressUnusable, Origin, origin_of
from leitstand.domain.caching import Semantic
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.phrases import Phrase, translatable
from leitstand.domain.policy import Delivery
from leitstand.domain.tool import Tool
from leitstand.domain.workflow import Retrieval, Workflow
from leitstand.domain.zone import IN_PROCESS, ZonePolicy, is_weaker, peer_refusal

UNKNOWN_ZONE = translatable("Nobody has said in which zone it is.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One way out of a workflow.

    ``use`` is its key in ``workflow.toml``; ``origin`` is None for what stays in the process; ``zone`` is ``""`` when
    nobody has said it, or nobody can read the address; ``classes`` may go there; ``refusal`` is why nothing may,
    whatever its class. ``named`` says that the operator has named the address, ``policy`` is the digest of the
    operator's file.
    """

    use: str
    origin: Origin | None
    zone: str
    classes: frozenset[str]
    refusal: Phrase | None = None
    named: bool = False
    policy: str = ""

    def refuses(self, data_class: str) -> Phrase | None:
        """Why data of that class may not go this way; None when it may."""
        if self.refusal or data_class in self.classes:
            return self.refusal
        return Phrase(
            translatable("{data_class} data may not go to the zone {zone}."), data_class=data_class, zone=self.zone
        )

    def refuses_peers(self, peers: Sequence[str]) -> Phrase | None:
        """Why nobody may connect to these IP addresses of the host; None when it may be any of them."""
        if self.origin is None:
            return Phrase(translatable("It names no address."))
        return peer_refusal(self.origin, self.zone, peers, named=self.named)


def route(use: str, address: str, claimed: str, policy: ZonePolicy) -> Route:
    """The way to an address in the zone that the workflow claims for it; without an address, nobody is asked."""
    try:
        origin = origin_of(address) if address else None
    except AddressUnusable as error:
        return Route(use=use, origin=None, zone="", classes=frozenset(), refusal=Phrase(error.reason))
    zone = policy.zone_of(origin, claimed) if origin else claimed
    refusal = None if zone else Phrase(UNKNOWN_ZONE)
    named = origin in policy.addresses
    if origin and origin.literals:
        refusal = refusal or peer_refusal(origin, zone, origin.literals, named=named)
    return Route(
        use=use,
        origin=origin,
        zone=zone,
        classes=policy.classes_for(zone),
        refusal=refusal,
        named=named,
        policy=policy.digest,
    )


def target_route(use: str, target: Target, policy: ZonePolicy) -> Route:
    """The way to one model, whatever the chain around it may use."""
    if target.provider in IN_PROCESS and not target.base_url:
        return route(use, "", "local", policy)
    return route(use, target.base_url, target.zone, policy)


def chain_routes(draft: Draft, policy: ZonePolicy) -> tuple[Route, ...]:
    """The ways to the models of the chain, in its order.

    None leads to a weaker zone than the chain may use: that of its first target unless ``weakest_zone`` names one. So
    no fallback does, in whatever order the targets are tried.
    """
    ways = [target_route(f"draft.chain[{number}]", target, policy) for number, target in enumerate(draft.chain, 1)]
    weakest = draft.weakest_zone or ways[0].zone
    return tuple(_bounded(way, weakest) for way in ways)


def _bounded(way: Route, weakest: str) -> Route:
    if way.refusal or not is_weaker(way.zone, weakest):
        return way
    template = translatable(
        "The zone {zone} is weaker than {weakest}, the weakest that the chain may use. If that is meant, set "
        '`draft.weakest_zone = "{zone}"`.'
    )
    return replace(way, refusal=Phrase(template, zone=way.zone, weakest=weakest))


def embedder_route(retrieval: Retrieval | Semantic, policy: ZonePolicy) -> Route | None:
    """The way to the embedder, which is sent what cases ask; None for one that computes in this process."""
    address = str(retrieval.embedder_options.get("base_url", ""))
    return route("embedder_options.base_url", address, retrieval.embedder_zone, policy) if address else None


def delivery_route(delivery: Delivery, policy: ZonePolicy) -> Route:
    """The way to the receiver of accepted outputs."""
    return route("delivery.url", delivery.url, delivery.zone if delivery.url else "local", policy)


def tool_route(tool: Tool, policy: ZonePolicy) -> Route:
    """The way to a tool, which is sent what the model says; a function stays in this process."""
    return route(f"tools.{tool.name}", tool.url, tool.zone if tool.url else "local", policy)


def routes(workflow: Workflow, policy: ZonePolicy) -> Iterator[Route]:
    """All ways out of a workflow, those to its models first."""
    yield from chain_routes(workflow.draft, policy)
    for embedding in (workflow.retrieval, workflow.draft.cache.semantic):
        if embedding and (way := embedder_route(embedding, policy)):
            yield way
    yield from (tool_route(tool, policy) for tool in workflow.tools if tool.url)
    if workflow.delivery.url:
        yield delivery_route(workflow.delivery, policy)
