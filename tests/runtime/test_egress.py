"""Does anything reach an address that it may not, however the address is written and wherever its name leads?"""

import time
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio

from leitstand.domain.address import AddressUnusable, Origin, origin_of
from leitstand.domain.errors import DeliveryFailed, ProviderFailed
from leitstand.domain.route import route
from leitstand.domain.zone import ZonePolicy
from leitstand.runtime import egress
from leitstand.runtime.egress import Egress, EgressRefused, Outlet
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer
from leitstand.transports.aiohttp import AiohttpTransport

FORMS = tomllib.loads((Path(__file__).parents[1] / "data" / "egress" / "forms.toml").read_text())
WRITTEN = [url for urls in FORMS["written"].values() for url in urls]
LITERAL = [url for urls in FORMS["literal"].values() for url in urls]
PEERS = [tuple(peers) for each in FORMS["peers"].values() for peers in each]
NAME = "http://api.example.com"


@pytest_asyncio.fixture
async def transport():
    made = AiohttpTransport()
    yield made
    await made.close()


def outlet(transport, url: str, zone: str, peers: tuple[str, ...] = (), **named: str) -> Outlet:
    """A way to ``url`` for public data; the resolver says ``peers``, the operator what ``named`` says."""
    policy = ZonePolicy(addresses={origin_of(address): said for address, said in named.items()})
    way = route("test", url, zone, policy)
    return Outlet(transport, Egress(transport, policy, lambda _: peers).door(way, "public"))


async def post(way: Outlet, url: str) -> int:
    return (await way.post(url, headers={}, body=b"{}", timeout=5)).status


def test_the_corpus_is_as_large_as_it_has_to_be():
    assert len({*WRITTEN, *LITERAL}) + len(PEERS) >= 100


@pytest.mark.parametrize("url", WRITTEN)
async def test_what_has_a_second_reading_is_no_address(transport, url):
    with pytest.raises(AddressUnusable):
        origin_of(url)
    with pytest.raises(ConnectionError):
        await transport.post(url, headers={}, body=b"{}", timeout=5)
    for claimed in ("local", "third_country"):
        with pytest.raises(EgressRefused):
            await post(outlet(transport, url, claimed), url)


@pytest.mark.parametrize("zone", ["local", "sovereign_eu", "third_country"])
@pytest.mark.parametrize("url", LITERAL)
def test_no_zone_makes_a_forbidden_address_reachable(url, zone):
    for policy in (ZonePolicy(), ZonePolicy(addresses={origin_of(url): zone})):
        assert route("test", url, zone, policy).refuses("public")


@pytest.mark.parametrize("peers", PEERS, ids=str)
async def test_a_name_leads_into_no_network_that_its_zone_is_not(transport, peers):
    for url in (NAME, "http://127.0.0.1.nip.io", "http://metadata.google.internal"):
        with pytest.raises(EgressRefused):
            await post(outlet(transport, url, "third_country", peers), url)


@pytest.mark.parametrize("url", FORMS["reached"]["urls"])
def test_addresses_as_they_should_be_are_read(url):
    assert not route("test", url, "third_country", ZonePolicy()).refuses("public")


@pytest.mark.parametrize("peers", FORMS["reached"]["peers"], ids=str)
def test_public_peers_are_reached(peers):
    assert not route("test", NAME, "sovereign_eu", ZonePolicy()).refuses_peers(peers)
    assert route("test", NAME, "local", ZonePolicy()).refuses_peers(peers), "a public address is nobody's house"


async def test_a_local_name_leads_to_this_house_and_nowhere_else(transport):
    with FaultServer(faults.good("x")) as server:
        url = f"http://llm.invalid:{server.port}/v1"
        assert await post(outlet(transport, url, "local", ("127.0.0.1",)), url) == 200
        assert server.requests[0].headers["host"] == f"llm.invalid:{server.port}"
        with pytest.raises(EgressRefused):
            await post(outlet(transport, url, "local", ("127.0.0.1", "8.8.8.8")), url)
        assert len(server.requests) == 1


