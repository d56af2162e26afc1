"""Which spans do the events of a case make?

The conventions for generative AI are still moving; their names stand here and in ``otel.py``, nowhere else. A case is
one trace, and its id is the id of the trace. From one rest to the next it is one span with its steps below: a case
that waits a week for a person does not keep a span open for it. Nothing of what a case contains is in any of them.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event as SpanEvent
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from leitstand import __version__
from leitstand.domain import event as happened
from leitstand.domain.case import Case
from leitstand.domain.case import Status as CaseStatus
from leitstand.domain.event import Event
from leitstand.domain.tool import call_id

SCOPE = InstrumentationScope("leitstand", __version__)
NAME = re.compile(r"[\w.:/@+-]{1,100}", re.ASCII)
"""What a name that came from outside may look like."""

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
"""W3C Trace Context, version 00: trace id and span id."""

Attributes = dict[str, str | int | float | bool | Sequence[str]]


@dataclass(kw_only=True, slots=True)
class Stretch:
    """What happened to a case from one rest to the next; ``targets`` are provider and model by place in the chain."""

    case: Case
    events: list[Event]
    targets: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def trace_id(self) -> int:
        """The case's id as the id of a trace."""
        return int(self.case.case_id.replace("-", ""), 16)

    def context(self, seq: int, part: str = "") -> SpanContext:
        """The span of an event, or of a part of it; the same again when it is told again."""
        digest = hashlib.sha256(f"{self.case.case_id}:{seq}:{part}".encode()).digest()
        span_id = int.from_bytes(digest[:8]) or 1
        return SpanContext(self.trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A span below that of the stretch; times are UTC microseconds."""

    name: str
    seq: int
    begin: int
    end: int
    attributes: Attributes
    kind: SpanKind = SpanKind.INTERNAL
    error: str = ""


def spans_of(stretch: Stretch, resource: Resource) -> Iterator[ReadableSpan]:
    """The span of a stretch and those of its steps."""
    first, last = stretch.events[0], stretch.events[-1]
    own = stretch.context(first.seq)
    for part in _parts(stretch):
        yield _span(part, resource, stretch.context(part.seq, part.name), own)
    case = stretch.case
    attributes: Attributes = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": case.workflow,
        "leitstand.case.id": case.case_id,
        "leitstand.case.status": case.status.value,
        "leitstand.case.fallback": case.fallback,
        "leitstand.release.digest": case.release_digest,
    }
    if case.outcome:
        attributes["leitstand.case.outcome"] = case.outcome.value
    whole = Part(
        name=f"invoke_workflow {case.workflow}",
        seq=first.seq,
        begin=first.at,
        end=last.at,
        attributes=attributes,
        error="failed" if case.status is CaseStatus.FAILED else "",
    )
    yield _span(whole, resource, own, stretch.context(1) if first.seq > 1 else None, stretch.events)


def _span(
    part: Part, resource: Resource, own: SpanContext, parent: SpanContext | None, events: Sequence[Event] = ()
) -> ReadableSpan:
    attributes: Attributes = {**part.attributes, **({"error.type": part.error} if part.error else {})}
    return ReadableSpan(
        name=part.name,
        context=own,
        parent=parent,
        resource=resource,
        attributes=attributes,
        events=tuple(SpanEvent(each.type, timestamp=each.at * 1000) for each in events),
        links=tuple(_links(events)),
        kind=part.kind,
        status=Status(StatusCode.ERROR) if part.error else Status(StatusCode.UNSET),
        start_time=part.begin * 1000,
        end_time=part.end * 1000,
        instrumentation_scope=SCOPE,
    )


def _links(events: Sequence[Event]) -> Iterator[Link]:
    """The span of the caller that opened the case, where it named one."""
    body = events[0].body if events else None
    if isinstance(body, happened.CaseAccepted) and (named := TRACEPARENT.fullmatch(body.traceparent)):
        yield Link(SpanContext(int(named[1], 16), int(named[2], 16), is_remote=True))


def _parts(stretch: Stretch) -> Iterator[Part]:
    intended: Event | None = None
    for event in stretch.events:
        match event.body:
            case happened.ModelCallIntended() as call:
                stretch.targets[call.target] = (call.provider, call.model)
            case happened.ModelCallFinished() as call:
                yield _chat(stretch.targets.get(call.target, ("other", "other")), call, event)
            case happened.ToolCallFinished() as tool:
                yield _tool(tool, event)
            case happened.CaseRetrieved() as found:
                yield _retrieval(found, event)
            case happened.CaseChecked() as checked:
                yield from _guards(checked, event)
            case happened.DeliveryIntended():
                intended = event
            case happened.CaseDelivered():
                yield _delivery(intended or event, event, "")
            case happened.DeliveryFailed(error=error):
                yield _delivery(intended or event, event, error or "delivery_failed")


def chat_attributes(target: tuple[str, str], error: str) -> Attributes:
    """What is said of a model call in spans and in metrics."""
    provider, model = target
    attributes: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }
    return {**attributes, "error.type": error} if error else attributes


def _chat(target: tuple[str, str], call: happened.ModelCallFinished, event: Event) -> Part:
    told: Mapping[str, str | int | tuple[str, ...] | None] = {
        "gen_ai.response.model": _plain(call.response_model),
        "gen_ai.response.finish_reasons": (_plain(call.finish_reason),) if call.finish_reason else None,
        "gen_ai.usage.input_tokens": call.usage.given,
        "gen_ai.usage.output_tokens": call.usage.made,
        "gen_ai.usage.cache_read.input_tokens": call.cached_input_tokens,
        "gen_ai.usage.cache_creation.input_tokens": call.cache_write_tokens,
        "leitstand.attempt": call.attempt,
        "leitstand.target": call.target,
        "leitstand.cost.nanos": call.cost,
        "leitstand.cost.currency": call.currency,
    }
    return Part(
        name=f"chat {target[1]}".strip(),
        seq=event.seq,
        begin=event.at - call.duration,
        end=event.at,
        attributes={
            **chat_attributes(target, ""),
            **{key: value for key, value in told.items() if value not in (None, "")},
        },
        kind=SpanKind.CLIENT,
        error=call.error,
    )


def _tool(call: happened.ToolCallFinished, event: Event) -> Part:
    return Part(
        name=f"execute_tool {call.tool}",
        seq=event.seq,
        begin=event.at - call.duration,
        end=event.at,
        attributes={
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.tool,
            "gen_ai.tool.call.id": call_id(call.number),
            "leitstand.attempt": call.attempt,
        },
        kind=SpanKind.CLIENT,
        error=call.error,
    )


def _retrieval(found: happened.CaseRetrieved, event: Event) -> Part:
    return Part(
        name="retrieval",
        seq=event.seq,
        begin=event.at - found.duration,
        end=event.at,
        attributes={
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": found.index_id,
            "leitstand.retrieval.passages": len(found.passages),
        },
    )


def _guards(checked: happened.CaseChecked, event: Event) -> Iterator[Part]:
    """Guardrails speak one after another; the last one ends when the check does."""
    end = event.at
    for given in reversed(checked.verdicts):
        yield Part(
            name=f"apply_guardrail {given.guard}",
            seq=event.seq,
            begin=end - given.duration,
            end=end,
            attributes={
                "gen_ai.operation.name": "apply_guardrail",
                "leitstand.guardrail.name": given.guard,
                "leitstand.guardrail.verdict": given.verdict.value,
                "leitstand.guardrail.codes": tuple(_plain(code) for code in given.codes),
            },
        )
        end -= given.duration


def _delivery(begun: Event, event: Event, error: str) -> Part:
    return Part(
        name="deliver",
        seq=event.seq,
        begin=begun.at,
        end=event.at,
        attributes={"leitstand.delivery.done": not error},
        kind=SpanKind.CLIENT,
        error=error,
    )


def _plain(name: str) -> str:
    """A name from outside, ``other`` when it does not look like one: nobody may say more through it than a name."""
    return name if NAME.fullmatch(name) or not name else "other"
