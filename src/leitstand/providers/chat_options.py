"""Which options may a target of the OpenAI-compatible provider have, and what do they put into the request?"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from leitstand.domain.errors import SettingInvalid


class ChatOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a target; what is left out is left to the service, except ``temperature``: 0.

    ``temperature = "default"`` leaves it out, for models that refuse one.
    """

    json_schema: bool = True
    temperature: float | Literal["default"] = 0.0
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    reasoning_effort: str | None = None

    def fields(self) -> dict[str, object]:
        """What goes into the request's body."""
        given = {
            name: getattr(self, name) for name in self.__struct_fields__ if name not in ("json_schema", "temperature")
        }
        chosen = {name: value for name, value in given.items() if value is not None}
        return chosen if self.temperature == "default" else {"temperature": self.temperature, **chosen}


def read_options(given: Mapping[str, object]) -> ChatOptions:
    """The options of a target; raises ``SettingInvalid`` for unknown names and wrong types."""
    try:
        return msgspec.convert(dict(given), ChatOptions)
    except msgspec.ValidationError as error:
        known = ", ".join(ChatOptions.__struct_fields__)
        raise SettingInvalid(name="options", value=dict(given), way_out=f"{error}. Known options: {known}.") from None
