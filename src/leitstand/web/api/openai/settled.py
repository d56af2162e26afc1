"""What has become of the case behind a chat completion: an answer, something held back, or no answer?"""

from dataclasses import dataclass

import msgspec

from leitstand.domain.case import Case, Status
from leitstand.domain.errors import translatable
from leitstand.domain.event import ModelCallFinished
from leitstand.domain.price import Usage as Tokens
from leitstand.encoding import canonical
from leitstand.runtime.parts import Installed
from leitstand.web.chat_refusals import CaseLost, CaseUnderWay, ModelsOverloaded, NoAnswer
from leitstand.web.translate import translate

RETRY_SECONDS = 5
"""When overloaded models did not say when to come back."""

HELD = {
    Status.REVIEW: translatable("This answer waits for a person to look at it; the case is {case_id}."),
    Status.ESCALATED: translatable("This answer did not pass its checks and waits for a person: case {case_id}."),
    Status.REJECTED: translatable("A person rejected this answer; the case is {case_id}."),
    Status.STOPPED: translatable("The case {case_id} was stopped."),
}
FILTERED = translatable("The model or its filter refused to answer; the case is {case_id}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A case as its caller finds it: its output when it was delivered, the model call that gave it, None if unknown."""

    case: Case
    output: object
    call: ModelCallFinished | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the caller is told: the answer, or in its place why it was held back; why it ends; what it took."""

    content: str | None
    refusal: str | None
    finish_reason: str
    tokens: Tokens


def told(settled: Settled, installed: Installed, language: str, *, whole_output: bool) -> Told:
    """The answer in a case; raises ``NoAnswer``, ``CaseUnderWay`` and ``CaseLost`` where there is none to tell."""
    case, call = settled.case, settled.call
    content = refusal = None
    if case.status is Status.DELIVERED:
        content = _text(settled.output, "" if whole_output else installed.workflow.draft.text)
        cut_off = call is not None and call.finish_reason == "length"
        reason = "length" if cut_off else "stop"
    else:
        refusal = translate(_held_back(case), {"case_id": case.case_id}, language)
        reason = "content_filter"
    return Told(
        content=content,
        refusal=refusal,
        finish_reason=reason,
        tokens=call.usage if call else Tokens(),
    )


def _held_back(case: Case) -> str:
    """Why a case that was not delivered has an answer all the same that nobody gets; a template."""
    last = case.attempts[-1] if case.attempts else None
    if not case.drafted and last and last.error == "filtered":
        return FILTERED
    if not case.drafted and case.status in (Status.FAILED, Status.ESCALATED):
        raise _no_answer(case)
    if case.status in HELD:
        return HELD[case.status]
    if case.status is Status.FAILED:
        raise CaseLost(case_id=case.case_id)
    raise CaseUnderWay(case_id=case.case_id)


def _no_answer(case: Case) -> NoAnswer:
    last = case.attempts[-1] if case.attempts else None
    kind = (last and (last.withheld or last.error)) or "no_attempt"
    values = {"workflow": case.workflow, "case_id": case.case_id, "kind": kind}
    if last and (last.error == "overloaded" or last.withheld == "rate"):
        seconds = -(-last.retry_after // 1_000_000) if last.retry_after is not None else RETRY_SECONDS
        return ModelsOverloaded(retry_after=seconds, **values)
    return NoAnswer(**values)


def _text(output: object, field: str) -> str:
    """The text of an output; an output without a text field is its JSON."""
    if field and isinstance(output, dict):
        return str(output.get(field, ""))
    return canonical(output).decode()


class PromptDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of the prompt's tokens were told apart, by OpenAI's names."""

    cached_tokens: int | None = None
    audio_tokens: int | None = None


class CompletionDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of the completion's tokens were told apart."""

    reasoning_tokens: int | None = None
    audio_tokens: int | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tokens by OpenAI's names: totals, and what of them was told apart."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


def usage_of(answer: Told) -> Usage | None:
    """The usage; None when a count is unknown, for an unknown count is not zero."""
    tokens = answer.tokens
    if tokens.given is None or tokens.made is None:
        return None
    prompt = PromptDetails(cached_tokens=tokens.cached_input_tokens, audio_tokens=tokens.audio_input_tokens)
    completion = CompletionDetails(reasoning_tokens=tokens.reasoning_tokens, audio_tokens=tokens.audio_output_tokens)
    return Usage(
        prompt_tokens=tokens.given,
        completion_tokens=tokens.made,
        total_tokens=tokens.given + tokens.made,
        prompt_tokens_details=prompt if prompt != PromptDetails() else None,
        completion_tokens_details=completion if completion != CompletionDetails() else None,
    )
