"""What is written of a case at once, and what is asked of those who keep cases?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from leitstand.domain.case import Case, Priority
from leitstand.domain.event import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Content of a case under a name as ``input``, ``passages`` or ``draft``: plain bytes, the salt of its commitment.

    Stores encrypt it with the case's data key before it touches the disk.
    """

    name: str
    salt: bytes
    payload: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """An outward effect in the outbox; ``key`` is the idempotency key, ``not_before`` UTC microseconds."""

    number: int
    key: str
    not_before: int
    done_at: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """A key under which a caller may repeat a request without opening a second case.

    ``request`` is what the repeated request must equal.
    """

    key: str
    request: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one durable write of a case consists of: the case after ``events``, and what they carry and start.

    ``kept`` says that this process goes on with the case at once; otherwise whoever has room takes it up.
    """

    case: Case
    events: tuple[Event, ...]
    contents: tuple[Content, ...] = ()
    effects: tuple[Effect, ...] = ()
    kept: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Vacancy:
    """What a worker has room for: at most ``limit`` cases of one priority.

    ``skip`` names cases that run here already, ``full`` (tenant, workflow) that are at their own limit. With
    ``suspects`` the cases are those, of any priority, that were under way in ``SUSPECT_CRASHES`` crashes in a row,
    without it all others.
    """

    limit: int
    priority: Priority = Priority.INTERACTIVE
    skip: Sequence[str] = ()
    full: Sequence[tuple[str, str]] = ()
    suspects: bool = False


class Claimed(NamedTuple):
    """A case taken over, and in how many crashes in a row it was under way without a step forward."""

    case: Case
    crashes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """How many cases of a workflow are due and run nowhere, and when the oldest of them was accepted."""

    tenant_id: str
    workflow: str
    priority: Priority
    cases: int
    oldest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """How many cases of a workflow are not done, and since when the oldest of them.

    ``kind`` is ``open`` (neither ended nor waiting for a person, since its acceptance), ``review`` or ``escalated``
    (waiting for a person, since its acceptance), ``overdue`` (those of them that are past their time, since then), or
    ``outbox`` (a delivery that was begun, since it was due).
    """

    kind: str
    workflow: str
    cases: int
    since: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """Which cases to list; None means any.

    ``search`` matches number or id prefix; ``before`` is a cursor (``case_id``, exclusive).
    """

    workflow: str | None = None
    job: str | None = None
    status: tuple[str, ...] = ()
    release_digest: str | None = None
    since: int | None = None
    search: str | None = None
    before: str | None = None
    limit: int = 50
    oldest_due_first: bool = False
