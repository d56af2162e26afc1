"""Are the options that a workflow gives a guard known to it, and of the right type?"""

import difflib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from leitstand.domain.errors import SettingInvalid

Options = TypeVar("Options")


def read_options(guard: str, kind: type[Options], given: Mapping[str, object]) -> Options:
    """``given`` as the dataclass ``kind``.

    Raises ``SettingInvalid`` for unknown names, with the closest known one, and for wrong types.
    """
    known = list(kind.__dataclass_fields__)  # type: ignore[attr-defined]
    for name, value in given.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            listed = f"Known options: {', '.join(known)}." if known else "It has no options."
            way_out = f"Did you mean {close[0]}?" if close else listed
            raise SettingInvalid(name=f"{guard}.{name}", value=value, way_out=way_out)
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        raise SettingInvalid(name=guard, value=dict(given), way_out=f"{error}.") from None
