"""What does the server do when a command says stop or restart?"""

from dataclasses import dataclass
from typing import Any

from leitstand.assembly import System
from leitstand.domain.stop import Scope, Stop
from leitstand.runtime.people import named_person
from leitstand.runtime.stop import Wanted, confirm_restart, propose_restart, stop


@dataclass(frozen=True, kw_only=True, slots=True)
class StopOrder:
    """What is to be stopped, why, and who says so, by name."""

    scope: str
    subject: str
    reason: str
    name: str


async def stop_for(system: System, order: StopOrder) -> dict[str, Any]:
    """Stop it; a tenant is named as the subject and stopped under its own id."""
    tenant_id = order.subject if order.scope == Scope.TENANT else system.tenant_id
    subject = "" if order.scope == Scope.TENANT else order.subject
    wanted = Wanted(tenant_id=tenant_id, scope=Scope(order.scope), subject=subject, reason=order.reason)
    person = await named_person(system.parts.people, system.tenant_id, order.name, system.parts.clock())
    return told(await stop(system.parts, wanted, person))


async def restart_for(system: System, stop_id: str, name: str, token: str) -> dict[str, Any]:
    """Propose the restart and tell the token, or confirm it with one."""
    person = await named_person(system.parts.people, system.tenant_id, name, system.parts.clock())
    if token:
        return told(await confirm_restart(system.parts, stop_id, person, token))
    proposed, new_token = await propose_restart(system.parts, stop_id, person)
    return {**told(proposed), "token": new_token}


def told(found: Stop) -> dict[str, Any]:
    """A stop as a command prints it."""
    subject = found.tenant_id if found.scope is Scope.TENANT else found.subject
    return {"stop_id": found.stop_id, "scope": found.scope.value, "subject": subject, "reason": found.reason}
