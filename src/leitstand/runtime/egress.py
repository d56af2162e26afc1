"""How does anything leave the house? Through a door that leads to one address and nowhere else.

Who may send something is given a door instead of the network: it opens to the scheme, host and port of its route, for
the data class of its workflow, to IP addresses that were looked up once, all of them checked, and then connected to as
they are: a name that leads elsewhere a moment later leads nobody there.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from leitstand.domain.address import AddressUnusable, Origin, origin_of
from leitstand.domain.errors import DeliveryFailed, ProviderFailed
from leitstand.domain.route import Route, route
from leitstand.domain.zone import ZonePolicy
from leitstand.http_reply import Reply, StreamedReply
from leitstand.ports import Transport

KEEP_SECONDS = 30.0
"""Addresses are looked up again after so long; names of services move slowly, and a look-up costs a thread."""

Resolve = Callable[[Origin], tuple[str, ...]]
"""The IP addresses of a host, in the order in which they are to be tried; blocking, raises ``OSError``."""


Ways = tuple[Transport, ...]


class EgressRefused(ConnectionRefusedError):
    """Something may not leave this way; asking again unchanged fails again."""


def resolve(origin: Origin) -> tuple[str, ...]:
    """What this machine's resolver says."""
    found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Door:
    """The one address that a route leads to, for data of one class.

    A route without an address leads nowhere when it is local, else to the first address that is asked for: that of the
    provider itself, whose code names it.
    """

    def __init__(
        self,
        way: Route,
        data_class: str,
        policy: ZonePolicy,
        resolve: Resolve,
    ) -> None:
        self._way = way
        self._policy = policy
        self._data_class = data_class
        self._resolve = resolve
        self._peers: tuple[str, ...] = ()
        self._until = 0.0

    def admit(self, url: str) -> None:
        """Raise ``EgressRefused`` unless ``url`` is behind this door and the data may go there."""
        if refusal := self._way.refuses(self._data_class):
            raise EgressRefused(str(refusal))
        try:
            origin = origin_of(url)
        except AddressUnusable as error:
            raise EgressRefused(f"The address cannot be used. {error.reason}") from None
        if self._way.origin is None and self._way.zone != "local":
            self._way = self._own_address(url)
        if origin != self._way.origin:
            raise EgressRefused(f"{origin} is not {self._way.origin}, the only address that {self._way.use} may reach.")

    def _own_address(self, url: str) -> Route:
        """The route of a provider that brings its own address along, as soon as it has named it."""
        found = route(self._way.use, url, self._way.zone, self._policy)
        if found.zone != self._way.zone:
            raise EgressRefused(f"{found.origin} is in the zone {found.zone}, and the target says {self._way.zone}.")
        if found.refusal:
            raise EgressRefused(str(found.refusal))
        return found

    @property
    def peers(self) -> tuple[str, ...]:
        """The checked IP addresses, empty when they have to be looked up."""
        return self._peers if time.monotonic() < self._until else ()

    def look_up(self) -> tuple[str, ...]:
        """Look up and check the IP addresses; blocking. Raises ``EgressRefused``, ``ConnectionError`` for no answer."""
        origin = self._way.origin
        if origin is None:
            raise EgressRefused(f"{self._way.use} names no address.")
        try:
            peers = origin.literals or self._resolve(origin)
        except (OSError, UnicodeError) as error:
            raise ConnectionError(f"the name cannot be resolved: {getattr(error, 'strerror', None) or error}") from None
        if refusal := self._way.refuses_peers(peers):
            raise EgressRefused(str(refusal))
        self._peers, self._until = peers, time.monotonic() + KEEP_SECONDS if not origin.literals else float("inf")
        return peers

    def open(self, url: str) -> tuple[str, ...]:
        """The IP addresses behind ``url``; blocking where they have to be looked up. Raises like ``look_up``."""
        self.admit(url)
        return self.peers or self.look_up()


