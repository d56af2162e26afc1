"""What happened to a case, told in prose, event by event?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from leitstand.domain import event as happened
from leitstand.domain.errors import translatable
from leitstand.domain.event import Event
from leitstand.web.pages.proposals import told
from leitstand.web.pages.words import (
    CALL_ERRORS,
    DELIVERY_ERRORS,
    REJECT_REASONS,
    VERBS,
    VERDICT_GLYPHS,
    VERDICTS,
    WITHHELD,
    guard_name,
    reason,
    word,
)
from leitstand.web.speech import Speech


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One event: a glyph, what happened, further facts, and the names of the contents that belong to it."""

    event: Event
    glyph: str
    text: str
    facts: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    who: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Teller:
    """Tells events in one language; ``names`` maps pseudonymous ids to the names of people that are still known."""

    say: Speech
    names: Mapping[str, str] = field(default_factory=dict)

    def tell(self, event: Event) -> Line:
        """The line of one event; one that nobody taught us to tell is shown by its name."""
        glyph, text, facts = self._told(event)
        return Line(
            event=event,
            glyph=glyph,
            text=text,
            facts=facts,
            contents=tuple(sorted(event.commitments)),
            who=self._who(event),
        )

    def _who(self, event: Event) -> str:
        if event.actor.kind == "person":
            return self.names.get(event.actor.id) or self.say("somebody")
        return event.actor.id if event.actor.kind == "client" else ""

    def _told(self, event: Event) -> tuple[str, str, tuple[str, ...]]:  # noqa: PLR0911 - one per event
        match event.body:
            case happened.CaseAccepted() as body:
                channel = word(CHANNELS, body.channel, self.say)
                return "→", self.say("The case was accepted {channel}.", channel=channel), ()
            case happened.CaseNormalised() as body:
                return "≡", self._normalised(body), tuple(word(CHANGES, change, self.say) for change in body.changes)
            case happened.CaseRetrieved() as body:
                text = self.say.plural(
                    "The sources gave {n} passage.", "The sources gave {n} passages.", len(body.passages)
                )
                facts = tuple(f"[{place}] {used.source}" for place, used in enumerate(body.passages, 1))
                return "◎", text, (self.say.duration(body.duration), *facts)
            case happened.CaseDrafted() as body:
                return "✎", self.say(FALLBACK_DRAFT if body.fallback else DRAFT), ()
            case happened.DraftMissed() as body:
                return "✕", word(MISSED, body.reason, self.say), ()
            case happened.CaseChecked() as body:
                return self._checked(body)
            case happened.CaseDecided() as body:
                return self._decided(event, body)
            case _:
                return self._called_or_later(event)

    def _normalised(self, body: happened.CaseNormalised) -> str:
        language = word(LANGUAGE_NAMES, body.language, self.say)
        return self.say("The input was cleaned; its language is {language}.", language=language)

    def _checked(self, body: happened.CaseChecked) -> tuple[str, str, tuple[str, ...]]:
        if not body.verdicts:
            return "–", self.say("No check ran."), ()
        passed = sum(given.verdict == "passed" for given in body.verdicts)
        facts = tuple(self._verdict(given) for given in body.verdicts)
        text = self.say("{passed} of {all} checks passed.", passed=passed, all=len(body.verdicts))
        return ("✓" if passed == len(body.verdicts) else "!"), text, facts

    def _verdict(self, given: happened.VerdictGiven) -> str:
        name, said = guard_name(given.guard, self.say), word(VERDICTS, given.verdict, self.say)
        return f"{VERDICT_GLYPHS[given.verdict]} {name}: {said}"

    def _decided(self, event: Event, body: happened.CaseDecided) -> tuple[str, str, tuple[str, ...]]:
        facts = [reason(code, self.say) for code in body.reasons]
        if body.due_at is not None:
            facts.append(self.say("due {when}", when=self.say.due(body.due_at, event.at)))
        return "◆", self.say(OUTCOMES[body.outcome]), tuple(facts)

    def _called_or_later(self, event: Event) -> tuple[str, str, tuple[str, ...]]:
        match event.body:
            case happened.ModelCallIntended() as body:
                return (
                    "↗",
                    self.say("{model} was asked for a draft.", model=body.model or body.provider),
                    self._attempt(body.attempt),
                )
            case happened.ModelCallFinished() as body:
                return self._call(body)
            case happened.ModelCallWithheld() as body:
                return "⊘", self._withheld(body), ()
            case happened.ModelCallReused() as body:
                return "↺", self._reused(body), self._reuse(body)
            case (
                happened.ToolCallRefused()
                | happened.ToolCallProposed()
                | happened.ToolCallIntended()
                | happened.ToolCallFinished()
            ) as body:
                return told(body, self.say)
            case _:
                return self._reviewed_or_delivered(event)

    def _reviewed_or_delivered(self, event: Event) -> tuple[str, str, tuple[str, ...]]:  # noqa: PLR0911
        match event.body:
            case happened.ReviewDecided() as body:
                return self._reviewed(event, body)
            case happened.DeliveryIntended():
                return "…", self.say("The delivery was announced, before anything left the house."), ()
            case happened.DeliveryFailed() as body:
                return "!", self._missed(body), (*self._attempt(body.attempt), *self._facts_of_miss(event, body))
            case happened.CaseDelivered() as body:
                return "✓", self.say(DELIVERED.get(body.kind, DELIVERED["caller"])), self._attempt(body.attempts)
            case happened.CaseInterrupted() as body:
                return "!", self.say("A step broke and is taken again."), (body.step, body.error, body.error_id)
            case happened.CaseQuarantined() as body:
                story = self.say(
                    "The process died {n} times with this case under way; a person decides.", n=body.crashes
                )
                return "!", story, (body.step,)
            case happened.CaseHalted() as body:
                return "■", self.say(HALTED), (word(SCOPES, body.scope, self.say),)
            case happened.CaseStopped():
                return "■", self.say("The case was stopped; nothing is delivered."), ()
            case happened.CaseFailed() as body:
                return "✕", self.say("The case could not go on."), (reason(body.reason, self.say),)
            case _:
                return "·", event.type, ()

    def _withheld(self, body: happened.ModelCallWithheld) -> str:
        why = word(WITHHELD, body.reason, self.say)
        return self.say("{model} was not asked: {reason}.", model=body.model or body.provider, reason=why)

    def _reused(self, body: happened.ModelCallReused) -> str:
        span = self.say.duration(body.age)
        return self.say("No model was asked: an answer from {span} before was given again.", span=span)

    def _reuse(self, body: happened.ModelCallReused) -> tuple[str, ...]:
        alike = (self.say("likeness {value}", value=body.similarity),) if body.similarity else ()
        came_from = self.say("it was given to case {case_id}", case_id=body.source_case)
        return (word(REUSED, body.how, self.say), *alike, came_from)

    def _attempt(self, number: int) -> tuple[str, ...]:
        return (self.say("attempt {n}", n=number),) if number > 1 else ()

    def _missed(self, body: happened.DeliveryFailed) -> str:
        if not body.error:
            return self.say("The receiver did not take the delivery.")
        error = word(DELIVERY_ERRORS, body.error, self.say)
        return self.say("The receiver did not take the delivery: {error}.", error=error)

    def _facts_of_miss(self, event: Event, body: happened.DeliveryFailed) -> Iterator[str]:
        if body.status is not None:
            yield f"HTTP {body.status}"
        if body.retry_at is not None:
            yield self.say("again in {span}", span=self.say.duration(body.retry_at - event.at))

    def _call(self, body: happened.ModelCallFinished) -> tuple[str, str, tuple[str, ...]]:
        facts = [self.say.duration(body.duration), *self._attempt(body.attempt)]
        given, made = body.usage.given, body.usage.made
        if given is not None or made is not None:
            told = [self.say("unknown") if count is None else self.say.number(count) for count in (given, made)]
            facts.append(self.say("{given} tokens in, {made} out", given=told[0], made=told[1]))
        facts.append(self.say("cost {cost}", cost=self.say.money(body.cost, body.currency)))
        if body.repaired:
            facts.append(self.say("its form was repaired"))
        if body.error:
            return (
                "!",
                self.say("The model gave no usable answer: {error}.", error=word(CALL_ERRORS, body.error, self.say)),
                tuple(facts),
            )
        model = body.response_model
        return (
            "↙",
            self.say("{model} answered.", model=model) if model else self.say("The model answered."),
            tuple(facts),
        )

    def _reviewed(self, event: Event, body: happened.ReviewDecided) -> tuple[str, str, tuple[str, ...]]:
        facts = []
        if body.reason:
            facts.append(self.say("reason: {reason}", reason=word(REJECT_REASONS, body.reason, self.say)))
        if body.seconds_shown is not None:
            span = (
                self.say.duration(body.seconds_shown * 1_000_000) if body.seconds_shown else self.say("less than 1 s")
            )
            facts.append(self.say("on the screen for {span}", span=span))
        text = self.say("{name} decided: {verb}.", name=self._who(event), verb=self.say(VERBS[body.verb]))
        return {"accept": "✓", "edit": "✎", "reject": "✕"}[body.verb], text, tuple(facts)


