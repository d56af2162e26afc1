"""Is a check of the runbook the number of its own workflow and release, and unknown only what nobody measured?"""

import pytest

from leitstand.domain import metric
from leitstand.domain.metric import Labels, Metric, Reading
from leitstand.runtime.runbook import numbers_of

NUMBERS = {
    metric.DRAFTS.name: {
        ("mine", "first", "r1"): 4.0,
        ("mine", "fallback", "r1"): 2.0,
        ("mine", "first", "r0"): 70.0,
        ("other", "first", "r1"): 900.0,
    },
    metric.DISK_FREE.name: {(): 60_000_000_000.0},
    metric.OPEN.name: {("other",): 3.0},
    metric.LOOK_AGE.name: {(): 0.5},
}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (metric.DRAFTS, {("first",): 4.0, ("fallback",): 2.0}),
        (metric.DISK_FREE, {(): 60_000_000_000.0}),
        (metric.OPEN, None),
        (metric.QUEUE_LIMIT, None),
        (metric.FALLBACKS, {(): 0.0}),
    ],
    ids=lambda value: value.name if isinstance(value, Metric) else None,
)
def test_a_check_is_about_its_workflow_and_release(wanted: Metric, numbers: dict[Labels, float] | None) -> None:
    reading = Reading(numbers=NUMBERS, histograms={})
    assert numbers_of(reading, wanted, {"workflow": "mine", "release": "r1"}) == numbers


def test_a_process_that_does_not_work_counts_nothing() -> None:
    rests = Reading(numbers={**NUMBERS, metric.LOOK_AGE.name: {}}, histograms={})
    assert numbers_of(rests, metric.FALLBACKS, {"workflow": "mine", "release": "r1"}) is None
    assert numbers_of(rests, metric.DISK_FREE, {}) == {(): 60_000_000_000.0}
