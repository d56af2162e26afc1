"""Which figures may a scenario set bounds to? Each is a small function of the evidence, and ``of`` says of what.

A figure that cannot be measured is None, and keeps no bound.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import TypeVar

from leitstand.domain.case import ENDED, WAITING, Case, Status
from leitstand.domain.event import CaseChecked, CaseDrafted, Event, ModelCallFinished, ModelCallIntended
from leitstand.drill.evidence import Evidence, Seen

Figure = Callable[[Evidence, str], float | None]
Body = TypeVar("Body")


def accepted(evidence: Evidence, of: str) -> float:
    """Cases that were accepted."""
    del of
    return len(evidence.seen)


def refused(evidence: Evidence, of: str) -> float:
    """Requests that were refused; with ``of`` those with that status, such as `422`."""
    return sum(str(said.status).startswith(of or ("4", "5")) for said in evidence.said)


def located(evidence: Evidence, of: str) -> float:
    """Refusals that name the place of what is wrong, as a JSON pointer that begins with ``of``."""
    return sum(
        any(str(error.get("pointer", "")).startswith(of) for error in said.body.get("errors", ()))
        for said in evidence.said
        if said.status >= 400
    )


def delivered(evidence: Evidence, of: str) -> float:
    """Cases that were delivered."""
    del of
    return _with_status(evidence, Status.DELIVERED)


def to_person(evidence: Evidence, of: str) -> float:
    """Cases that wait for a person, with their draft or without; with ``of`` `review` or `escalated` only."""
    return _with_status(evidence, *(status for status in WAITING if of in ("", status)))


def failed(evidence: Evidence, of: str) -> float:
    """Cases that failed."""
    del of
    return _with_status(evidence, Status.FAILED)


def lost(evidence: Evidence, of: str) -> float:
    """Accepted cases that neither ended nor wait for a person."""
    del of
    return len(evidence.seen) - _with_status(evidence, *ENDED, *WAITING)


def _with_status(evidence: Evidence, *statuses: Status) -> int:
    return sum(seen.case.status in statuses for seen in evidence.seen)


def drafted_by(evidence: Evidence, of: str) -> float:
    """Drafts of the level ``of``: `primary`, `secondary` or `local`."""
    return sum(evidence.targets[body.target] == of for body in _bodies(evidence, CaseDrafted))


def drafted(evidence: Evidence, of: str) -> float:
    """Cases that have a draft."""
    del of
    return sum(1 for _ in _bodies(evidence, CaseDrafted))


def calls(evidence: Evidence, of: str) -> float:
    """Model calls that were intended; with ``of`` those of one level."""
    return sum(of in ("", evidence.targets[body.target]) for body in _bodies(evidence, ModelCallIntended))


def calls_per_case(evidence: Evidence, of: str) -> float:
    """Most model calls of a case; with ``of`` of one level."""
    return max((_calls(evidence, seen, of) for seen in evidence.seen), default=0)


def _calls(evidence: Evidence, seen: Seen, of: str) -> int:
    bodies = (event.body for event in seen.events if isinstance(event.body, ModelCallIntended))
    return sum(of in ("", evidence.targets[body.target]) for body in bodies)


def requests(evidence: Evidence, of: str) -> float:
    """Requests that reached the socket of the model service ``of``, or of all of them."""
    return sum(len(asked) for name, asked in evidence.requests.items() if of in ("", name))


def errors(evidence: Evidence, of: str) -> float:
    """Model calls that failed; with ``of`` those of one kind, such as `timeout`."""
    return sum(bool(body.error) and of in ("", body.error) for body in _bodies(evidence, ModelCallFinished))


def events(evidence: Evidence, of: str) -> float:
    """Events of the type ``of``, such as `case.draft_missed`."""
    return sum(event.type == of for event in _events(evidence))


def reasons(evidence: Evidence, of: str) -> float:
    """Events with the reason ``of``, whatever happened."""
    return sum(_has_reason(event, of) for event in _events(evidence))


def _has_reason(event: Event, of: str) -> bool:
    return getattr(event.body, "reason", None) == of or of in getattr(event.body, "reasons", ())


def verdicts(evidence: Evidence, of: str) -> float:
    """Verdicts of the guards, ``of`` as `citations.flagged`, `citations`, or `.error` of any guard."""
    guard, _, verdict = of.partition(".")
    return sum(
        guard in ("", given.guard) and verdict in ("", given.verdict)
        for body in _bodies(evidence, CaseChecked)
        for given in body.verdicts
    )


def stale(evidence: Evidence, of: str) -> float:
    """Cases whose last event was written by a worker that had lost them."""
    del of
    return sum(seen.events[-1].epoch < seen.case.epoch for seen in evidence.seen)


def effects(evidence: Evidence, of: str) -> float:
    """Deliveries that the receiver applied; repeated ones are told by their key and not applied."""
    del of
    return sum(effect.applied for effect in evidence.ledger)


def doubled(evidence: Evidence, of: str) -> float:
    """Cases whose delivery the receiver applied more than once."""
    del of
    applied = Counter(effect.case_id for effect in evidence.ledger if effect.applied)
    return sum(count > 1 for count in applied.values())


def deliveries(evidence: Evidence, of: str) -> float:
    """Attempts to deliver that reached the receiver."""
    del of
    return len(evidence.ledger)


def tool_requests(evidence: Evidence, of: str) -> float:
    """Calls that reached a tool; with ``of`` those of one tool, `lookup` or `order`."""
    return sum(of in ("", request.tool) for request in evidence.tools)


def tool_effects(evidence: Evidence, of: str) -> float:
    """Calls that a tool applied, each idempotency key once; with ``of`` those of one tool."""
    return sum(request.applied and of in ("", request.tool) for request in evidence.tools)


def while_stopped(evidence: Evidence, of: str) -> float | None:
    """What left the house from half a second after a stop until the restart: calls of models and tools, deliveries."""
    del of
    return evidence.while_stopped


def longest_seconds(evidence: Evidence, of: str) -> float | None:
    """Longest time from acceptance to the decision of the checks, in seconds."""
    del of
    times = [case.answered_at - case.accepted_at for case in _cases(evidence) if case.answered_at is not None]
    return max(times) / 1e6 if times else None


def shortest_pause(evidence: Evidence, of: str) -> float | None:
    """Shortest pause of a case between two calls of the level ``of``, in seconds, from the journal."""
    pauses = [pause for seen in evidence.seen for pause in _pauses(evidence, seen, of)]
    return min(pauses) if pauses else None


def _pauses(evidence: Evidence, seen: Seen, of: str) -> Iterator[float]:
    ended_at = None
    for event in seen.events:
        body = event.body
        if isinstance(body, ModelCallFinished) and evidence.targets[body.target] == of:
            ended_at = event.at
        elif isinstance(body, ModelCallIntended) and evidence.targets[body.target] == of and ended_at is not None:
            yield (event.at - ended_at) / 1e6


def cost(evidence: Evidence, of: str) -> float | None:
    """What all cases cost, in the currency of the drill's prices; unknown when that of one is."""
    del of
    costs = [case.cost for case in _cases(evidence)]
    known = [cost for cost in costs if cost is not None]
    return sum(known) / 1e9 if len(known) == len(costs) else None