class Outlet:
    """A ``Transport`` that leads through one door; what may not leave raises what ``refused`` makes of the reason."""

    def __init__(self, transport: Transport, door: Door, refused: Callable[[str], Exception] = EgressRefused) -> None:
        self._transport = transport
        self._door = door
        self._refused = refused
        self._ways: Ways = ()
        self._peers: tuple[str, ...] = ()

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float) -> Reply:
        """The reply; see ``Transport``."""
        ways, left = await self._opened(url, timeout)
        for way in ways[:-1]:
            with suppress(ConnectionRefusedError):
                return await way.post(url, headers=headers, body=body, timeout=left)
        return await ways[-1].post(url, headers=headers, body=body, timeout=left)

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str], body: bytes, timeout: float, silence: float
    ) -> AsyncIterator[StreamedReply]:
        """The reply as it comes; see ``Transport``."""
        ways, left = await self._opened(url, timeout)
        asked = [way.stream(url, headers=headers, body=body, timeout=left, silence=silence) for way in ways]
        async with AsyncExitStack() as stack:
            yield await _first_connected(stack, asked)

    def connecting_within(self, seconds: float) -> "Outlet":
        """The same with so much patience for connections."""
        return Outlet(self._transport.connecting_within(seconds), self._door, self._refused)

    def pinned(self, host: str, peer: str) -> Transport:
        """Not through a door: it pins by itself."""
        del peer
        raise self._refused(f"{host} is reached through its door only")

    async def close(self) -> None:
        """Nothing: the connections belong to the transport."""

    async def _opened(self, url: str, timeout: float) -> tuple[Ways, float]:
        """The ways to ``url``, one for each IP address, and the time that is left; raises what may not leave."""
        try:
            self._door.admit(url)
            if self._ways and self._door.peers is self._peers:
                return self._ways, timeout
            began = time.monotonic()
            async with asyncio.timeout(timeout):
                peers = self._door.peers or await asyncio.to_thread(self._door.look_up)
        except EgressRefused as withheld:
            raise self._refused(str(withheld)) from None
        except TimeoutError:
            raise TimeoutError(f"the name was not resolved within {timeout:g} s") from None
        host = origin_of(url).host
        self._ways = tuple(self._transport if host == peer else self._transport.pinned(host, peer) for peer in peers)
        self._peers = peers
        return self._ways, max(timeout - (time.monotonic() - began), 0.001)


async def _first_connected(
    stack: AsyncExitStack, asked: Sequence[AbstractAsyncContextManager[StreamedReply]]
) -> StreamedReply:
    for each in asked[:-1]:
        with suppress(ConnectionRefusedError):
            return await stack.enter_async_context(each)
    return await stack.enter_async_context(asked[-1])


@dataclass(frozen=True, slots=True)
class Egress:
    """All ways out of this process: one transport, what the operator says of zones, and who is asked for names."""

    transport: Transport
    policy: ZonePolicy
    resolve: Resolve = resolve

    def to_model(self, way: Route, data_class: str, provider: str) -> Outlet:
        """For a model provider: what may not leave is a failure of it that the chain does not repeat."""

        def refused(why: str) -> ProviderFailed:
            return ProviderFailed(kind="withheld", retryable=False, provider=provider, detail=why)

        return Outlet(self.transport, self.door(way, data_class), refused)

    def to_receiver(self, way: Route, data_class: str) -> Outlet:
        """For a deliverer: what may not leave is tried again, as the operator may allow it meanwhile."""

        def refused(why: str) -> DeliveryFailed:
            return DeliveryFailed(kind="withheld", receiver=way.origin or way.use, detail=why)

        return Outlet(self.transport, self.door(way, data_class), refused)

    def to_tool(self, way: Route, data_class: str) -> Outlet:
        """For an HTTP endpoint that a model may ask for."""
        return Outlet(self.transport, self.door(way, data_class))

    def door(self, way: Route, data_class: str) -> Door:
        """For whoever connects by itself, to the IP addresses that the door names."""
        return Door(way, data_class, self.policy, self.resolve)