HALTED = translatable("A stop ended the work on the case; it goes on after the restart.")
SCOPES = {
    "workflow": translatable("the workflow was stopped"),
    "tenant": translatable("everything of the tenant was stopped"),
    "all": translatable("everything was stopped"),
}
CHANNELS = {
    "api": translatable("over the API"),
    "openai": translatable("as a chat completion"),
    "cli": translatable("from the command line"),
    "page": translatable("on a page"),
    "demo": translatable("by the demo"),
}
LANGUAGE_NAMES = {"de": translatable("German"), "en": translatable("English"), "": translatable("unknown")}
CHANGES = {
    "line_endings": translatable("line ends made alike"),
    "unicode": translatable("characters repaired"),
    "whitespace": translatable("white space tidied"),
    "other_fields": translatable("other fields cleaned"),
    "quoted": translatable("quoted mail history separated"),
    "signature": translatable("signature separated"),
}
DRAFT = translatable("There is a draft.")
FALLBACK_DRAFT = translatable("There is a draft, from a fallback.")
MISSED = {
    "tool_rounds": translatable("The model asked for tools again and again, and gave no draft."),
    "tool_refusals": translatable("The model insisted on tool calls that it may not make, and gave no draft."),
    "exhausted": translatable("No model gave a usable draft."),
    "deadline": translatable("No draft before the deadline."),
    "budget": translatable("No draft: the budget does not allow another call."),
    "stopped": translatable("No draft: models were stopped."),
}
REUSED = {
    "exact": translatable("the request was the same"),
    "shared": translatable("the same was asked at the same time"),
    "semantic": translatable("the question means the same"),
}
OUTCOMES = {
    "deliver": translatable("Policy: deliver."),
    "review": translatable("Policy: a person decides."),
    "escalate": translatable("Policy: escalate."),
}
DELIVERED = {
    "caller": translatable("The output is ready for its caller."),
    "webhook": translatable("The output was delivered to its receiver."),
    "file": translatable("The output was written to its file."),
}
