"""What has the operator said of zones: which data may go where, and where an address is?"""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from leitstand.domain.address import AddressUnusable, Origin, origin_of
from leitstand.domain.errors import Phrase, SettingInvalid, translatable
from leitstand.domain.zone import DEFAULT_TABLE, ZONES, DataClass, ZonePolicy

SETTING = "LEITSTAND_ZONES"
CLASSES: tuple[str, ...] = get_args(DataClass)
TABLES = ("allow", "addresses")


def read_zones(path: Path) -> ZonePolicy:
    """What holds with the operator's file at ``path``, or without one: ``Path()``.

    ``[allow]`` replaces a row of the table that ships: data class to zones. ``[addresses]`` names the zone of an
    address: scheme, host and port. Raises ``SettingInvalid`` for a file that says anything else.
    """
    if path == Path():
        return ZonePolicy()
    try:
        content = path.read_bytes()
        said = tomllib.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise _unusable(path, translatable("It cannot be read: {detail}."), detail=detail) from error
    for name, value in said.items():
        if name not in TABLES or not isinstance(value, dict):
            way_out = translatable("`{name}` is no table of this file; its tables are [allow] and [addresses].")
            raise _unusable(path, way_out, name=name)
    return ZonePolicy(
        table={**DEFAULT_TABLE, **_rows(path, said.get("allow", {}))},
        addresses=_addresses(path, said.get("addresses", {})),
        digest=hashlib.sha256(content).hexdigest()[:16],
    )


def _rows(path: Path, allow: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    for data_class, zones in allow.items():
        if data_class not in CLASSES:
            way_out = translatable("[allow] names the data class {name}, which is none. Use one of: {known}.")
            raise _unusable(path, way_out, name=data_class, known=", ".join(CLASSES))
        if not isinstance(zones, list) or not set(map(str, zones)) <= set(ZONES):
            way_out = translatable("[allow] needs a list of zones for {name}. Zones: {known}.")
            raise _unusable(path, way_out, name=data_class, known=", ".join(ZONES))
    return {data_class: frozenset(zones) for data_class, zones in allow.items()}


def _addresses(path: Path, said: Mapping[str, Any]) -> dict[Origin, str]:
    addresses = {}
    for address, zone in said.items():
        try:
            origin = origin_of(address)
        except AddressUnusable as error:
            way_out = translatable("[addresses] names {name}, which is no address. {detail}")
            raise _unusable(path, way_out, name=address.rpartition("@")[2], detail=Phrase(error.reason)) from None
        if address.rstrip("/").count("/") > 2:
            way_out = translatable("[addresses] names {name}: leave out the path, all of {origin} is in one zone.")
            raise _unusable(path, way_out, name=address, origin=origin)
        if zone not in ZONES:
            way_out = translatable("[addresses] needs a zone for {name}. Zones: {known}.")
            raise _unusable(path, way_out, name=address, known=", ".join(ZONES))
        addresses[origin] = zone
    return addresses


def _unusable(path: Path, way_out: str, **values: object) -> SettingInvalid:
    return SettingInvalid(name=SETTING, value=path, way_out=Phrase(way_out, **values))
