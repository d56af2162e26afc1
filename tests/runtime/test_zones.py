"""Which zones see data of which class? Every class, every order of a chain, counted at real sockets."""

from contextlib import ExitStack, suppress
from itertools import permutations, product

import pytest

from leitstand.domain.address import origin_of
from leitstand.domain.drafting import Draft, Target
from leitstand.domain.errors import ProviderFailed
from leitstand.domain.route import chain_routes
from leitstand.domain.zone import ZonePolicy
from leitstand.runtime.egress import Egress
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.aiohttp import AiohttpTransport

ZONES = ("local", "sovereign_eu", "eu_hyperscaler", "third_country")
MAY = {
    "public": ZONES,
    "internal": ZONES[:3],
    "personal": ZONES[:2],
    "special": ZONES[:1],
    "secret": ZONES[:1],
    "x": (),
}


@pytest.mark.parametrize("data_class", MAY)
async def test_only_allowed_zones_see_a_byte_whatever_the_chain(data_class):
    transport = AiohttpTransport()
    with ExitStack() as stack:
        servers = {zone: stack.enter_context(FaultServer(faults.error(500))) for zone in ZONES}
        policy = ZonePolicy(addresses={origin_of(server.url): zone for zone, server in servers.items()})
        for weakest, order in product(("", *ZONES), permutations(ZONES)):
            before = {zone: len(server.requests) for zone, server in servers.items()}
            chain = tuple(Target(provider="openai_compatible", base_url=servers[zone].url) for zone in order)
            for target, way in zip(chain, chain_routes(Draft(chain=chain, weakest_zone=weakest), policy), strict=True):
                with suppress(ProviderFailed):  # as if no gate had asked before
                    outlet = Egress(transport, policy).to_model(way, data_class, "m")
                    await outlet.post(target.base_url, headers={}, body=b"{}", timeout=5)
            seen = {zone for zone, server in servers.items() if len(server.requests) > before[zone]}
            bound = ZONES[: ZONES.index(weakest or order[0]) + 1]
            assert seen == set(MAY[data_class]) & set(bound), (weakest, order)
    await transport.close()
