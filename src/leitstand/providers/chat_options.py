"""Which options may a target of the OpenAI-compatible provider have, and what do they put into the request?"""

from typing import Literal

import msgspec

from leitstand.providers.options import chosen


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
        others = chosen(self, "json_schema", "temperature")
        return others if self.temperature == "default" else {"temperature": self.temperature, **others}
