"""How do the workflows stand: the numbers that decide, what they were without AI, what waits, what is spent?"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from leitstand.domain.fallback import UNUSED, ChainUse, uses
from leitstand.domain.figures import Figures
from leitstand.domain.price import NANOS
from leitstand.domain.workflow import Workflow
from leitstand.runtime.gold import levels_of
from leitstand.web.pages.breakers import left_alone
from leitstand.web.pages.budgets import BudgetLine, budget_lines
from leitstand.web.pages.cases import RANGE_NAMES, RANGES, Wanted
from leitstand.web.pages.levels import LevelLine, ReleaseLine, level_lines, release_lines
from leitstand.web.pages.queues import Queue
from leitstand.web.pages.show import show
from leitstand.web.pages.visit import Visit
from leitstand.web.pages.words import DATA_CLASSES, STATUS_GLYPHS, STATUSES, text_in, word
from leitstand.web.speech import DAY, MINUTE, SECOND, Speech, amount, parse_amount

FEWEST = 30
"""A share of fewer cases says nothing yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """One of the numbers: its name, value in words, goal, how many cases it is over, where they are, and how it stands.

    ``standing`` is ``ok``, ``warn``, ``few`` (too few cases to say) or ``none`` (there is no goal, or no case).
    """

    name: str
    value: str
    goal: str
    n: int
    link: str
    standing: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A number of the workflow's own KPI without AI and with it; ``after`` is ``""`` while it is unknown."""

    name: str
    before: str
    after: str
    change: str
    better: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """What the control room shows of one workflow; ``counted`` says how old its figures are, ``""`` below a minute."""

    workflow: Workflow
    title: str
    purpose: str
    release: str
    data_class: str
    numbers: tuple[Number, ...]
    compared: tuple[Compared, ...]
    statuses: tuple[tuple[str, str, int, str], ...]
    queues: tuple[tuple[Queue, int], ...]
    response: tuple[str, str]
    spent: str
    budgets: tuple[BudgetLine, ...]
    reused: str
    left_alone: tuple[str, ...]
    levels: tuple[LevelLine, ...]
    releases: tuple[ReleaseLine, ...]
    accepted: int
    counted: str


async def control_room(visit: Visit) -> Response:
    """The control room, worst first; our script asks for the tiles alone, to show new numbers without a new page."""
    chosen = visit.asked("range") if visit.asked("range") in RANGES else "24h"
    rooms = [
        await _room(visit, item.workflow, item.digest, chosen)
        for item in visit.parts.installations.all_active(visit.tenant_id)
    ]
    rooms.sort(key=lambda room: -sum(number.standing == "warn" for number in room.numbers))
    template = "control_room_tiles.html" if visit.request.headers.get("hx-request") else "control_room.html"
    ranges = {name: RANGE_NAMES[name] for name in RANGES}
    return show(visit, template, rooms=rooms, chosen=chosen, ranges=ranges)


async def _room(visit: Visit, workflow: Workflow, digest: str, chosen: str) -> Room:
    span = RANGES[chosen]
    figures, counted_at = await _figures(visit, workflow, span)
    month, month_at = await _figures(visit, workflow, 30 * DAY)
    used, used_at = await _uses(visit, workflow, span)
    oldest = min(counted_at, month_at, used_at)
    waiting = await visit.parts.cases.waiting(visit.tenant_id)
    gold = await visit.parts.reports.newest(visit.tenant_id, workflow.name, "gold", digest)
    wanted = Wanted(workflow=workflow.name, range=chosen)
    return Room(
        workflow=workflow,
        title=text_in(workflow.title, visit.say.language),
        purpose=text_in(workflow.purpose, visit.say.language),
        release=digest[:8],
        data_class=word(DATA_CLASSES, workflow.data_class, visit.say),
        numbers=numbers(workflow, figures, wanted, visit.say),
        compared=compared(workflow, figures, visit.say),
        statuses=tuple(
            (visit.say(STATUSES[name]), STATUS_GLYPHS[name], count, wanted.link(status=name))
            for name in STATUSES
            if (count := figures.by_status.get(name, 0))
        ),
        queues=tuple(
            (Queue(name=name, workflow=workflow.name), waiting.get((workflow.name, name), 0))
            for name in ("review", "escalated")
        ),
        response=(visit.say.duration(figures.response_p50), visit.say.duration(figures.response_p95)),
        spent=visit.say.money(
            month.cost if not month.uncosted else None, month.currency or parse_amount(workflow.budget.per_month)[1]
        ),
        budgets=await budget_lines(visit.parts, visit.tenant_id, workflow, visit.say),
        reused=reused(workflow, figures, visit.say),
        left_alone=left_alone(visit.parts.breakers, visit.tenant_id, workflow, visit.say, visit.now),
        levels=level_lines(workflow, used.get(digest, UNUSED), levels_of(gold), visit.say),
        releases=release_lines(used, digest, visit.say),
        accepted=figures.accepted,
        counted=visit.say.ago(oldest, visit.now) if visit.now - oldest >= MINUTE else "",
    )


async def _figures(visit: Visit, workflow: Workflow, span: int) -> tuple[Figures, int]:
    """What the cases of the last ``span`` microseconds add up to, and when that was counted."""
    tenant, name, in_time = visit.tenant_id, workflow.name, int(workflow.slo.response_seconds * SECOND)

    async def find() -> tuple[Figures, int]:
        found = await visit.parts.cases.figures(tenant, name, since=visit.now - span, in_time=in_time)
        return found, visit.now

    return await visit.parts.remembered.of(("figures", tenant, name, span, in_time), find)


