"""Which parts of ``workflow.toml`` are right each for itself and wrong together?"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from leitstand.definition.documents import DID_YOU_MEAN, Report, key_of, nearest, shown
from leitstand.definition.places import Place
from leitstand.definition.price_check import check_prices
from leitstand.definition.route_check import check_routes
from leitstand.domain.address import AddressUnusable, origin_of
from leitstand.domain.budget import money
from leitstand.domain.drafting import Target
from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Outcome
from leitstand.domain.tool import SideEffect
from leitstand.domain.workflow import Workflow
from leitstand.domain.zone import ZonePolicy

_CITING = "citations"
_NEEDED = {
    "openai_compatible": ("base_url", "model"),
    "openai_responses": ("model",),
    "anthropic": ("model",),
    "any_llm": ("base_url", "model"),
}
"""Keys of a target that its provider cannot do without."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """Names of the installed extensions; None where the caller cannot tell, which then is not checked."""

    guards: Collection[str] | None = None
    providers: Collection[str] | None = None
    embedders: Collection[str] | None = None
    retrievers: Collection[str] | None = None
    zones: ZonePolicy = field(default_factory=ZonePolicy)


def check_rules(workflow: Workflow, known: Known, report: Report) -> None:
    """Add a problem for every rule between keys that the workflow breaks; ``report`` is that of ``workflow.toml``."""
    _check_names(workflow, known, report)
    _check_texts(workflow, report)
    _check_fields(workflow, report)
    _check_budget(workflow, report)
    _check_chain(workflow, report)
    check_prices(workflow, _NEEDED, report)
    _check_cache(workflow, known, report)
    _check_checks(workflow, report)
    _check_delivery(workflow, report)
    _check_tools(workflow, report)
    check_routes(workflow, known.zones, report)


def _check_names(workflow: Workflow, known: Known, report: Report) -> None:
    retrieval = workflow.retrieval
    for index, check in enumerate(workflow.checks):
        _check_name(("checks", index, "guard"), check.guard, known.guards, report)
    for index, target in enumerate(workflow.draft.chain):
        _check_name(("draft", "chain", index, "provider"), target.provider, known.providers, report)
    if retrieval:
        embedders = None if known.embedders is None else {*known.embedders, "none"}
        _check_name(("retrieval", "embedder"), retrieval.embedder, embedders, report)
        _check_name(("retrieval", "retriever"), retrieval.retriever, known.retrievers, report)


def _check_name(place: Place, name: str, known: Collection[str] | None, report: Report) -> None:
    if known is None or name in known:
        return
    suggestion = nearest(name, known)
    report.add(
        place,
        translatable("`{key}` names {value}, which is not installed."),
        DID_YOU_MEAN if suggestion else translatable("Installed: {known}."),
        key=key_of(place),
        value=shown(name),
        suggestion=suggestion,
        known=", ".join(sorted(known)) or "-",
    )


def _check_texts(workflow: Workflow, report: Report) -> None:
    for key in ("title", "purpose"):
        if workflow.language not in getattr(workflow, key):
            report.add(
                (key,),
                translatable("`{key}` has no text in the workflow's language `{language}`."),
                translatable("Add `{key}.{language}`, or set `language`."),
                key=key,
                language=workflow.language,
            )


def _check_fields(workflow: Workflow, report: Report) -> None:
    given = workflow.input
    if given.text and given.messages:
        report.add(
            ("input", "messages"),
            translatable("`input.text` and `input.messages` are both set."),
            translatable("Keep one: `text` for one text, `messages` for a chat."),
        )
    elif not given.text and not given.messages:
        report.add(
            ("input",),
            translatable("The key `input.text` is missing."),
            translatable("Add `input.text`, or `input.messages` for a chat."),
        )
    if workflow.draft.form == "text":
        _require(workflow.draft.text, ("draft", "text"), '`form = "text"`', report)


def _check_budget(workflow: Workflow, report: Report) -> None:
    currency = money(workflow.budget.per_month).currency
    for kind, limit in workflow.budget.limits().items():
        if limit.currency != currency:
            report.add(
                ("budget", f"per_{kind.replace('-', '_')}"),
                translatable("`{key}` is in {currency}, and `budget.per_month` in {other}."),
                translatable(
                    "Write all limits in one currency; `budget.exchange` says what prices in others are worth."
                ),
                key=f"budget.per_{kind.replace('-', '_')}",
                currency=limit.currency,
                other=currency,
            )


def _check_chain(workflow: Workflow, report: Report) -> None:
    for index, target in enumerate(workflow.draft.chain):
        place: Place = ("draft", "chain", index)
        for key in _NEEDED.get(target.provider, ()):
            _require(getattr(target, key), (*place, key), f'`provider = "{target.provider}"`', report)
        _check_address(target.base_url, (*place, "base_url"), report)
        if target.timeout_seconds > workflow.draft.deadline_seconds:
            report.add(
                (*place, "timeout_seconds"),
                translatable("`{key}` is {value}, longer than the whole chain's `draft.deadline_seconds` of {limit}."),
                translatable("Shorten it, or lengthen the deadline."),
                key=key_of((*place, "timeout_seconds")),
                value=target.timeout_seconds,
                limit=workflow.draft.deadline_seconds,
            )
        _check_pace(target, place, report)
    if workflow.draft.hedge_after_seconds is not None and len(workflow.draft.chain) == 1:
        report.add(
            ("draft", "hedge_after_seconds"),
            translatable("`draft.hedge_after_seconds` asks a second target, and `draft.chain` has one."),
            translatable("Add a target, or remove the key."),
        )
    _refuse_repetition((_same_model(target) for target in workflow.draft.chain), ("draft", "chain"), report)


def _check_cache(workflow: Workflow, known: Known, report: Report) -> None:
    cache = workflow.draft.cache
    if cache.semantic is None:
        return
    place: Place = ("draft", "cache", "semantic")
    _check_name((*place, "embedder"), cache.semantic.embedder, known.embedders, report)
    if not cache.exact:
        way_out = translatable("Set `draft.cache.exact = true`, or leave `draft.cache.semantic` out.")
        report.add(place, translatable("`draft.cache.semantic` works only beside `draft.cache.exact`."), way_out)
    if not workflow.input.text:
        way_out = translatable("Leave `draft.cache.semantic` out: a chat has more than one question.")
        report.add(place, translatable("`draft.cache.semantic` needs `input.text`."), way_out)


def _check_pace(target: Target, place: Place, report: Report) -> None:
    """A piece of the answer that may come later than the whole is never waited for so long."""
    for key in ("first_token_seconds", "between_tokens_seconds"):
        seconds = getattr(target, key)
        if seconds is not None and seconds > target.timeout_seconds:
            report.add(
                (*place, key),
                translatable("`{key}` is {value}, longer than the target's `timeout_seconds` of {limit}."),
                translatable("Shorten it, or lengthen the timeout."),
                key=key_of((*place, key)),
                value=seconds,
                limit=target.timeout_seconds,
            )


def _same_model(target: Target) -> str:
    return " ".join(part for part in (target.provider, target.model, target.base_url) if part)


def _check_address(address: str, place: Place, report: Report) -> None:
    """An address must have one reading, and no password: a release is stored for ever."""
    if not address:
        return
    try:
        origin_of(address)
    except AddressUnusable as error:
        report.add(
            place,
            translatable("`{key}` has the value {value}."),
            error.reason,
            key=key_of(place),
            value=shown(address.rpartition("@")[2]),
        )


def _check_checks(workflow: Workflow, report: Report) -> None:
    _refuse_repetition((check.guard for check in workflow.checks), ("checks",), report)
    for index, check in enumerate(workflow.checks):
        if check.guard == _CITING:
            _require(workflow.draft.text, ("draft", "text"), f'`guard = "{_CITING}"`', report)
            _require(workflow.retrieval, ("retrieval",), f'`guard = "{_CITING}"`', report)
        for name in ("on_flagged", "on_blocked"):
            if getattr(check, name) is Outcome.DELIVER:
                report.add(
                    ("checks", index, name),
                    translatable("`{key}` delivers what the guardrail did not pass."),
                    translatable("Use `review` or `escalate`."),
                    key=key_of(("checks", index, name)),
                )


def _check_delivery(workflow: Workflow, report: Report) -> None:
    delivery = workflow.delivery
    needed = {"webhook": "url", "file": "folder"}.get(delivery.kind)
    for key in ("url", "folder"):
        if key == needed:
            _require(getattr(delivery, key), ("delivery", key), f'`kind = "{delivery.kind}"`', report)
        elif getattr(delivery, key):
            report.add(
                ("delivery", key),
                translatable('`{key}` does nothing with `kind = "{kind}"`.'),
                translatable("Remove it, or set another `kind`."),
                key=key_of(("delivery", key)),
                kind=delivery.kind,
            )
    _check_address(delivery.url, ("delivery", "url"), report)


def _check_tools(workflow: Workflow, report: Report) -> None:
    _refuse_repetition((tool.name for tool in workflow.tools), ("tools",), report)
    for index, tool in enumerate(workflow.tools):
        place: Place = ("tools", index)
        if bool(tool.function) is bool(tool.url):
            report.add(
                place,
                translatable("`{key}` has both `function` and `url`, or neither of them."),
                translatable("Keep one: `function` for a function in `hooks.py`, `url` for an HTTP endpoint."),
                key=key_of(place),
            )
        if tool.url:
            _require(tool.parameters, (*place, "parameters"), "`url`", report)
        _check_address(tool.url, (*place, "url"), report)
        if tool.effect is not SideEffect.READ and workflow.input.messages:
            report.add(
                (*place, "effect"),
                translatable("`{key}` needs a person, and in a chat nobody waits for one."),
                translatable("Use `input.text` in place of `input.messages`, or only tools that `read`."),
                key=key_of((*place, "effect")),
            )


def _require(value: object, place: Place, needed_by: str, report: Report) -> None:
    if not value:
        report.add(
            place,
            translatable("The key `{key}` is missing: {needed_by} needs it."),
            translatable("Add `{key}`."),
            key=key_of(place),
            needed_by=needed_by,
        )


def _refuse_repetition(names: Iterable[str], place: Place, report: Report) -> None:
    for index, name in _repeated(names):
        report.add(
            (*place, index),
            translatable("`{key}` holds {value} twice."),
            translatable("Remove one of them."),
            key=key_of(place),
            value=shown(name),
        )


def _repeated(names: Iterable[str]) -> Iterator[tuple[int, str]]:
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        if seen[name] == 2:
            yield index, name
