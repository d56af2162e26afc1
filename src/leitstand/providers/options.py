"""Which options may a target have? Each provider says it with a struct; unknown names and wrong types are errors."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from leitstand.domain.errors import SettingInvalid

T = TypeVar("T", bound=msgspec.Struct)


def read_options(given: Mapping[str, object], kind: type[T]) -> T:
    """The options of a target; raises ``SettingInvalid`` for unknown names and wrong types."""
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        known = ", ".join(kind.__struct_fields__)
        raise SettingInvalid(name="options", value=dict(given), way_out=f"{error}. Known options: {known}.") from None


def chosen(options: msgspec.Struct, *beside: str) -> dict[str, object]:
    """What is set of the options, without those named."""
    given = {name: getattr(options, name) for name in options.__struct_fields__ if name not in beside}
    return {name: value for name, value in given.items() if value is not None}
