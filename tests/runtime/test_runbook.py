"""Is a check of the runbook the number of its own workflow and release, and unknown only what nobody measured?"""

import pytest

from leitstand.domain import metric
from leitstand.domain.metric import Metric, Reading
from leitstand.runtime.runbook import value_of

NUMBERS = {
    metric.DRAFTS.name: {
        ("mine", "first", "r1"): 4.0,
        ("mine", "fallback", "r1"): 2.0,
        ("mine", "first", "r0"): 70.0,
        ("other", "first", "r1"): 900.0,
    },
    metric.DISK_FREE.name: {(): 60_000_000_000.0},
    metric.OPEN.name: {("other",): 3.0},
}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (metric.DRAFTS, "first 4, fallback 2"),
        (metric.DISK_FREE, "60000000000"),
        (metric.OPEN, None),
        (metric.QUEUE_LIMIT, None),
        (metric.FALLBACKS, "0"),
    ],
    ids=lambda value: value.name if isinstance(value, Metric) else None,
)
def test_a_check_is_about_its_workflow_and_release(wanted: Metric, told: str | None) -> None:
    reading = Reading(numbers=NUMBERS, histograms={})
    assert value_of(reading, wanted, {"workflow": "mine", "release": "r1"}) == told
