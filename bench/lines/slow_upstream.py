"""How much does a whole case add to a model that takes 50 ms, and does its cost grow with the connections?"""

from bench.peers import chat, peer
from bench.programs import Load, Running, Setup, alternating, lineup, measured
from bench.result import Line, Round, at_most, judged, ratios, values

NAME = "leitstand_case"
MILLISECONDS = 50
IN_FLIGHT, FEW, MANY = 64, 8, 256
ADDED = {quantile: at_most(f"added {quantile}", limit, "ms") for quantile, limit in (("p50", 2), ("p99", 25))}
GROWTH = at_most(f"CPU a case at {MANY} connections, of that at {FEW}", 1.5)
LOAD = f"{MILLISECONDS} ms, {IN_FLIGHT} in flight"
DIRECT = "no program between"


def measure(setup: Setup) -> Line:
    """Beside the upstream asked directly, and the aiohttp proxy."""
    with lineup(setup, (NAME, "aiohttp_proxy"), MILLISECONDS) as found:
        rounds = [_direct(setup) for _ in range(setup.rounds)]
        rounds += alternating(setup, found, IN_FLIGHT, LOAD)
        few, many = ([], []) if found.why(NAME) else (_at(setup, found.up[NAME], count) for count in (FEW, MANY))
    goals = []
    for quantile, goal in ADDED.items():
        pairs = zip(values(rounds, peer(NAME).title, quantile), values(rounds, DIRECT, quantile), strict=False)
        goals.append(judged(goal, [ours - direct for ours, direct in pairs], found.why(NAME)))
    growth = ratios([one.cpu for one in many], [one.cpu for one in few])
    return Line(
        name="slow_upstream",
        work=f"whole cases, upstream of {MILLISECONDS} ms, {IN_FLIGHT} in flight",
        goals=[*goals, judged(GROWTH, growth, found.why(NAME))],
        rounds=[*rounds, *few, *many],
        notes=found.notes(),
    )


def _direct(setup: Setup) -> Round:
    request = chat(f"/{MILLISECONDS}/v1/chat/completions")
    wanted = Load(request=request, in_flight=IN_FLIGHT, seconds=setup.seconds, name=LOAD)
    return measured(setup, setup.upstream, wanted, DIRECT)


def _at(setup: Setup, one: Running, in_flight: int) -> list[Round]:
    """Twice as long as other rounds: with few connections there are few answers to average over."""
    request = one.peer.request(one.place)
    name = f"{MILLISECONDS} ms, {in_flight} in flight"
    wanted = Load(request=request, in_flight=in_flight, seconds=setup.seconds * 2, name=name)
    return [measured(setup, one.program, wanted, one.peer.title) for _ in range(setup.rounds)]
