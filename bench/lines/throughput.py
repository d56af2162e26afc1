"""How many chat completions and whole cases are answered a second beside other gateways, and at what cost?"""

from bench.peers import NAMES, peer
from bench.programs import Lineup, Running, Setup, alternating, lineup
from bench.result import Goal, Line, Round, at_least, at_most, judged, not_run, ratios, values

IN_FLIGHT = 64
CHAT, CASE = "leitstand_chat", "leitstand_case"

RATIOS = (
    (CHAT, "litellm", 25.0),
    (CHAT, "portkey", 5.0),
    (CHAT, "mlflow", 2.0),
    (CHAT, "tensorzero", 0.8),
    (CASE, "litellm", 15.0),
    (CASE, "aiohttp_proxy", 0.25),
    (CASE, "echo", 0.06),
)
"""Ours, theirs, and how many times as many answers a second ours has to give."""

CPU, RATE = at_most("whole case: CPU", 350, "µs"), at_least("whole case: rate", 2500, "cases/s")


def measure(setup: Setup) -> Line:
    """Everything against the upstream that answers at once."""
    with lineup(setup, NAMES) as found:
        starts = [_start(one) for name, one in found.up.items() if name != CASE]
        rounds = alternating(setup, found, IN_FLIGHT, f"0 ms, {IN_FLIGHT} in flight")
    title = peer(CASE).title
    goals = [_ratio(found, rounds, *wanted) for wanted in RATIOS]
    goals.append(judged(CPU, values(rounds, title, "cpu"), found.why(CASE)))
    goals.append(judged(RATE, values(rounds, title, "rate"), found.why(CASE)))
    return Line(
        name="throughput",
        work="chat completions and whole cases, upstream of 0 ms, 64 in flight",
        goals=goals,
        rounds=rounds,
        notes=[*found.notes(), f"Start to first answer, idle memory (PSS): {'; '.join(starts)}.", *_client(rounds)],
    )


def _start(one: Running) -> str:
    return f"{one.peer.title} {one.program.seconds_to_answer:.2f} s, {one.idle:.0f} MiB"


def _client(rounds: list[Round]) -> list[str]:
    """Whether the client could have been the limit: the fastest program is the hardest test of that."""
    if not rounds:
        return []
    fastest = max(rounds, key=lambda one: one.rate)
    used = f"client and model service used {fastest.client:.0%} of their core"
    return [f"At {fastest.rate:.0f} answers a second ({fastest.program}) {used}."]


def _ratio(found: Lineup, rounds: list[Round], ours: str, theirs: str, limit: float) -> Goal:
    what = "chat" if ours == CHAT else "whole case"
    goal = at_least(f"{what}: answers a second, of {peer(theirs).title}", limit)
    if why := found.why(ours, theirs):
        return not_run(goal, why)
    return judged(goal, ratios(*(values(rounds, peer(name).title, "rate") for name in (ours, theirs))))
