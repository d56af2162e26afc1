"""Which steps bring a schema forward? Files of SQL in order, one for each version, the same way for every database."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from leitstand.domain.errors import StoreUnusable, translatable
from leitstand.domain.phrases import Phrase
from leitstand.ports import SchemaStatus
from leitstand.stores.case_rows import Row
from leitstand.stores.sealed_content import TenantKeys

ASTRAY = translatable("The row of case {case_id} and its journal do not agree on its last event.")
MOST_SHOWN = 5
"""Of many cases that are not as they should be, so many are named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a schema. Programs that know the schema ``readable_from`` may work beside it."""

    version: int
    name: str
    readable_from: int
    text: str


@cache
def steps(database: str) -> tuple[Step, ...]:
    """All steps of ``sqlite`` or ``postgres``, oldest first."""
    folder = resources.files(__package__).joinpath("migrations", database)
    files = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple(_step(name.removesuffix(".sql"), text) for name, text in files)


def status_at(version: int, readable_from: int, known: tuple[Step, ...]) -> SchemaStatus:
    """What there is to do for a database at ``version``; 0 is an empty one."""
    pending = tuple(step.name for step in known if step.version > version)
    return SchemaStatus(version=version, readable_from=readable_from, newest=known[-1].version, pending=pending)


def unverified(tenants: Iterable[Row], keys: Path) -> list[Phrase]:
    """Of rows with ``tenant_id, key_check``, the tenants whose key is not in the folder, or another."""
    known = TenantKeys(keys)
    found = []
    for row in tenants:
        try:
            known.verify(row["tenant_id"], row["key_check"])
        except StoreUnusable as error:
            found.append(Phrase("{what}", what=error.text()))
    return found


def _step(name: str, text: str) -> Step:
    """Without a line that says otherwise, only programs that know a schema may work on it."""
    version = int(name[:4])
    found = re.search(r"^-- readable from: (\d+)$", text, flags=re.MULTILINE)
    return Step(version=version, name=name, readable_from=int(found[1]) if found else version, text=text)
