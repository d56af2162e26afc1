"""What stands in the place of a protection, to prove that the drill notices?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from leitstand.domain.errors import ProviderFailed
from leitstand.domain.guardrail import Judgement, Verdict
from leitstand.domain.model_chain import GiveUp
from leitstand.domain.tool import Ruling
from leitstand.runtime.ids import new_id

Wrap = Callable[[Any], Any]
"""Makes the replacement from the original."""


def only_first_target(original: Any) -> Any:
    """A chain that gives up where the next model would be asked."""

    def next_attempt(chain: Any, *given: Any) -> Any:
        choice = original(chain, *given)
        return GiveUp(reason="exhausted") if getattr(choice, "target", 0) > 0 else choice

    return next_attempt


def many_retries(original: Any) -> Any:
    """A chain that asks each model up to six times."""
    return lambda chain, *given: original([replace(target, retries=5) for target in chain], *given)


def always_retried(original: Any) -> Any:
    """A failure that says that it may pass, whatever it is."""

    def __init__(self: ProviderFailed, *, kind: str, **values: Any) -> None:  # noqa: N807
        original(self, kind=kind, **{**values, "retryable": True})

    return __init__


def patient(original: Any) -> Any:
    """A request that waits for ten minutes."""
    return lambda **values: original(**{**values, "timeout": 600.0})


def waits_for(which: str) -> Wrap:
    """A watch on the pace that does not look after the ``first`` token, or after what comes ``between``."""

    def wrap(original: Any) -> Any:
        return lambda pace, seconds: None if pace._begun == (which == "between") else original(pace, seconds)  # noqa: SLF001

    return wrap


def lets_in(original: Any) -> Any:
    """A gate that lets everything in."""
    del original

    async def enter(*_: Any) -> None:
        return None

    return enter


def allows(original: Any) -> Any:
    """A yes to everything."""
    del original
    return lambda *_, **__: True


def never(original: Any) -> Any:
    """None, whatever is asked."""
    del original
    return lambda *_, **__: None


def cut_off_is_whole(original: Any) -> Any:
    """What was cut off counts as whole."""

    def judged(said: Any, *given: Any) -> Any:
        return original(replace(said, reason="stop") if said.reason in ("length", "unknown") else said, *given)

    return judged


def ends_well(original: Any) -> Any:
    """A stream that did not say how it ended has ended well."""

    def add(collected: Any, chunk: Any) -> None:
        original(collected, chunk)
        collected.reason = collected.reason or "stop"

    return add


def anything_fits(field: str) -> Wrap:
    """An installed release in which a contract takes everything."""

    def wrap(original: Any) -> Any:
        return lambda *given: replace(original(*given), **{field: lambda _: ()})

    return wrap


def passes(original: Any) -> Any:
    """A guard that lets everything pass."""
    del original
    return lambda self, _: Judgement(guard=self.name, verdict=Verdict.PASSED)


def errors_pass(original: Any) -> Any:
    """A check in which whatever breaks has passed."""

    async def judge(*given: Any) -> Judgement:
        judgement: Judgement = await original(*given)
        broke = judgement.verdict is Verdict.ERROR
        return Judgement(guard=judgement.guard, verdict=Verdict.PASSED) if broke else judgement

    return judge


def another_key(original: Any) -> Any:
    """A delivery that has another key each time."""
    return lambda self, *, key, body: original(self, key=f"{key}-{new_id(0)}", body=body)


def no_look(original: Any) -> Any:
    """A look that sees nothing."""
    del original

    async def look(self: Any) -> None:
        del self

    return look


def takes_any_name(original: Any) -> Any:
    """An installed release that has a tool for every name."""

    class Tools(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            del default
            return self[name] if name in self else next(iter(self.values()), None)

    def install(*given: Any) -> Any:
        made = original(*given)
        return replace(made, tools=Tools(made.tools))

    return install


def takes_any_arguments(original: Any) -> Any:
    """An installed release whose tools take every object."""

    def install(*given: Any) -> Any:
        made = original(*given)
        return replace(made, tools={name: replace(tool, problems=lambda _: ()) for name, tool in made.tools.items()})

    return install


def calls_at_once(original: Any) -> Any:
    """A rule that lets a tool write because a model says so."""

    def rule(*given: Any, **more: Any) -> Ruling:
        ruling: Ruling = original(*given, **more)
        return Ruling(action="call") if ruling.action == "propose" else ruling

    return rule


def waits_for_checks(original: Any) -> Any:
    """A check is waited for, however long it takes."""
    return lambda guard, subject, _: original(guard, subject, None)


def any_epoch(original: Any) -> Any:
    """The statements, or the one, that write a change of a case, whoever has it by now."""
    if isinstance(original, dict):
        return {**original, "append_changes": any_epoch(original["append_changes"])}
    text = original.text.replace("epoch = ", "epoch >= ")
    if text == original.text:
        raise AttributeError("the statement asks for no epoch")
    return replace(original, text=text)
