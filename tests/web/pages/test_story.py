"""Is every kind of event told in a sentence, in both languages?"""

import dataclasses
import typing

import pytest

from leitstand.domain.event import BODIES, Actor, Event, PassageUsed, VerdictGiven
from leitstand.domain.failure import KINDS
from leitstand.domain.guardrail import Outcome, Verdict
from leitstand.domain.review import Verb
from leitstand.web.pages.story import Teller
from leitstand.web.pages.words import CALL_ERRORS, WITHHELD
from leitstand.web.speech import Speech

KNOWN = {
    "outcome": Outcome.REVIEW,
    "verb": Verb.EDIT,
    "channel": "api",
    "kind": "webhook",
    "error": "",
    "language": "de",
    "reasons": ("citations:flagged",),
    "passages": (PassageUsed(id="p", source="a.md", score="0.5"),),
    "verdicts": (VerdictGiven(guard="citations", verdict=Verdict.FLAGGED, codes=(), duration=9),),
}
SPECIAL = {"case.draft_missed": {"reason": "deadline"}}
BY_TYPE = {int: 3, str: "wrong", bool: True, tuple: ("a",)}


def event(kind: str, **changes: object) -> Event:
    """An event of a kind, filled from its types."""
    body = BODIES[kind]
    hints = typing.get_type_hints(body)
    values = {item.name: KNOWN.get(item.name, _example(hints[item.name])) for item in dataclasses.fields(body)}
    return Event(
        tenant_id="default",
        case_id="c",
        seq=1,
        epoch=1,
        at=1_700_000_000_000_000,
        actor=Actor(kind="person", id="p-1"),
        release_digest="d",
        runtime_version="0",
        body=body(**(values | changes)),
        commitments={"note": "c0ffee"},
    )


def _example(hint: object) -> object:
    kinds = [hint, *typing.get_args(hint)]
    return next((BY_TYPE[kind] for kind in kinds if kind in BY_TYPE), ("a",))


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_event_is_told_differently_in_each_language(kind: str) -> None:
    told = {
        language: Teller(say=Speech(language), names={"p-1": "Ada"}).tell(event(kind, **SPECIAL.get(kind, {})))
        for language in ("de", "en")
    }
    assert told["de"].text != told["en"].text
    assert kind not in told["en"].text
    assert told["en"].contents == ("note",)


def test_unknown_tokens_and_costs_are_said_to_be_unknown() -> None:
    line = Teller(say=Speech("en")).tell(event("model_call.finished", cost=None, output_tokens=None, attempt=1))
    assert "cost unknown" in line.facts
    assert "12 tokens in, unknown out" in line.facts


def test_a_person_whose_name_was_deleted_is_somebody() -> None:
    assert Teller(say=Speech("en")).tell(event("review.decided")).text.startswith("somebody decided")


def test_every_kind_of_failure_has_its_words() -> None:
    assert set(KINDS) - {"withheld"} == set(CALL_ERRORS)


@pytest.mark.parametrize("reason", ["stop", "zone", "breaker", "rate", "budget", "price", "dear"])
def test_why_a_call_was_withheld_is_told_in_words(reason: str) -> None:
    told = [Teller(say=Speech(say)).tell(event("model_call.withheld", reason=reason)).text for say in ("de", "en")]
    assert told[0] != told[1]
    assert reason in WITHHELD


@pytest.mark.parametrize(("seconds", "said"), [(0, "less than 1 s"), (12, "12.0\xa0s")])
def test_a_decision_within_a_second_took_no_nought(seconds: int, said: str) -> None:
    line = Teller(say=Speech("en"), names={}).tell(event("review.decided", seconds_shown=seconds))
    assert f"on the screen for {said}" in line.facts


def test_why_a_delivery_failed_is_said_where_the_journal_knows() -> None:
    teller = Teller(say=Speech("de"), names={})
    said = teller.tell(event("delivery.failed", error="server_error", status=503))
    assert said.text == "Der Empfänger hat die Zustellung nicht angenommen: Serverfehler."
    assert "HTTP 503" in said.facts
    old = teller.tell(event("delivery.failed", error="", status=None))
    assert old.text == "Der Empfänger hat die Zustellung nicht angenommen."


def test_the_next_attempt_is_said_to_the_second() -> None:
    line = Teller(say=Speech("en"), names={}).tell(event("delivery.failed", retry_at=1_700_000_008_000_000))
    assert any("again in 8.0" in fact for fact in line.facts)
