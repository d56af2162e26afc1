"""What did a form send?"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request

from leitstand.domain.errors import Phrase, RequestMalformed, TooLarge, translatable

MOST_FIELDS = 2000


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form; a name may come several times (checkboxes)."""

    fields: Mapping[str, list[str]]

    def get(self, name: str) -> str:
        """The last value of a field, ``""`` when it is missing. Line breaks are plain newlines."""
        return self.all(name)[-1] if name in self.fields else ""

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value.replace("\r\n", "\n") for value in self.fields.get(name, [])]

    def __contains__(self, name: str) -> bool:
        return name in self.fields


async def read_form(request: Request, limit: int) -> Form:
    """The form in the body, at most ``limit`` bytes; raises ``TooLarge`` or ``RequestMalformed``."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise TooLarge(what="form", size=len(body), limit=limit, unit="bytes")
    try:
        return Form(parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise RequestMalformed(
            detail=Phrase(translatable("the form is not readable")),
            expected=Phrase(translatable("a form as browsers encode it, in UTF-8")),
        ) from None
