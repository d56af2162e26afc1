"""Are numbers, money and times said as people of the language expect, and is unknown said as unknown?"""

import time

import pytest

from leitstand.web.speech import DAY, HOUR, MINUTE, SECOND, Speech, amount, machine_time

DE, EN = Speech("de"), Speech("en")


def said(text: str) -> str:
    """With plain spaces."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("nanos", "english", "german"),
    [
        (None, "unknown", "unbekannt"),
        (0, "0.00 EUR", "0,00 EUR"),
        (9_600_000_000, "9.60 EUR", "9,60 EUR"),
        (1_234_567_000_000_000, "1,234,567.00 EUR", "1.234.567,00 EUR"),
        (42_100_000, "0.042 EUR", "0,042 EUR"),
        (6_556_000, "0.0066 EUR", "0,0066 EUR"),
        (600_000, "0.0006 EUR", "0,0006 EUR"),
        (7, "0.000000007 EUR", "0,000000007 EUR"),
    ],
)
def test_money_never_looks_like_nothing_unless_it_is(nanos: int | None, english: str, german: str) -> None:
    assert said(EN.money(nanos, "EUR")) == english
    assert said(DE.money(nanos, "EUR")) == german


@pytest.mark.parametrize(
    ("share", "english", "german"),
    [
        (None, "unknown", "unbekannt"),
        (0.0, "0%", "0 %"),
        (96.14, "96.1%", "96,1 %"),
        (100.0, "100%", "100 %"),
        (99.99, "100%", "100 %"),
    ],
)
def test_shares(share: float | None, english: str, german: str) -> None:
    assert said(EN.percent(share)) == english
    assert said(DE.percent(share)) == german


@pytest.mark.parametrize(
    ("microseconds", "english"),
    [
        (None, "unknown"),
        (900, "0.9 ms"),
        (42_000, "42 ms"),
        (999_985, "1.0 s"),
        (1_500_000, "1.5 s"),
        (90 * SECOND, "1 min"),
        (239 * MINUTE, "4 h"),
        (3 * HOUR, "3 h"),
        (5 * DAY, "5 days"),
    ],
)
def test_durations(microseconds: int | None, english: str) -> None:
    assert said(EN.duration(microseconds)) == english


def test_distances_in_time() -> None:
    now = 10 * DAY
    assert said(EN.ago(now - 2 * SECOND, now)) == "just now"
    assert said(DE.ago(now - 3 * DAY, now)) == "vor 3 Tagen"
    assert said(EN.due(now + 42 * MINUTE, now)) == "in 42 min"
    assert said(DE.due(now - 5 * MINUTE, now)) == "seit 5 min überfällig"


def test_moments_name_their_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    at = 1_763_726_400 * SECOND + 123_000
    assert DE.moment(at) == "21.11.2025, 13:00:00 (UTC+01:00)"
    assert EN.clock(at) == "13:00:00.123"
    assert machine_time(at) == "2025-11-21T12:00:00.123+00:00"
    monkeypatch.undo()
    time.tzset()


def test_amounts_of_workflows() -> None:
    assert said(amount("9.60 EUR", DE)) == "9,60 EUR"
