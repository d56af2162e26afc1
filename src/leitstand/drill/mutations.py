"""Would the drill notice if a protection were missing? Each is replaced from outside, in a process of its own.

Production code has no switch for any of them: a mutation names a function and puts another in its place. When that
function is gone or renamed, the mutation is an error, not a success.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest.mock import patch

from leitstand.domain.errors import translatable
from leitstand.drill.stand_ins import (
    Wrap,
    allows,
    always_retried,
    another_key,
    any_epoch,
    anything_fits,
    calls_at_once,
    cut_off_is_whole,
    ends_well,
    errors_pass,
    lets_in,
    many_retries,
    never,
    no_look,
    only_first_target,
    passes,
    patient,
    takes_any_arguments,
    takes_any_name,
    waits_for,
    waits_for_checks,
)


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


_NEXT = ("leitstand.runtime.draft:next_attempt",)
_REQUEST = ("leitstand.runtime.assignment:Request",)
_TARGET = ("leitstand.runtime.pace:Pace._watch",)
_INSTALL = ("leitstand.installer:Installer._install",)

MUTATIONS = (
    Mutation(
        protection=translatable("fallback to the next model"), scenario="P1", places=_NEXT, wrap=only_first_target
    ),
    Mutation(protection=translatable("limit of retries"), scenario="M2", places=_NEXT, wrap=many_retries),
    Mutation(
        protection=translatable("no retry of what cannot pass"),
        scenario="P3",
        places=("leitstand.domain.errors:ProviderFailed.__init__",),
        wrap=always_retried,
    ),
    Mutation(
        protection=translatable("Retry-After"),
        scenario="P2",
        places=("leitstand.providers.chat_failures:seconds_to_wait",),
        wrap=never,
    ),
    Mutation(protection=translatable("total deadline of an attempt"), scenario="L3", places=_REQUEST, wrap=patient),
    Mutation(
        protection=translatable("deadline of the first token"), scenario="L1", places=_TARGET, wrap=waits_for("first")
    ),
    Mutation(
        protection=translatable("deadline between tokens"), scenario="L2", places=_TARGET, wrap=waits_for("between")
    ),
    Mutation(
        protection=translatable("circuit breaker"),
        scenario="P1",
        places=("leitstand.runtime.breakers:Breakers.enter",),
        wrap=lets_in,
    ),
    Mutation(
        protection=translatable("budget of retries"),
        scenario="P7",
        places=("leitstand.runtime.retries:Retries.may",),
        wrap=allows,
    ),
    Mutation(
        protection=translatable("stop at the budget"),
        scenario="B2",
        places=("leitstand.runtime.budget_gate:BudgetGate.enter",),
        wrap=lets_in,
    ),
    Mutation(
        protection=translatable("a stream ends with a finish reason"),
        scenario="S1-done",
        places=("leitstand.providers.chat_stream:_Collected.add",),
        wrap=ends_well,
    ),
    Mutation(
        protection=translatable("finish reason"),
        scenario="M6",
        places=("leitstand.providers.chat_answer:judged", "leitstand.providers.chat_stream:judged"),
        wrap=cut_off_is_whole,
    ),
    Mutation(
        protection=translatable("output schema"), scenario="M2", places=_INSTALL, wrap=anything_fits("output_problems")
    ),
    Mutation(
        protection=translatable("input schema"), scenario="D1", places=_INSTALL, wrap=anything_fits("input_problems")
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
        wrap=never,
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
        wrap=passes,
    ),
    Mutation(
        protection=translatable("check for injected instructions"),
        scenario="I1",
        places=("leitstand.guardrails.injection:Injection.judge",),
        wrap=passes,
    ),
    Mutation(
        protection=translatable("a broken check does not pass"),
        scenario="X1",
        places=("leitstand.runtime.check:_judge",),
        wrap=errors_pass,
    ),
    Mutation(
        protection=translatable("idempotency key of a delivery"),
        scenario="X6",
        places=("leitstand.deliverers.webhook:Webhook.deliver",),
        wrap=another_key,
    ),
    Mutation(
        protection=translatable("cases are taken up again"),
        scenario="X2",
        places=("leitstand.runtime.worker:Worker.sweep",),
        wrap=no_look,
    ),
    Mutation(
        protection=translatable("limit of waiting cases"),
        scenario="X4",
        places=("leitstand.runtime.queue:Queue.admit",),
        wrap=never,
    ),
    Mutation(
        protection=translatable("zone of a model, before a call is made"),
        scenario="Z1",
        places=("leitstand.runtime.zone_gate:ZoneGate.enter",),
        wrap=lets_in,
    ),
    Mutation(
        protection=translatable("addresses behind a name, at the socket"),
        scenario="Z2",
        places=("leitstand.domain.route:peer_refusal",),
        wrap=never,
    ),
    Mutation(
        protection=translatable("no call of a stopped case leaves"),
        scenario="H2",
        places=("leitstand.runtime.stops:StopGate.enter",),
        wrap=lets_in,
    ),
    Mutation(
        protection=translatable("a stop ends what runs"),
        scenario="H1",
        places=("leitstand.runtime.worker:Worker._heed",),
        wrap=no_look,
    ),
    Mutation(
        protection=translatable("who lost a case writes nothing more"),
        scenario="X3-late",
        places=(
            "leitstand.stores.sqlite_cases:ADVANCE_CASE",
            "leitstand.stores.postgres_connections:SQL",
        ),
        wrap=any_epoch,
    ),
    Mutation(
        protection=translatable("check of facts"),
        scenario="X1-lies",
        places=("leitstand.guardrails.facts:Facts.judge",),
        wrap=passes,
    ),
    Mutation(
        protection=translatable("time limit of a check"),
        scenario="X1-stall",
        places=("leitstand.runtime.check:_spoken",),
        wrap=waits_for_checks,
    ),
)
"""Every protection that the drill is proven on."""
