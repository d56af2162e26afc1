"""Does every group of cases hold exactly the cases that the number beside it counts?"""

import pytest

from leitstand.domain.case import Case
from leitstand.domain.review import Verb
from leitstand.web.pages.cases import ONLY, Wanted, fits

SECOND = 1_000_000


def case(**changes: object) -> Case:
    return Case(tenant_id="default", case_id="c", workflow="help", release_digest="d", accepted_at=0, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "groups"),
    [
        (case(), set()),
        (case(answered_at=SECOND), {"answered", "in_time", "costed"}),
        (case(answered_at=3 * SECOND), {"answered", "late", "costed"}),
        (case(answered_at=SECOND, fallback=True, cost=None), {"answered", "in_time", "fallback", "uncosted"}),
        (case(answered_at=SECOND, decision=Verb.EDIT), {"answered", "in_time", "costed", "decided", "edit"}),
        (case(ended_at=SECOND, cost=None), {"uncosted"}),
    ],
)
def test_groups(found: Case, groups: set[str]) -> None:
    assert {only for only in ONLY if fits(found, only, 2 * SECOND)} == groups
    assert fits(found, "", 2 * SECOND)


def test_a_link_changes_a_filter_and_starts_at_the_newest_case() -> None:
    wanted = Wanted(workflow="help", status="review", before="01a1")
    assert wanted.link(status="delivered") == "/cases?workflow=help&status=delivered"
    assert wanted.link(before="01a0") == "/cases?workflow=help&status=review&before=01a0"
    assert Wanted().link() == "/cases"
