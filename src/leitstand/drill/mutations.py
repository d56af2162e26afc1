"""Would the drill notice if a protection were missing? Each is replaced from outside, in a process of its own.

Production code has no switch for any of them: a mutation names a function and puts another in its place. When that
function is gone or renamed, the mutation is an error, not a success.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any
from unittest.mock import patch

from leitstand.domain.errors import ProviderFailed, translatable
from leitstand.domain.guardrail import Judgement, Verdict
from leitstand.domain.model_chain import GiveUp
from leitstand.drill.tool_mutations import calls_at_once, takes_any_arguments, takes_any_name
from leitstand.runtime.ids import new_id

Wrap = Callable[[Any], Any]
"""Makes the replacement from the original."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """A protection, the scenario that must turn red without it, and what stands in its place.

    ``places`` are functions or methods as ``module:name``.
    """

    protection: str
    scenario: str
    places: tuple[str, ...]
    wrap: Wrap


@contextmanager
def without(mutation: Mutation) -> Iterator[None]:
    """Run this process without the protection; raises ``AttributeError`` where there is nothing to replace."""
    with ExitStack() as stack:
        for place in mutation.places:
            module, _, name = place.partition(":")
            holder: Any = import_module(module)
            *path, last = name.split(".")
            for part in path:
                holder = getattr(holder, part)
            stack.enter_context(patch.object(holder, last, mutation.wrap(getattr(holder, last))))
        yield


def _only_first_target(original: Any) -> Any:
    def next_attempt(chain: Any, *given: Any) -> Any:
        choice = original(chain, *given)
        return GiveUp(reason="exhausted") if getattr(choice, "target", 0) > 0 else choice

    return next_attempt


def _many_retries(original: Any) -> Any:
    return lambda chain, *given: original([replace(target, retries=5) for target in chain], *given)


def _always_retried(original: Any) -> Any:
    def __init__(self: ProviderFailed, *, kind: str, **values: Any) -> None:  # noqa: N807
        original(self, kind=kind, **{**values, "retryable": True})

    return __init__


def _patient(original: Any) -> Any:
    return lambda **values: original(**{**values, "timeout": 600.0})


def _waits_for(which: str) -> Wrap:
    """A watch on the pace that does not look after the ``first`` token, or after what comes ``between``."""

    def wrap(original: Any) -> Any:
        return lambda pace, seconds: None if pace._begun == (which == "between") else original(pace, seconds)  # noqa: SLF001

    return wrap


def _lets_in(original: Any) -> Any:
    del original

    async def enter(*_: Any) -> None:
        return None

    return enter


def _allows(original: Any) -> Any:
    del original
    return lambda *_, **__: True


def _never(original: Any) -> Any:
    del original
    return lambda *_: None


def _cut_off_is_whole(original: Any) -> Any:
    def judged(said: Any, *given: Any) -> Any:
        return original(replace(said, reason="stop") if said.reason in ("length", "unknown") else said, *given)

    return judged


def _ends_well(original: Any) -> Any:
    def add(collected: Any, chunk: Any) -> None:
        original(collected, chunk)
        collected.reason = collected.reason or "stop"

    return add


def _anything_fits(field: str) -> Wrap:
    """An installed release in which a contract takes everything."""

    def wrap(original: Any) -> Any:
        return lambda *given: replace(original(*given), **{field: lambda _: ()})

    return wrap


def _passes(original: Any) -> Any:
    del original
    return lambda self, _: Judgement(guard=self.name, verdict=Verdict.PASSED)


def _errors_pass(original: Any) -> Any:
    async def judge(*given: Any) -> Judgement:
        judgement: Judgement = await original(*given)
        broke = judgement.verdict is Verdict.ERROR
        return Judgement(guard=judgement.guard, verdict=Verdict.PASSED) if broke else judgement

    return judge


def _another_key(original: Any) -> Any:
    return lambda self, *, key, body: original(self, key=f"{key}-{new_id(0)}", body=body)


def _no_sweep(original: Any) -> Any:
    del original

    async def sweep(self: Any) -> None:
        del self

    return sweep


_NEXT = ("leitstand.runtime.draft:next_attempt",)
_REQUEST = ("leitstand.runtime.assignment:Request",)
_TARGET = ("leitstand.runtime.pace:Pace._watch",)
_INSTALL = ("leitstand.installer:Installer._install",)

MUTATIONS = (
    Mutation(
        protection=translatable("fallback to the next model"), scenario="P1", places=_NEXT, wrap=_only_first_target
    ),
    Mutation(protection=translatable("limit of retries"), scenario="M2", places=_NEXT, wrap=_many_retries),
    Mutation(
        protection=translatable("no retry of what cannot pass"),
        scenario="P3",
        places=("leitstand.domain.errors:ProviderFailed.__init__",),
        wrap=_always_retried,
    ),
    Mutation(
        protection=translatable("Retry-After"),
        scenario="P2",
        places=("leitstand.providers.chat_failures:seconds_to_wait",),
        wrap=_never,
    ),
    Mutation(protection=translatable("total deadline of an attempt"), scenario="L3", places=_REQUEST, wrap=_patient),
    Mutation(
        protection=translatable("deadline of the first token"), scenario="L1", places=_TARGET, wrap=_waits_for("first")
    ),
    Mutation(
        protection=translatable("deadline between tokens"), scenario="L2", places=_TARGET, wrap=_waits_for("between")
    ),
    Mutation(
        protection=translatable("circuit breaker"),
        scenario="P1",
        places=("leitstand.runtime.breakers:Breakers.enter",),
        wrap=_lets_in,
    ),
    Mutation(
        protection=translatable("budget of retries"),
        scenario="P7",
        places=("leitstand.runtime.retries:Retries.may",),
        wrap=_allows,
    ),
    Mutation(
        protection=translatable("stop at the budget"),
        scenario="B2",
        places=("leitstand.runtime.budget_gate:BudgetGate.enter",),
        wrap=_lets_in,
    ),
    Mutation(
        protection=translatable("a stream ends with a finish reason"),
        scenario="S1-done",
        places=("leitstand.providers.chat_stream:_Collected.add",),
        wrap=_ends_well,
    ),
    Mutation(
        protection=translatable("finish reason"),
        scenario="M6",
        places=("leitstand.providers.chat_answer:judged", "leitstand.providers.chat_stream:judged"),
        wrap=_cut_off_is_whole,
    ),
    Mutation(
        protection=translatable("output schema"), scenario="M2", places=_INSTALL, wrap=_anything_fits("output_problems")
    ),
    Mutation(
        protection=translatable("input schema"), scenario="D1", places=_INSTALL, wrap=_anything_fits("input_problems")
    ),
    Mutation(protection=translatable("list of tools"), scenario="T1", places=_INSTALL, wrap=takes_any_name),
    Mutation(
        protection=translatable("schema of a tool's arguments"),
        scenario="T2",
        places=_INSTALL,
        wrap=takes_any_arguments,
    ),
    Mutation(
        protection=translatable("limit of a tool loop"),
        scenario="T4",
        places=("leitstand.runtime.tool_loop:gives_up",),
        wrap=_never,
    ),
    Mutation(
        protection=translatable("a tool that writes waits for a person"),
        scenario="I4",
        places=("leitstand.runtime.tool_loop:rule",),
        wrap=calls_at_once,
    ),
    Mutation(
        protection=translatable("check of citations"),
        scenario="R2",
        places=("leitstand.guardrails.citations:Citations.judge",),
        wrap=_passes,
    ),
    Mutation(
        protection=translatable("check for injected instructions"),
        scenario="I1",
        places=("leitstand.guardrails.injection:Injection.judge",),
        wrap=_passes,
    ),
    Mutation(
        protection=translatable("a broken check does not pass"),
        scenario="X1",
        places=("leitstand.runtime.check:_judge",),
        wrap=_errors_pass,
    ),
    Mutation(
        protection=translatable("idempotency key of a delivery"),
        scenario="X6",
        places=("leitstand.deliverers.webhook:Webhook.deliver",),
        wrap=_another_key,
    ),
    Mutation(
        protection=translatable("cases are taken up again"),
        scenario="X2",
        places=("leitstand.runtime.worker:Worker.sweep",),
        wrap=_no_sweep,
    ),
    Mutation(
        protection=translatable("limit of waiting cases"),
        scenario="X4",
        places=("leitstand.runtime.queue:Queue.admit",),
        wrap=_never,
    ),
)
"""Every protection that the drill is proven on."""
