"""Into which zone may which data go? A table, and what the operator says of it; what neither names is denied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from leitstand.domain.address import Network, Origin, network_of
from leitstand.domain.phrases import Phrase, translatable

Zone = Literal["local", "sovereign_eu", "eu_hyperscaler", "third_country"]
DataClass = Literal["public", "internal", "personal", "special", "secret"]

ClaimedZone = Literal["", "local", "sovereign_eu", "eu_hyperscaler", "third_country"]
"""What a workflow says of an address; ``""`` says nothing."""

ZONES: tuple[Zone, ...] = ("local", "sovereign_eu", "eu_hyperscaler", "third_country")
"""The strongest first: this house, EU law alone, an EU region of a company under foreign law, everywhere else."""

DEFAULT_TABLE: Mapping[str, frozenset[str]] = {
    "public": frozenset(ZONES),
    "internal": frozenset(ZONES[:3]),
    "personal": frozenset(ZONES[:2]),
    "special": frozenset(ZONES[:1]),
    "secret": frozenset(ZONES[:1]),
}
"""Data class to the zones that it may go to; what stands nowhere may go nowhere."""

IN_PROCESS = ("extractive", "scripted", "template")
"""Providers that ask nobody: they are local, whatever a target says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ZonePolicy:
    """What holds in this process: the table, and the zones of addresses that the operator has named.

    The operator's word counts more than a workflow's. ``digest`` names the operator's file, empty without one.
    """

    table: Mapping[str, frozenset[str]] = field(default_factory=lambda: DEFAULT_TABLE)
    addresses: Mapping[Origin, str] = field(default_factory=dict)
    digest: str = ""

    def classes_for(self, zone: str) -> frozenset[str]:
        """The data classes that may go to a zone; none to an unknown one."""
        return frozenset(name for name, zones in self.table.items() if zone in zones)

    def zone_of(self, origin: Origin, claimed: str) -> str:
        """The zone behind an address, ``""`` when nobody has said; this machine is local unless somebody has."""
        here = all(network_of(ip) is Network.LOOPBACK for ip in origin.literals) if origin.literals else False
        return self.addresses.get(origin) or claimed or ("local" if here else "")


def is_weaker(zone: str, than: str) -> bool:
    """Whether data is less safe in ``zone``; an unknown zone is weaker than any."""
    order: Sequence[str] = (*ZONES, "")
    return order.index(zone) > order.index(than) if zone in order and than in order else zone != than


def peer_refusal(origin: Origin, zone: str, peers: Sequence[str], *, named: bool) -> Phrase | None:
    """Why nobody may connect to these addresses of a host; None when it may be any of them.

    One wrong address among many refuses all. A name leads to private addresses only where it is local, or where the
    operator has ``named`` it: else whoever owns the name could point it at this house.
    """
    if not peers:
        return Phrase(translatable("{host} has no address."), host=origin.host)
    for peer in peers:
        network = network_of(peer)
        if network is Network.FORBIDDEN:
            return Phrase(
                translatable("{host} leads to {peer}, where nothing may be sent: link-local, metadata or reserved."),
                host=origin.host,
                peer=peer,
            )
        if zone == "local" and network is Network.PUBLIC and not named:
            return Phrase(
                translatable("{host} leads to {peer}, a public address, and its zone is `local`. Name its true zone."),
                host=origin.host,
                peer=peer,
            )
        if zone != "local" and network is not Network.PUBLIC and not (named or origin.literals):
            return Phrase(
                translatable(
                    "{host} leads to {peer}, a private address, and its zone is `{zone}`. If that is meant, the "
                    "operator names the address in the file of LEITSTAND_ZONES."
                ),
                host=origin.host,
                peer=peer,
                zone=zone,
            )
    return None
