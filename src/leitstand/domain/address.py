"""Which host and port does an address name, and of what kind is the network behind it?

An address is read here as strictly as possible, so that no client can read it differently: what has a second reading
(``http://127.1``, ``http://2130706433``, ``http://user@host``, a host in Unicode) is no address.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from leitstand.domain.phrases import translatable

HERE = ("127.0.0.1", "::1")
"""What ``localhost`` is: nobody is asked."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(https?)://([^/?#]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Network(StrEnum):
    """Who is behind an IP address."""

    LOOPBACK = "loopback"
    PRIVATE = "private"
    PUBLIC = "public"
    FORBIDDEN = "forbidden"
    """Nobody that a workflow may talk to: link-local, metadata services, multicast, translated, reserved."""


class AddressUnusable(ValueError):
    """An address with more than one reading, or none; ``reason`` is a translatable sentence without the address."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Scheme, host in lower case (an IP address in its shortest form, without brackets) and port."""

    scheme: str
    host: str
    port: int

    @property
    def literals(self) -> tuple[str, ...]:
        """The IP addresses that the host names by itself; empty for a name that has to be looked up."""
        if self.host == "localhost":
            return HERE
        return (self.host,) if ":" in self.host or _NUMBER.fullmatch(self.host.rpartition(".")[2]) else ()

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


@lru_cache(maxsize=1024)
def origin_of(url: str) -> Origin:
    """Where a request to ``url`` goes; raises ``AddressUnusable``."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressUnusable(
            translatable(
                "Write it in ASCII without spaces and backslashes, a name such as müller.de as xn--mller-kva.de."
            )
        )
    parts = _PARTS.fullmatch(url)
    if parts is None:
        raise AddressUnusable(translatable("Begin it with http:// or https:// and a host."))
    scheme, authority = parts[1].lower(), parts[2]
    if "@" in authority:
        raise AddressUnusable(translatable("Leave out user and password; a key belongs into `api_key_env`."))
    named = _AUTHORITY.fullmatch(authority)
    port = int(named[2] or _DEFAULT_PORTS[scheme]) if named else 0
    if named is None or port > 65_535:
        raise AddressUnusable(translatable("Write the host as a name or an IP address, and a port of at most 65535."))
    return Origin(scheme=scheme, host=_host(named[1].lower()), port=port)


def _host(written: str) -> str:
    if written.startswith("["):
        return _literal(written[1:-1], IPv6Address)
    *_, last = labels = written.split(".")
    if _NUMBER.fullmatch(last):
        return _literal(written, IPv4Address)
    if len(written) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressUnusable(translatable("Write the host's name with letters, digits and - between single dots."))
    return written


def _literal(written: str, kind: type[IPv4Address] | type[IPv6Address]) -> str:
    try:
        return str(kind(written))
    except ValueError:
        raise AddressUnusable(
            translatable("Write an IP address in its usual form, as 192.0.2.1 or [2001:db8::1]; no other form is read.")
        ) from None


_NETWORKS = tuple(
    (ip_network(written), network)
    for network, together in (
        (
            Network.FORBIDDEN,
            # The metadata services of clouds that hide inside private or public networks come first.
            (
                "100.100.100.200/32 168.63.129.16/32 fd00:ec2::254/128 fd20:ce::254/128 "
                "0.0.0.0/8 169.254.0.0/16 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 "
                "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
            ),
        ),
        (Network.LOOPBACK, "127.0.0.0/8 ::1/128"),
        (Network.PRIVATE, "10.0.0.0/8 100.64.0.0/10 172.16.0.0/12 192.168.0.0/16 fc00::/7"),
        (Network.PUBLIC, "0.0.0.0/0 2000::/3"),
    )
    for written in together.split()
)
"""The first that holds an address says what it is; what none holds is forbidden.

From the special-purpose registries of IANA (RFC 6890) and, for shared address space, RFC 6598.
"""

_EMBEDDING = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
"""IPv6 addresses that lead to an IPv4 address, their last 32 bits: mapped (RFC 4291), NAT64 (RFC 6052)."""


@lru_cache(maxsize=4096)
def network_of(address: str) -> Network:
    """Who is behind an IP address; an IPv4 address inside an IPv6 one must be public."""
    ip = ip_address(address)
    if any(ip in network for network in _EMBEDDING):
        inner = network_of(str(IPv4Address(int(ip) & 0xFFFF_FFFF)))
        return inner if inner is Network.PUBLIC else Network.FORBIDDEN
    return next((kind for network, kind in _NETWORKS if ip in network), Network.FORBIDDEN)
