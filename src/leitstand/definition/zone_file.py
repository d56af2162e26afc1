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

MOST_BYTES = 1_000_000
"""Of the file: room for ten thousand addresses."""


def read_zones(path: Path) -> ZonePolicy:
    """What holds with the operator's file at ``path``, or without one: ``Path()``.

    ``[allow]`` replaces a row of the table that ships: data class to zones. ``[addresses]`` names the zone of an
    address: scheme, host and port. Raises ``SettingInvalid`` for a file that says anything else.
    """
    if path == Path():
        return ZonePolicy()
    content, said = _read(path)
    for name, value in said.items():
        if name not in TABLES or not isinstance(value, dict):
            way_out = translatable("`{name}` is no table of this file; its tables are [allow] and [addresses].")
            raise _unusable(path, way_out, name=name)
    return ZonePolicy(
        table={**DEFAULT_TABLE, **_rows(path, said.get("allow", {}))},
        addresses=_addresses(path, said.get("addresses", {})),
        digest=hashlib.sha256(content).hexdigest()[:16],
    )


def _read(path: Path) -> tuple[bytes, dict[str, Any]]:
    """The bytes of the file, and what they say; no more of it is read than may be there."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise _unusable(path, translatable("It has more than {most} bytes: is it another file?"), most=MOST_BYTES)
        return content, tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        way_out = translatable("It cannot be read: {detail}. Name a file that is there, or leave the setting out.")
        raise _unusable(path, way_out, detail=error.strerror or error) from error
    except (ValueError, RecursionError) as error:
        way_out = translatable("It is no TOML in UTF-8: {detail}. Mend it there.")
        raise _unusable(path, way_out, detail=error) from error


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
    addresses: dict[Origin, str] = {}
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
        if addresses.setdefault(origin, zone) != zone:
            way_out = translatable("[addresses] says of {origin} both {one} and {other}. Leave one of them out.")
            raise _unusable(path, way_out, origin=origin, one=addresses[origin], other=zone)
    return addresses


def _unusable(path: Path, way_out: str, **values: object) -> SettingInvalid:
    return SettingInvalid(name=SETTING, value=path, way_out=Phrase(way_out, **values))
