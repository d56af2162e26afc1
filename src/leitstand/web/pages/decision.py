"""Which decision did a review form send?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leitstand.domain.errors import Phrase, RequestMalformed, translatable
from leitstand.domain.review import ReviewDecision, Verb
from leitstand.web.pages.case_view import CaseView
from leitstand.web.pages.form_reading import read_output
from leitstand.web.pages.posted import Form
from leitstand.web.speech import SECOND

LONGEST_NOTE = 5000
LONGEST_SHOWN = 7200
"""Seconds; a page that stood open longer than two hours says nothing about the time of work, which is then unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A decision as it was typed, and what is wrong with its fields: JSON pointer to template."""

    decision: ReviewDecision
    problems: Mapping[str, str] = field(default_factory=dict)


def read_decision(form: Form, now: int, view: CaseView) -> Read:
    """The decision in a form; raises ``RequestMalformed`` for one that no page of ours sends."""
    try:
        verb = Verb(form.get("verb"))
    except ValueError:
        raise RequestMalformed(
            detail=Phrase(translatable("{verb} is not a decision"), verb=repr(form.get("verb")[:40])),
            expected=Phrase(translatable("one of {known}"), known=", ".join(Verb)),
        ) from None
    output, problems = (None, {}) if verb is not Verb.EDIT else read_output(view.fields, form, view.draft or {})
    decision = ReviewDecision(
        verb=verb,
        draft_commitment=form.get("draft_commitment"),
        output=output,
        reason=form.get("reason"),
        note=form.get("note").strip()[:LONGEST_NOTE],
        seconds_shown=_seconds(form, now),
        tool_calls=() if verb is Verb.REJECT else _numbers(form.all("tool_call")),
    )
    return Read(decision=decision, problems=problems)


def _numbers(given: list[str]) -> tuple[int, ...]:
    """The tool calls that stood on the page; what is no number names none of them."""
    return tuple(int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0 for text in given)


def _seconds(form: Form, now: int) -> int | None:
    """How long the case was on the screen: as our script measured it, else since the page was made."""
    measured, shown_at = form.get("seconds_shown"), form.get("shown_at")
    if measured.isascii() and measured.isdigit() and len(measured) < 9:
        seconds = int(measured)
    elif shown_at.isascii() and shown_at.isdigit() and len(shown_at) < 18:
        seconds = (now - int(shown_at)) // SECOND
    else:
        return None
    return seconds if 0 <= seconds <= LONGEST_SHOWN else None
