"""How is a runbook written down as Markdown, in the language of who reads it?"""

from collections.abc import Iterator, Mapping

from leitstand.domain.errors import translatable
from leitstand.domain.metric import Labels
from leitstand.domain.runbook import Action
from leitstand.runtime.runbook import Checked, Found, Runbook
from leitstand.web.pages.words import CALL_ERRORS, VERBS, WITHHELD
from leitstand.web.speech import Speech, machine_time


def scored(book: Runbook, say: Speech) -> list[tuple[str, int, str]]:
    """Each level of the chain with its gold cases and the share that passes; of nothing it is unknown."""
    return [
        (
            f"{level.provider} {level.model}".strip(),
            level.n,
            say.percent(100 * level.passed / level.n if level.n else None),
        )
        for level in book.levels
    ]


def markdown(book: Runbook, say: Speech) -> str:
    """The whole runbook."""
    return "\n".join(_lines(book, say)).rstrip() + "\n"


def told(numbers: Mapping[Labels, float] | None, say: Speech) -> str:
    """What a check counts: a number, or several, each before its name."""
    if numbers is None:
        return say("unknown")
    return "; ".join(
        f"{_number(value, say)} {' – '.join(say(NAMES.get(label, label)) for label in labels if label)}".rstrip()
        for labels, value in numbers.items()
    )


def _number(value: float, say: Speech) -> str:
    return say.number(value, 0 if value >= 100 or value == round(value) else 1)


def filled(text: str, book: Runbook) -> str:
    """A command or an address of an action, with the workflow's name in it."""
    return text.replace("{workflow}", book.workflow.name)


def _lines(book: Runbook, say: Speech) -> Iterator[str]:
    yield f"# {say('Runbook')}: {book.workflow.name}"
    yield ""
    yield say("Release {digest}, as of {at}.", digest=book.release[:12], at=machine_time(book.at))
    if book.stopped:
        yield f"\n**{say('Stopped: {what}', what=book.workflow.name)}** ({book.stopped.reason})"
    yield f"\n{say(CALLED)}"
    owners = book.workflow.owners
    yield f"\n1. {say('technical owner')}: {owners.technical}"
    yield f"2. {say('domain owner')}: {owners.domain}"
    for checked in book.steps:
        yield from _step(book, checked, say)
    yield from _examined(book, say)
    yield f"\n## {say('What people wrote')}\n"
    yield book.written or say("Nothing yet: write it into runbook.md of the workflow folder.")


def _step(book: Runbook, checked: Checked, say: Speech) -> Iterator[str]:
    yield f'\n<a id="{checked.step.anchor}"></a>\n\n## {say(checked.step.symptom)}\n'
    for words, numbers in checked.values:
        yield f"- {say(words)}: {told(numbers, say)}"
    yield ""
    for place, action in enumerate(checked.step.actions, 1):
        yield f"{place}. {say(action.words)}{_way(book, action)}"


def _way(book: Runbook, action: Action) -> str:
    if action.command:
        return f" `{filled(action.command, book)}`"
    return f" <{filled(action.page, book)}>" if action.page else ""


def _examined(book: Runbook, say: Speech) -> Iterator[str]:
    yield f"\n## {say('What the drill showed')}\n"
    if not book.drill or not book.scenarios:
        yield say("No drill was run: what happens when something breaks is unknown.")
    else:
        yield _dated(book.drill, say)
        yield ""
        for scenario in book.scenarios:
            title = scenario.titles.get(say.language) or scenario.titles.get("en") or scenario.id
            yield f"- {say(RESULTS.get(scenario.status, scenario.status))}: {title}"
    yield f"\n## {say('How good each level of the chain is')}\n"
    if not book.gold:
        yield say(NO_GOLD)
        return
    yield _dated(book.gold, say)
    yield ""
    yield from (f"- {name}: {share} (n = {n})" for name, n, share in scored(book, say))


NAMES = {
    **CALL_ERRORS,
    **WITHHELD,
    **VERBS,
    "interactive": translatable("interactive"),
    "backfill": translatable("backfill"),
    "first": translatable("first model"),
    "fallback": translatable("fallback"),
    "missed": translatable("no draft"),
    "delivered": translatable("arrived"),
    "retried": translatable("tried again"),
    "review": translatable("to review"),
    "escalated": translatable("escalated"),
}
"""What the labels of metrics are called by people; names of models and exporters stay as they are."""

CALLED = translatable("Who is called, in this order:")
RESULTS = {"passed": translatable("passed"), "failed": translatable("failed"), "error": translatable("not drilled")}
NO_GOLD = translatable("Unknown: leitstand check DIR --gold measures it.")


def _dated(found: Found, say: Speech) -> str:
    dated = say("Release {digest}, as of {at}.", digest=found.release[:12], at=machine_time(found.at))
    return dated if found.is_current else f"{dated} {say('That is not the active release.')}"
