"""Who is the person of that name? Until accounts exist, whoever is named for the first time is added."""

import re

from leitstand.domain.errors import Phrase, RequestMalformed, translatable
from leitstand.domain.review import Person
from leitstand.registers import PeopleStore
from leitstand.runtime.ids import new_id

LONGEST_NAME = 80


async def named_person(people: PeopleStore, tenant_id: str, given: str, at: int) -> Person:
    """The local user with that id or name, added when there is none; raises ``RequestMalformed``."""
    name = re.sub(r"\s+", " ", given).strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        detail = Phrase(translatable("{name} is not a name"), name=repr(given[:LONGEST_NAME]))
        expected = Phrase(translatable("a name of 1 to {most} letters"), most=LONGEST_NAME)
        raise RequestMalformed(detail=detail, expected=expected)
    known = await people.people(tenant_id)
    found = next((person for person in known if name in (person.id, person.name)), None)
    if found is None:
        found = Person(id=new_id(at), name=name)
        await people.add_person(tenant_id, found)
    return found
