"""How does a report travel from the command that made it to the server that keeps it?"""

from collections.abc import Mapping

import msgspec

from leitstand.domain.errors import RequestMalformed
from leitstand.domain.report import Kind, Report


class _Sent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tenant_id: str
    workflow: str
    release_digest: str
    kind: Kind
    at: int
    body: str


def report_of(given: Mapping[str, object]) -> Report:
    """The report that a command sent; raises ``RequestMalformed``."""
    try:
        sent = msgspec.convert(given, _Sent)
    except msgspec.ValidationError as error:
        raise RequestMalformed(detail=str(error), expected="a report with its body as text") from None
    return Report(
        tenant_id=sent.tenant_id,
        workflow=sent.workflow,
        release_digest=sent.release_digest,
        kind=sent.kind,
        at=sent.at,
        body=sent.body.encode(),
    )
