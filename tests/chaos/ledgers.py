"""What did the client hear, and what did the receiver take? Both ledgers are kept outside Leitstand."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ENDED = ("delivered", "rejected")


@dataclass
class Acknowledged:
    """What the client was told: case ids by its own idempotency keys, and the cases it decided on."""

    cases: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def accepted(self, key: str, case_id: str) -> None:
        """The server acknowledged the case under this key."""
        before = self.cases.setdefault(key, case_id)
        if before != case_id:
            self.contradictions.append(f"{key} was answered with {before} and with {case_id}")

    def decided(self, case_id: str, decision: str) -> None:
        """The server acknowledged the decision."""
        self.decisions[case_id] = decision


@dataclass(frozen=True)
class Verdict:
    """What is wrong, one sentence each; and what was merely repeated."""

    violations: tuple[str, ...]
    acknowledged: int
    effects: int
    repeated_attempts: int


def judge(heard: Acknowledged, effects: Path, cases: Iterable[dict[str, object]]) -> Verdict:
    """Compare what was promised with what is there and with what was done.

    ``effects`` is the ledger of the receiver, one JSON line an attempt with ``key`` and ``body``; ``cases`` are all
    cases as the API shows them in the end. The client repeats a request until it is answered, so that every
    case must be one that it heard of.
    """
    stored = {str(case["id"]): case for case in cases}
    attempts = [json.loads(line) for line in effects.read_text().splitlines()]
    keys = Counter(str(attempt["key"]) for attempt in attempts)
    by_case: dict[str, set[str]] = {}
    for attempt in attempts:
        by_case.setdefault(json.loads(attempt["body"])["case_id"], set()).add(str(attempt["key"]))
    violations = [
        *heard.contradictions,
        *(
            f"{key}: case {case} was acknowledged and is lost"
            for key, case in heard.cases.items()
            if case not in stored
        ),
        *(f"{case} took effect under several keys: {sorted(used)}" for case, used in by_case.items() if len(used) > 1),
        *(f"{case} took effect and is unknown" for case in by_case if case not in stored),
        *_wrong_ends(heard, by_case, stored),
        *_different_bodies(attempts),
    ]
    return Verdict(
        violations=tuple(violations),
        acknowledged=len(heard.cases),
        effects=len(keys),
        repeated_attempts=sum(count - 1 for count in keys.values()),
    )


def _wrong_ends(
    heard: Acknowledged, by_case: dict[str, set[str]], stored: dict[str, dict[str, object]]
) -> Iterable[str]:
    for case_id, case in stored.items():
        status, decision = case["status"], heard.decisions.get(case_id)
        if status not in ENDED:
            yield f"{case_id} is stuck: {status}"
        if (status == "delivered") != (case_id in by_case):
            yield f"{case_id} is {status}, and its effects are {sorted(by_case.get(case_id, ()))}"
        if decision == "reject" and status != "rejected":
            yield f"{case_id} was rejected by a person and is {status}"
    known = set(heard.cases.values())
    yield from (f"{case_id} was opened and never asked for" for case_id in stored if case_id not in known)


def _different_bodies(attempts: list[dict[str, object]]) -> Iterable[str]:
    bodies: dict[object, object] = {}
    for attempt in attempts:
        if bodies.setdefault(attempt["key"], attempt["body"]) != attempt["body"]:
            yield f"{attempt['key']} was sent with two bodies"
