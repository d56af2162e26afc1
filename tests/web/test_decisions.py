"""Deciding on a waiting case over HTTP: by a named person, on the draft that was seen, once."""

import asyncio

import pytest
from tests.web.conftest import Served

from leitstand.assembly import TENANT
from leitstand.domain.event import ReviewDecided

PERSON = {"Leitstand-Person": "p-1"}


async def decide(served: Served, case: dict, body: dict, headers: dict[str, str] | None = None) -> tuple[int, dict]:
    path = f"/v1/cases/{case['id']}/decision?wait=10"
    async with served.client.post(path, json=body, headers=PERSON if headers is None else headers) as reply:
        return reply.status, await reply.json(content_type=None)


async def waiting(served: Served) -> dict:
    return await served.open("Where?", workflow="echo-reviewed")


async def test_accept_delivers_the_draft_in_the_name_of_the_person(served: Served):
    case = await waiting(served)
    status, after = await decide(served, case, {"decision": "accept", "draft": case["draft"]})
    assert status == 200
    assert after["status"] == "delivered"
    assert after["decision"] == "accept"
    assert after["output"] == {"answer": "You asked: Where?"}
    journal = await served.parts.cases.events(TENANT, case["id"])
    (event,) = [event for event in journal if isinstance(event.body, ReviewDecided)]
    assert (event.actor.kind, event.actor.id) == ("person", "p-1")


async def test_edit_delivers_the_edited_output(served: Served):
    case = await waiting(served)
    body = {"decision": "edit", "draft": case["draft"], "output": {"answer": "There."}, "note": "shorter"}
    status, after = await decide(served, case, body)
    assert (status, after["status"], after["output"]) == (200, "delivered", {"answer": "There."})


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        ({"decision": "edit", "output": {"answer": "A person wrote this."}}, "delivered"),
        ({"decision": "reject", "reason": "other"}, "rejected"),
    ],
)
async def test_a_case_without_a_draft_is_decided_with_the_null_that_it_shows(
    served: Served, decision: dict, status: str
):
    case = await served.open("#broken")
    assert (case["status"], case["reasons"], case["draft"]) == ("escalated", ["no_draft"], None)
    code, after = await decide(served, case, {**decision, "draft": case["draft"]})
    assert (code, after["status"]) == (200, status)


async def test_reject_ends_the_case_without_an_output(served: Served):
    case = await waiting(served)
    status, after = await decide(served, case, {"decision": "reject", "draft": case["draft"], "reason": "wrong"})
    assert (status, after["status"], after["output"]) == (200, "rejected", None)


@pytest.mark.parametrize(
    ("headers", "person", "status"),
    [
        ({}, None, 403),
        ({"Leitstand-Person": "nobody"}, None, 403),
        ({}, "p-2", 403),
        ({}, "p-1", 200),
        ({"Leitstand-Person": "Jürgen Weber"}, None, 200),
        ({"Cookie": "leitstand_person=p-1"}, None, 200),
        ({"Cookie": "leitstand_person=p-2"}, None, 403),
        ({"Cookie": "leitstand_person=p-2", "Leitstand-Person": "p-1"}, None, 200),
    ],
)
async def test_only_a_known_person_decides(served: Served, headers: dict[str, str], person: str | None, status: int):
    case = await waiting(served)
    body = {"decision": "accept", "draft": case["draft"], **({"person": person} if person else {})}
    got, answer = await decide(served, case, body, headers)
    assert got == status
    if status == 403:
        assert answer["code"] == "denied"
        async with served.client.get(f"/v1/cases/{case['id']}") as reply:
            assert (await reply.json())["status"] == "review"


async def test_the_first_of_many_decisions_counts(served: Served):
    case = await waiting(served)
    accept = {"decision": "accept", "draft": case["draft"]}
    reject = {"decision": "reject", "draft": case["draft"], "reason": "wrong"}
    answers = await asyncio.gather(*(decide(served, case, body) for body in (accept, reject) * 5))
    assert sorted(status for status, _ in answers) == [200] + [409] * 9
    journal = await served.parts.cases.events(TENANT, case["id"])
    assert sum(isinstance(event.body, ReviewDecided) for event in journal) == 1


async def test_a_decision_on_another_draft_is_a_conflict(served: Served):
    case = await waiting(served)
    status, problem = await decide(served, case, {"decision": "accept", "draft": "0" * 64})
    assert (status, problem["code"]) == (409, "state_conflict")


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"decision": "approve"}, 400, "approve"),
        ({"descision": "accept"}, 400, "'descision' is unknown"),
        ({"draft": 5}, 400, "$.draft"),
        ({"decision": "edit", "output": "text"}, 400, "$.output"),
        ({"note": None}, 400, "$.note"),
        ({"decision": "reject", "reason": "dislike"}, 400, "dislike"),
        ({"decision": None}, 400, "$.decision"),
        ({"decision": "reject"}, 400, "reason"),
        ({"decision": "edit"}, 400, "output"),
        ({"output": {"answer": "There."}}, 400, "output"),
        ({"decision": "edit", "output": {"answer": 5}}, 422, "string"),
    ],
)
async def test_a_decision_that_cannot_be_read_changes_nothing(served: Served, change: dict, status: int, named: str):
    case = await waiting(served)
    got, problem = await decide(served, case, {"decision": "accept", "draft": case["draft"], **change})
    assert got == status, problem
    assert named in problem["detail"]
    if status == 422:
        assert problem["errors"][0]["pointer"] == "/output/answer"
    async with served.client.get(f"/v1/cases/{case['id']}") as reply:
        assert (await reply.json())["status"] == "review"


async def test_a_delivered_case_cannot_be_decided_on(served: Served):
    case = await served.open()
    status, problem = await decide(served, case, {"decision": "accept", "draft": case["draft"]})
    assert (status, problem["code"]) == (409, "state_conflict")


async def test_an_unknown_case_cannot_be_decided_on(served: Served):
    missing = {"id": "01890000-0000-7000-8000-000000000000"}
    status, problem = await decide(served, missing, {"decision": "accept", "draft": "0" * 64})
    assert (status, problem["code"]) == (404, "case_unknown")