def leaks(evidence: Evidence, of: str) -> float:
    """Where the scenario's secret (`{canary}`) got out: into events, the log, an address, or what was delivered.

    With ``of`` `events`, `log`, `address` or `delivery` only there.
    """
    secret = evidence.canary
    places = {
        "events": sum(secret in json.dumps(asdict(event.body), default=str) for event in _events(evidence)),
        "log": evidence.log.count(secret),
        "address": sum(secret in request.path for asked in evidence.requests.values() for request in asked),
        "delivery": sum(secret.encode() in effect.body for effect in evidence.ledger),
    }
    return sum(count for place, count in places.items() if of in ("", place))


def _cases(evidence: Evidence) -> Iterator[Case]:
    return (seen.case for seen in evidence.seen)


def _events(evidence: Evidence) -> Iterator[Event]:
    return (event for seen in evidence.seen for event in seen.events)


def _bodies(evidence: Evidence, kind: type[Body]) -> Iterator[Body]:
    return (event.body for event in _events(evidence) if isinstance(event.body, kind))


FIGURES: Mapping[str, Figure] = {
    figure.__name__: figure
    for figure in (
        *(accepted, refused, located, delivered, to_person, failed, lost, stale, drafted, drafted_by),
        *(calls, calls_per_case, requests, errors, events, reasons, verdicts),
        *(tool_requests, tool_effects),
        *(effects, doubled, deliveries, while_stopped, longest_seconds, shortest_pause, cost, leaks),
    )
}
"""Name to figure."""
