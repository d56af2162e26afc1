"""How does a stop become a row and an event, and a row a stop again? The same for every database behind the ports."""

from dataclasses import asdict

from leitstand import __version__
from leitstand.domain.stop import Scope, Stop
from leitstand.encoding import canonical
from leitstand.stores.case_rows import Row

RECENT = 600_000_000
"""Microseconds for which a stopped case is told to those who may run it; its journal says so for ever."""


def row_of_stop(stop: Stop) -> dict[str, object]:
    """Its columns by name."""
    return {**asdict(stop), "scope": stop.scope.value}


def stop_of(row: Row) -> Stop:
    """The stop of a row."""
    return Stop(**{**dict(row), "scope": Scope(row["scope"])})  # type: ignore[call-overload]


def stop_event(stop: Stop) -> bytes:
    """What last happened to a stop, in the envelope of case events, less what only cases have."""
    body = {"stop_id": stop.stop_id, "scope": stop.scope.value, "subject": stop.subject}
    if stop.restarted_at is not None:
        kind, who, at = "stop.ended", stop.restarted_by, stop.restarted_at
    elif stop.proposed_at is not None:
        kind, who, at = "stop.restart_proposed", stop.proposed_by, stop.proposed_at
    else:
        kind, who, at = "stop.begun", stop.stopped_by, stop.stopped_at
        body["reason"] = stop.reason
    return canonical(
        {
            "type": kind,
            "schema_version": 1,
            "runtime_version": __version__,
            "tenant_id": stop.tenant_id,
            "actor": {"kind": "person", "id": who},
            "at": at,
            "body": body,
        }
    )