async def test_who_asks_connects_to_what_was_checked_though_the_name_leads_elsewhere_now(transport, monkeypatch):
    """The first look-up is good, every later one leads into the house: it is refused, and nobody was led there."""
    with FaultServer(faults.good("checked")) as good, FaultServer(faults.good("house")) as house:
        url = f"http://rebound.invalid:{good.port}/"
        said = iter([("127.0.0.1",), ("169.254.169.254",), ("10.0.0.1",)])
        policy = ZonePolicy(addresses={origin_of(url): "third_country"})
        way = route("test", url, "", policy)
        outlet = Outlet(transport, Egress(transport, policy, lambda _: next(said)).door(way, "public"))
        assert [await post(outlet, url) for _ in range(3)] == [200] * 3
        monkeypatch.setattr(egress, "KEEP_SECONDS", 0.0)
        later = time.monotonic() + 31
        monkeypatch.setattr(egress, "time", SimpleNamespace(monotonic=lambda: later))
        with pytest.raises(EgressRefused):
            await post(outlet, url)
        assert (len(good.requests), len(house.requests)) == (3, 0)


async def test_the_next_address_of_a_name_is_tried(transport):
    with FaultServer(faults.good("x")) as server:
        url = f"http://two.invalid:{server.port}/"
        way = outlet(transport, url, "local", ("127.0.0.9", "127.0.0.1"))
        assert await post(way, url) == 200
        async with way.stream(url, headers={}, body=b"{}", timeout=5, silence=5) as reply:
            assert reply.status == 200


async def test_a_door_leads_to_one_scheme_host_and_port(transport):
    with FaultServer(faults.good("x")) as server, FaultServer(faults.good("other")) as other:
        way = outlet(transport, server.url, "")
        assert await post(way, server.url + "/any/path?x=1") == 200
        for url in (
            other.url,
            f"https://127.0.0.1:{server.port}",
            f"http://localhost:{server.port}",
            "http://a.invalid",
        ):
            with pytest.raises(EgressRefused):
                await post(way, url)
        assert (len(server.requests), len(other.requests)) == (1, 0)


async def test_a_redirect_is_not_followed(transport):
    with FaultServer(faults.good("metadata")) as inner, FaultServer(faults.redirect(inner.url)) as server:
        assert await post(outlet(transport, server.url, ""), server.url) == 307
        assert not inner.requests


async def test_a_transport_by_itself_looks_up_no_name(transport):
    with FaultServer(faults.good("x")) as server:
        for host in ("localhost", "localhost.localdomain", "name.invalid"):
            with pytest.raises(ConnectionError):
                await transport.post(f"http://{host}:{server.port}/", headers={}, body=b"{}", timeout=5)
        pinned = transport.pinned("name.invalid", "127.0.0.1")
        with pytest.raises(ConnectionError):
            await pinned.post(f"http://other.invalid:{server.port}/", headers={}, body=b"{}", timeout=5)
        assert not server.requests


async def test_a_refusal_is_a_failure_that_fits_whoever_asked(transport):
    ways = Egress(transport, ZonePolicy())
    way = route("draft.chain[1]", NAME, "third_country", ZonePolicy())
    with pytest.raises(ProviderFailed, match="personal data may not go to the zone third_country") as failed:
        await post(ways.to_model(way, "personal", "m"), NAME)
    assert (failed.value.kind, failed.value.retryable) == ("withheld", False)
    with pytest.raises(DeliveryFailed) as missed:
        await post(ways.to_receiver(way, "personal"), NAME)
    assert (missed.value.retryable, missed.value.kind) == (True, "withheld")


async def test_a_provider_with_an_address_of_its_own_gets_a_door_to_that_one(transport):
    with FaultServer(faults.good("x")) as server, FaultServer(faults.good("other")) as other:
        way = route("draft.chain[1]", "", "third_country", ZonePolicy())
        outlet = Egress(transport, ZonePolicy()).to_model(way, "public", "m")
        assert await post(outlet, server.url) == 200
        with pytest.raises(ProviderFailed):
            await post(outlet, other.url)
        register = ZonePolicy(addresses={origin_of(server.url): "eu_hyperscaler"})
        with pytest.raises(ProviderFailed, match="is in the zone eu_hyperscaler"):
            await post(Egress(transport, register).to_model(way, "public", "m"), server.url)
        local = route("draft.chain[1]", "", "local", ZonePolicy())
        with pytest.raises(ProviderFailed):
            await post(Egress(transport, ZonePolicy()).to_model(local, "public", "m"), server.url)


def test_this_machines_resolver_is_asked():
    origin = Origin(scheme="http", host="localhost", port=80)
    assert set(egress.resolve(origin)) & {"127.0.0.1", "::1"}
