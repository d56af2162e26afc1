"""Are recorded and billed cost laid beside each other, and is what is missing named?"""

from leitstand.domain.reconcile import Amount, Difference, differences, model_name


def amount(day: str, model: str, nanos: int, *, currency: str = "USD", unknown: int = 0) -> Amount:
    return Amount(day=day, model=model, currency=currency, nanos=nanos, calls=1, unknown=unknown)


def test_a_snapshot_is_its_model():
    assert [model_name(name) for name in ("gpt-4o-mini-2024-07-18", "Claude-Sonnet-4-5-20250929", "gpt-5")] == [
        "gpt-4o-mini",
        "claude-sonnet-4-5",
        "gpt-5",
    ]


def test_what_agrees_differs_or_is_missing_stands_by_day_and_model():
    recorded = (
        amount("2026-11-26", "gpt-5", 60),
        amount("2026-11-26", "gpt-5-2026-08-07", 40),
        amount("2026-11-26", "b", 5),
        amount("2026-11-27", "gpt-5", 7),
        amount("2026-11-27", "gpt-5", 0, currency="", unknown=2),
    )
    billed = (amount("2026-11-26", "gpt-5", 99), amount("2026-11-27", "gpt-5", 7), amount("2026-11-27", "c", 1))
    found = differences(recorded, billed)
    assert found == (
        Difference(day="2026-11-26", model="b", currency="USD", recorded=5, billed=None, unknown=0),
        Difference(day="2026-11-26", model="gpt-5", currency="USD", recorded=100, billed=99, unknown=0),
        Difference(day="2026-11-27", model="c", currency="USD", recorded=None, billed=1, unknown=0),
        Difference(day="2026-11-27", model="gpt-5", currency="USD", recorded=7, billed=7, unknown=2),
    )
    assert [one.agrees(2) for one in found] == [False, True, False, False]
    assert not found[1].agrees(1)
