"""Who is acting? Until accounts exist: a local user that the request names and that the people's table knows."""

from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import unquote

from leitstand.domain.errors import Denied, Phrase, translatable
from leitstand.domain.review import Person
from leitstand.web.serving import Serving

COOKIE = "leitstand_person"
HEADER = b"leitstand-person"


async def acting_person(serving: Serving, fields: Mapping[bytes, bytes], named: str = "") -> Person:
    """The person named by the body, else by the header ``Leitstand-Person``, else by the cookie; else ``Denied``."""
    name = next(_names(fields, named), "")
    if not name:
        raise Denied(
            detail=Phrase(translatable("nobody is signed in")),
            way_out=Phrase(translatable("Sign in on the pages, or name a local user in the header Leitstand-Person.")),
        )
    person = await find_person(serving, name)
    if person is None:
        raise Denied(
            detail=Phrase(translatable("there is no local user {name}"), name=repr(name[:80])),
            way_out=Phrase(translatable("Name one of the local users; the sign-in page lists them.")),
        )
    return person


async def find_person(serving: Serving, name: str) -> Person | None:
    """The local user with that id or, when only one has it, that name."""
    people = await serving.parts.people.people(serving.tenant_id)
    by_id = [person for person in people if person.id == name]
    by_name = [person for person in people if person.name == name]
    found = by_id or by_name
    return found[0] if len(found) == 1 else None


def _names(fields: Mapping[bytes, bytes], named: str) -> Iterator[str]:
    header = fields.get(HEADER, b"").decode("utf-8", "replace").strip()
    return (name for name in (named, header, _cookie(fields)) if name)


def _cookie(fields: Mapping[bytes, bytes]) -> str:
    try:
        found = SimpleCookie(fields.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
    except CookieError:
        return ""
    return unquote(found.value) if found else ""
