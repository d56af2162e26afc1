"""Whose key has a store at hand: of a case that goes on here, of one that goes on elsewhere, of a repeated one?"""

from dataclasses import replace
from typing import Any

from leitstand.ports import Admission
from leitstand.testing.store_cases import TENANT, Opening, opening
from leitstand.testing.store_contract import now


async def keys_at_hand(cases: Any) -> list[bool]:
    """Whether it keeps that of each, after they were opened in this order."""
    admission = Admission(key="k", request=b"r")
    here, elsewhere, again = (opening(Opening(at=now())) for _ in range(3))
    await cases.open(here, admission)
    await cases.open(replace(elsewhere, kept=False), None)
    assert (await cases.open(again, admission)).case.case_id == here.case.case_id
    return [cases._keys.at_hand(TENANT, change.case.case_id) is not None for change in (here, elsewhere, again)]
