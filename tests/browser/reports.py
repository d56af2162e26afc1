"""What did examinations find of the workflow of the stage: a level measured, a scenario of the drill that failed?"""

import json
from dataclasses import asdict

from leitstand.domain.evaluation import Outcome, level_of
from leitstand.domain.report import Report

DRILL = {
    "workflow": "help",
    "suite": "core",
    "seed": 7,
    "store": "sqlite",
    "seconds": 61.25,
    "verdict": "failed",
    "scenarios": [
        {
            "id": "P1",
            "titles": {"en": "The first model answers 503", "de": "Das erste Modell antwortet 503"},
            "faults": [{"at": "provider:1", "fault": "http_503", "delivered": 40}],
            "status": "passed",
            "why": "",
            "expectations": [{"text": "ended <= 0", "measured": 0.0, "met": True}],
            "seconds": 1.7,
        },
        {
            "id": "B1",
            "titles": {"en": "A budget is used up", "de": "Ein Budget ist aufgebraucht"},
            "faults": [{"at": "provider:1", "fault": "cost", "delivered": 12}],
            "status": "failed",
            "why": "",
            "expectations": [
                {"text": "overspend(calls) <= 1", "measured": 2.0, "met": False},
                {"text": "0.99 <= answered", "measured": None, "met": False},
            ],
            "seconds": 2.1,
        },
    ],
    "mutations": [
        {"protection": "limit of retries", "scenario": "M2", "caught": True, "because": "calls_per_case <= 3: 9"},
        {"protection": "Retry-After", "scenario": "P3", "caught": False, "because": ""},
    ],
}


def reports(tenant_id: str, digest: str, at: int) -> tuple[Report, ...]:
    """The newest reports about a release of ``help``."""
    outcomes = [Outcome(passed=place < 28, took=900_000, cost=0, currency="EUR") for place in range(30)]
    gold = {"levels": [asdict(level_of(0, ("quoting", "quoting-1"), outcomes))], "cases": 30}
    drill = {**DRILL, "release_digest": digest, "at": at}
    return tuple(
        Report(
            tenant_id=tenant_id,
            workflow="help",
            release_digest=digest,
            kind=kind,
            at=at,
            body=json.dumps(body).encode(),
        )
        for kind, body in (("gold", gold), ("drill", drill))
    )
