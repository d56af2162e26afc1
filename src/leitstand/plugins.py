"""Which extensions are there, and where is the one with this name? Ours and a stranger's come through the same door."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, distributions

from leitstand.domain.errors import ExtensionMissing

GROUPS = (
    "stores",
    "readers",
    "schemas",
    "providers",
    "local_models",
    "transports",
    "embedders",
    "retrievers",
    "guardrails",
    "deliverers",
    "exporters",
)
"""Each is the entry-point group ``leitstand.<group>``."""


@cache
def _known(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in _installed() if point.group == f"leitstand.{group}"}


@cache
def _installed() -> tuple[EntryPoint, ...]:
    """Of all packages, read once instead of once a group; backwards, so that of two the first on the path counts."""
    return tuple(point for package in reversed([*distributions()]) for point in package.entry_points)


def names(group: str) -> tuple[str, ...]:
    """The names of all extensions of a group."""
    return tuple(sorted(_known(group)))


def find(group: str, name: str) -> Callable[..., object]:
    """What makes the extension ``name``: loaded now, not before; raises ``ExtensionMissing``."""
    try:
        point = _known(group)[name]
    except KeyError:
        way_out = f"Known: {', '.join(names(group)) or 'none'}."
        raise ExtensionMissing(group=group, name=name, way_out=way_out) from None
    try:
        made: Callable[..., object] = point.load()
    except ImportError as error:
        way_out = f"Install what it needs: {error}"
        raise ExtensionMissing(group=group, name=name, way_out=way_out) from error
    return made
