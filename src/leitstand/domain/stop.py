"""What does a stop hold, and who may end it?"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Scope(StrEnum):
    """How much a stop holds: one case for ever, or everything of a workflow, of a tenant, of all until the restart."""

    CASE = "case"
    WORKFLOW = "workflow"
    TENANT = "tenant"
    ALL = "all"


PROPOSAL_LASTS = 3_600_000_000
"""Microseconds in which a second person may confirm a restart."""

LONGEST_REASON = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A stop with its reason and everybody who had a part in it; times in UTC microseconds.

    ``subject`` is the case id or the workflow, ``""`` for wider scopes. A restart is proposed by one person, who is
    given a token, and confirmed with it by another; ``token_hash`` is the SHA-256 of that token.
    """

    stop_id: str
    tenant_id: str
    scope: Scope
    subject: str
    reason: str
    stopped_by: str
    stopped_at: int
    proposed_by: str = ""
    proposed_at: int | None = None
    token_hash: str = ""
    restarted_by: str = ""
    restarted_at: int | None = None

    def holds(self, tenant_id: str, workflow: str, case_id: str = "") -> bool:
        """Whether nothing may leave the house for that case."""
        if self.restarted_at is not None:
            return False
        if self.scope is Scope.ALL:
            return True
        mine = {Scope.CASE: case_id, Scope.WORKFLOW: workflow, Scope.TENANT: self.subject}[self.scope]
        return self.tenant_id == tenant_id and self.subject == mine


def holding(stops: Iterable[Stop], tenant_id: str, workflow: str, case_id: str = "") -> Stop | None:
    """The first of the stops that holds the case."""
    return next((stop for stop in stops if stop.holds(tenant_id, workflow, case_id)), None)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def proposed(stop: Stop, person_id: str, token: str, at: int) -> Stop:
    """The stop with a proposal to end it; an earlier proposal and its token are void."""
    return replace(stop, proposed_by=person_id, proposed_at=at, token_hash=hashed(token))


def confirmed(stop: Stop, person_id: str, token: str, at: int) -> Stop | str:
    """The stop, ended; or why this person may not end it.

    That is ``final``, ``over``, ``no_proposal``, ``same_person``, ``late`` or ``wrong_token``.
    """
    refusals = {
        "final": stop.scope is Scope.CASE,
        "over": stop.restarted_at is not None,
        "no_proposal": stop.proposed_at is None,
        "same_person": person_id == stop.proposed_by,
        "late": stop.proposed_at is not None and at > stop.proposed_at + PROPOSAL_LASTS,
        "wrong_token": hashed(token) != stop.token_hash,
    }
    refused = next((why for why, holds in refusals.items() if holds), None)
    return refused or replace(stop, restarted_by=person_id, restarted_at=at)
