"""Which rows does a change write, and what do they say again? The same for every database behind the ports."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leitstand.domain.case import RUNNABLE, fold
from leitstand.encoding import decode_event, encode_event
from leitstand.ports import Change, Claimed
from leitstand.stores import case_rows as stored
from leitstand.stores.case_rows import to_row
from leitstand.stores.sealed_content import CaseKeys, ContentUnreadable, seal, unseal

_log = logging.getLogger(__name__)

DROPPED_AFTER = 60_000_000
"""A case that this process owns, does not run and has not touched for so many microseconds may be claimed again."""

Row = tuple[object, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """The rows of a change, made before the writer has its turn; all but the case's begin with tenant and case id."""

    row: dict[str, object]
    events: list[Row]
    contents: list[Row]
    effects: list[Row]


def rows_of(change: Change, cipher: AESGCM | None, owner: str | None, now: int) -> Written:
    """The rows of a change with its contents sealed; ``owner`` owns the case when it goes on at once."""
    case = change.case
    place = (case.tenant_id, case.case_id)
    row = to_row(case)
    row["touched_at"] = now
    row["owner"] = owner if change.kept and case.status in RUNNABLE and case.not_before <= now else None
    contents: list[Row] = []
    if cipher:
        contents = [
            (*place, content.name, content.salt, seal(cipher, content.payload, *place, content.name))
            for content in change.contents
        ]
    return Written(
        row=row,
        events=[(*place, event.seq, encode_event(event)) for event in change.events],
        contents=contents,
        effects=[(*place, effect.number, effect.key, effect.not_before, effect.done_at) for effect in change.effects],
    )


def fingerprint(salt: bytes, request: bytes) -> bytes:
    """What a repeated request is recognised by."""
    return hashlib.sha256(salt + request).digest()


def opened_contents(rows: Iterable[stored.Row], keys: CaseKeys, tenant_id: str, case_id: str) -> dict[str, bytes]:
    """Contents by name, of rows with ``name, sealed, wrapped``; what does not open is missing, and the log says so."""
    found = {}
    for row in rows:
        try:
            cipher = keys.at_hand(tenant_id, case_id) or keys.open(row["wrapped"], tenant_id, case_id)
            found[row["name"]] = unseal(cipher, row["sealed"], tenant_id, case_id, row["name"])
        except ContentUnreadable as error:
            _log.error("%s does not open with its key", error)
    return found


def case_of(case_id: str, epoch: int, crashes: int, journal: Iterable[bytes]) -> Claimed | None:
    """The case of a journal under a new epoch; one that cannot be read must not keep the others from going on."""
    try:
        case = fold(decode_event(payload) for payload in journal)._replace(epoch=epoch)
        return Claimed(case, crashes)
    except Exception:  # noqa: BLE001  whatever is wrong with it, the others go on
        _log.exception("the journal of case %s cannot be read; it stays where it is", case_id)
        return None
