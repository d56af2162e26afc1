"""How many streams of 19 events are passed on a second, and what does an event cost?"""

from bench.peers import peer
from bench.programs import Setup, alternating, lineup
from bench.result import Line, at_least, at_most, judged, ratios, values
from bench.upstream import EVENTS

OURS, THEIRS = "leitstand_chat", "litellm"
IN_FLIGHT = 64
RATIO, COST = at_least("streams a second, of LiteLLM proxy", 25), at_most("CPU an event", 35, "µs")


def measure(setup: Setup) -> Line:
    """Beside LiteLLM, and the aiohttp proxy that reads nothing of what it passes on."""
    with lineup(setup, (OURS, "aiohttp_proxy", THEIRS)) as found:
        rounds = alternating(setup, found, IN_FLIGHT, f"streams, {IN_FLIGHT} in flight", streamed=True)
    why = found.why(OURS, THEIRS)
    rates = [] if why else ratios(*(values(rounds, peer(name).title, "rate") for name in (OURS, THEIRS)))
    costs = [cost / EVENTS for cost in values(rounds, peer(OURS).title, "cpu")]
    return Line(
        name="streaming",
        work=f"streams of {EVENTS} events, upstream of 0 ms, {IN_FLIGHT} in flight",
        goals=[judged(RATIO, rates, why), judged(COST, costs, found.why(OURS))],
        rounds=rounds,
        notes=found.notes(),
    )