async def _uses(visit: Visit, workflow: Workflow, span: int) -> tuple[dict[str, ChainUse], int]:
    """How the chains of the releases were used in the last ``span`` microseconds, and when that was counted."""
    tenant, name = visit.tenant_id, workflow.name

    async def find() -> tuple[dict[str, ChainUse], int]:
        return uses(await visit.parts.cases.ways(tenant, name, since=visit.now - span)), visit.now

    return await visit.parts.remembered.of(("uses", tenant, name, span), find)


def numbers(workflow: Workflow, figures: Figures, wanted: Wanted, say: Speech) -> tuple[Number, ...]:
    """The four numbers, always in this order."""
    decided = sum(figures.decisions.values())
    accepted = Number(
        name=say("Accepted as is"),
        value=say.percent(figures.accepted_as_is_percent),
        goal=say("no goal; shown beside the three"),
        n=decided,
        link=wanted.link(only="decided"),
        standing=_standing(decided, None),
    )
    return (*_answered(workflow, figures, wanted, say), _cost(workflow, figures, wanted, say), accepted)


def reused(workflow: Workflow, figures: Figures, say: Speech) -> str:
    """How often an answer was given again; ``""`` where none ever is."""
    if not (workflow.draft.cache.exact or figures.reuses):
        return ""
    return say("{share} of {n} cases", share=say.percent(figures.reuse_percent), n=say.number(figures.answered))


def _answered(workflow: Workflow, figures: Figures, wanted: Wanted, say: Speech) -> tuple[Number, Number]:
    """Answered in time, and the fallback rate."""
    slo, n = workflow.slo, figures.answered
    in_time, fallback = figures.in_time_percent, figures.fallback_percent
    span = say.duration(int(slo.response_seconds * SECOND))
    return (
        Number(
            name=say("Answered in time"),
            value=say.percent(in_time),
            goal=say("goal {goal} within {span}", goal=say.percent(slo.target_percent), span=span),
            n=n,
            link=wanted.link(only="answered"),
            standing=_standing(n, in_time is not None and in_time >= slo.target_percent),
        ),
        Number(
            name=say("Fallback rate"),
            value=say.percent(fallback),
            goal=say("at most {goal}", goal=say.percent(slo.fallback_percent)),
            n=n,
            link=wanted.link(only="fallback" if figures.fallbacks else "answered"),
            standing=_standing(n, fallback is not None and fallback <= slo.fallback_percent),
        ),
    )


def _cost(workflow: Workflow, figures: Figures, wanted: Wanted, say: Speech) -> Number:
    """Cost per case; one unknown cost makes it unknown, and says so."""
    n, currency = figures.uncosted, figures.currency or parse_amount(workflow.budget.per_case)[1]
    unknown = say.plural("{n} case has an unknown cost", "{n} cases have an unknown cost", n)
    return Number(
        name=say("Cost per case"),
        value=say.money(figures.cost_per_case, currency),
        goal=unknown if n else say("budget {budget}", budget=amount(workflow.budget.per_case, say)),
        n=figures.costed + n,
        link=wanted.link(only="uncosted" if n else "costed"),
        standing=_cost_standing(workflow, figures),
    )


def _standing(n: int, reached: bool | None) -> str:
    if n < FEWEST:
        return "few" if n else "none"
    return "none" if reached is None else "ok" if reached else "warn"


def _cost_standing(workflow: Workflow, figures: Figures) -> str:
    cost, (budget, currency) = figures.cost_per_case, parse_amount(workflow.budget.per_case)
    if cost is None or (cost and currency != figures.currency):
        return "none"
    return _standing(figures.costed, cost <= budget * NANOS)


def compared(workflow: Workflow, figures: Figures, say: Speech) -> tuple[Compared, ...]:
    """Minutes and cost per case, without AI and now.

    Cost now is the cost of the models plus the human minutes at the rate that the baseline implies (its cost over its
    minutes), so that both sides count the same work.
    """
    baseline = workflow.baseline
    before_cost, currency = parse_amount(baseline.cost_per_case)
    minutes, cost = figures.minutes_per_case, None
    if minutes is not None and figures.cost_per_case is not None and figures.currency in ("", currency):
        cost = figures.cost_per_case / NANOS + minutes * before_cost / baseline.minutes_per_case
    enough = figures.answered >= FEWEST
    return (
        _compare(
            say("Minutes of human work per case"),
            baseline.minutes_per_case,
            minutes if enough else None,
            lambda value: say.number(value, 1),
        ),
        _compare(
            say("Cost per case"),
            before_cost,
            cost if enough else None,
            lambda value: say.money(round(value * NANOS), currency),
        ),
    )


def _compare(name: str, before: float, after: float | None, told: Callable[[float], str]) -> Compared:
    if after is None:
        return Compared(name=name, before=told(before), after="", change="", better=None)
    percent = round(100 * (after - before) / before)
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    change = f"{sign}{abs(percent)}\N{NARROW NO-BREAK SPACE}%"
    return Compared(name=name, before=told(before), after=told(after), change=change, better=after <= before)
