"""Does a guardrail that breaks, says nothing, speaks for another or never comes to an end let nothing pass?"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from leitstand.domain.guardrail import Judgement, Subject, Verdict
from leitstand.domain.message import Grounding
from leitstand.runtime.check import _judge

SUBJECT = Subject(
    input_text="?", draft={}, draft_text="", schema={}, grounding=Grounding(question="?", language="en", passages=())
)
PASSED = Judgement(guard="tone", verdict=Verdict.PASSED)


@dataclass
class Guard:
    """A guardrail that does what the test says."""

    does: Callable[[], object]
    name: str = "tone"

    def judge(self, subject: Subject) -> Judgement:
        """Whatever comes of it."""
        del subject
        return self.does()  # type: ignore[return-value]  an extension may return anything


def breaks() -> object:
    raise RuntimeError("broken")


@pytest.mark.parametrize("seconds", [None, 5.0])
@pytest.mark.parametrize(
    ("does", "verdict"),
    [
        (lambda: PASSED, Verdict.PASSED),
        (lambda: Judgement(guard="tone", verdict=Verdict.FLAGGED), Verdict.FLAGGED),
        (breaks, Verdict.ERROR),
        (lambda: None, Verdict.ERROR),
        (lambda: "passed", Verdict.ERROR),
        (lambda: True, Verdict.ERROR),
        (lambda: Judgement(guard="citations", verdict=Verdict.PASSED), Verdict.ERROR),
    ],
)
async def test_only_a_judgement_of_its_own_counts(
    does: Callable[[], object], verdict: Verdict, seconds: float | None
) -> None:
    judgement = await _judge(Guard(does), SUBJECT, seconds, "1")
    assert (judgement.guard, judgement.verdict) == ("tone", verdict)


async def test_one_that_never_comes_to_an_end_is_an_error_and_holds_up_nobody() -> None:
    released = threading.Event()

    def stalls() -> object:
        released.wait(60)
        return PASSED

    try:
        stuck = [asyncio.create_task(_judge(Guard(stalls), SUBJECT, 0.2, "1")) for _ in range(20)]
        assert (await _judge(Guard(lambda: PASSED), SUBJECT, None, "2")).verdict is Verdict.PASSED
        assert {judgement.verdict for judgement in await asyncio.gather(*stuck)} == {Verdict.ERROR}
    finally:
        released.set()
    assert (await _judge(Guard(lambda: PASSED), SUBJECT, 5.0, "3")).verdict is Verdict.PASSED
