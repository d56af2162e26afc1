"""What do rows of answers say again? The same for every database behind the ports."""

import logging
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from leitstand.domain.reuse import Found, Meaning, Reusable
from leitstand.stores.case_rows import Row
from leitstand.stores.change_rows import opened_contents
from leitstand.stores.sealed_content import CaseKeys, TenantKeys

_log = logging.getLogger(__name__)

_TEXT = msgspec.json.Decoder(str)
_MEANING = msgspec.json.Decoder(Meaning)


def row_of(answer: Reusable, tenants: TenantKeys) -> dict[str, object]:
    """Column name to value, the digests under the key of the tenant."""
    tenant_key = tenants.key(answer.tenant_id)
    row: dict[str, object] = {name: getattr(answer, name) for name in answer.__slots__}
    row["key"] = tenant_key.mark(answer.key)
    row["scope"] = None if answer.scope is None else tenant_key.mark(answer.scope)
    return row


def found(rows: Sequence[Row], tenants: TenantKeys) -> Found | None:
    """The answer of a row with its sealed text; None when there is none, or when it does not open any more."""
    for answer, payload in _opened(rows, tenants):
        try:
            return Found(answer=answer, text=_TEXT.decode(payload))
        except msgspec.DecodeError:
            _log.error("the answer of case %s is no text", answer.case_id)
    return None


def meanings(rows: Sequence[Row], tenants: TenantKeys) -> tuple[tuple[Reusable, Meaning], ...]:
    """What the questions of the rows mean; those that do not open any more are left out."""
    readable = []
    for answer, payload in _opened(rows, tenants):
        try:
            readable.append((answer, _MEANING.decode(payload)))
        except msgspec.DecodeError:
            _log.error("the question of case %s has no meaning", answer.case_id)
    return tuple(readable)


def _opened(rows: Iterable[Row], tenants: TenantKeys) -> Iterator[tuple[Reusable, bytes]]:
    keys = CaseKeys(tenants)
    for row in rows:
        payloads = opened_contents([row], keys, row["tenant_id"], row["case_id"])
        if row["name"] in payloads:
            yield Reusable(**{name: row[name] for name in Reusable.__slots__}), payloads[row["name"]]
