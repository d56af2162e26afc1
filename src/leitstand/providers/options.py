"""Which options may a target or a caller set? What a provider does not know is an error that names it."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from leitstand.domain.drafting import unspoken
from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.domain.message import Request
from leitstand.domain.price import Usage

T = TypeVar("T", bound=msgspec.Struct)


def read_options(given: Mapping[str, object], kind: type[T]) -> T:
    """The options of a target; raises ``SettingInvalid`` for unknown names and wrong types."""
    try:
        return msgspec.convert(dict(given), kind)
    except msgspec.ValidationError as error:
        known = ", ".join(kind.__struct_fields__)
        raise SettingInvalid(name="options", value=dict(given), way_out=f"{error}. Known options: {known}.") from None


def refuse_unspoken(provider: str, request: Request, name: str) -> None:
    """Raise the failure of a request whose options the provider's API cannot say; nothing is left out in silence."""
    if missing := unspoken(provider, request.options):
        detail = f"its API has no {', '.join(missing)}"
        raise ProviderFailed(kind="refused", retryable=False, usage=Usage.none(), provider=name, detail=detail)


def chosen(options: msgspec.Struct, *beside: str) -> dict[str, object]:
    """What is set of the options, without those named."""
    given = {name: getattr(options, name) for name in options.__struct_fields__ if name not in beside}
    return {name: value for name, value in given.items() if value is not None}
