"""Which hosts may a transport reach, and at which IP address each?"""

from collections.abc import Callable
from typing import Generic, TypeVar

from leitstand.domain.address import AddressUnusable, origin_of
from leitstand.ports import Transport

T = TypeVar("T", bound=Transport)

MOST = 256
"""Pairs of host and IP address; what was pinned first goes first, which a service that moves on for years may need."""


class Pins(Generic[T]):
    """The pinned transports of one transport, shared by all who want the same one."""

    def __init__(self, make: Callable[[str, str], T]) -> None:
        self._make = make
        self._made: dict[tuple[str, str], T] = {}

    def of(self, host: str, peer: str) -> T:
        """The transport that reaches ``host`` at the IP address ``peer``."""
        pinned = self._made.get((host, peer))
        if pinned is None:
            if len(self._made) == MOST:
                del self._made[next(iter(self._made))]
            pinned = self._made[host, peer] = self._make(host, peer)
        return pinned

    async def close(self) -> None:
        """Close all of them."""
        for pinned in tuple(self._made.values()):
            await pinned.close()


def refuse_others(url: str, host: str) -> None:
    """Raise ``ConnectionRefusedError`` unless ``url`` names ``host`` or is an IP address: nothing is looked up."""
    try:
        origin = origin_of(url)
    except AddressUnusable as error:
        raise ConnectionRefusedError(f"the address cannot be used: {error.reason}") from None
    if origin.host != host and origin.literals != (origin.host,):
        raise ConnectionRefusedError("the host is a name that nobody has looked up and checked")
