"""What did an examination of a release find: a drill, or its gold cases?"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["drill", "gold"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What was found, bound to the release that was examined.

    ``at`` is UTC in microseconds; ``body`` is the JSON of its kind, and holds no content of a case. That of ``gold``
    has ``levels``, a ``Level`` for each target of the chain.
    """

    tenant_id: str
    workflow: str
    release_digest: str
    kind: Kind
    at: int
    body: bytes
