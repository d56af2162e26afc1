"""Does every case come back from its row as it went in?"""

from hypothesis import given
from hypothesis import strategies as st

from leitstand.domain.case import Attempt, Case, CaseSummary
from leitstand.domain.tool import ToolUse, UseState
from leitstand.domain.workflow import Step
from leitstand.stores.case_rows import from_row, to_row

WHOLE = st.integers(min_value=0, max_value=2**63 - 1)

CASES = st.builds(
    Case,
    tenant_id=st.text(),
    case_id=st.text(),
    workflow=st.text(),
    release_digest=st.text(),
    accepted_at=WHOLE,
    seq=WHOLE,
    epoch=WHOLE,
    not_before=WHOLE,
    due_at=st.none() | WHOLE,
    cost=st.none() | WHOLE,
    done=st.frozensets(st.sampled_from(Step)),
    reasons=st.tuples() | st.tuples(st.text(), st.text()),
    attempts=st.lists(
        st.builds(
            Attempt,
            target=WHOLE,
            error=st.none() | st.text(),
            retryable=st.booleans(),
            retry_after=st.none() | WHOLE,
            tools=st.lists(
                st.builds(ToolUse, state=st.sampled_from(UseState), tool=st.text(), error=st.text(), attempts=WHOLE),
                max_size=3,
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)


@given(CASES, WHOLE)
def test_a_case_comes_back_from_its_row(case, number):
    row = {**to_row(case), "number": number}
    assert from_row(row) == CaseSummary(case=case, number=number)
    assert all(value is None or isinstance(value, str | int) for value in row.values())


def test_every_field_of_a_case_has_its_column():
    case = Case(tenant_id="t", case_id="c", workflow="w", release_digest="d", accepted_at=1)
    assert set(to_row(case)) == set(Case._fields)
