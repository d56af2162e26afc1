"""What do two processes on one PostgreSQL do that one does not?

Rate is measured where processes are the limit and not the cores of this machine: each process may have few cases under
way, and the model is slow. Rate with busy processes needs a core for each of them, for PostgreSQL and for the client.
"""

from bench.peers.leitstand_case import opening
from bench.postgres import database, pair, spare_core
from bench.processes import NotRun, running
from bench.programs import Load, Setup, measured
from bench.result import Line, Round, at_least, at_most, judged, not_run, ratios, undecided, values

AT_ONCE, MILLISECONDS = 16, 200
IN_FLIGHT = 64
WAITING = at_least(f"rate of two, of one: {AT_ONCE} cases at once in each, model of {MILLISECONDS} ms", 1.7)
BUSY = at_least("rate of two, of one: both busy", 1.7)
FLAT = at_most("CPU a case of two, of one: both busy", 1.1)
FEW_CORES = "two processes, PostgreSQL and the client need a core each"


def measure(setup: Setup) -> Line:
    """One process and two in turns, on the same database."""
    waiting, busy = f"{MILLISECONDS} ms, {AT_ONCE} at once a process", f"0 ms, {IN_FLIGHT} in flight"
    rounds: list[Round] = []
    try:
        slow = {"LEITSTAND_MOST_RUNNING": str(AT_ONCE)}
        rounds += _in_turns(setup, waiting, MILLISECONDS, slow)
        rounds += _in_turns(setup, busy, 0, {})
    except NotRun as why:
        goals = [not_run(goal, str(why)) for goal in (WAITING, BUSY, FLAT)]
    else:
        both_busy = judged(BUSY, _two_of_one(rounds, busy, "rate"))
        goals = [
            judged(WAITING, _two_of_one(rounds, waiting, "rate")),
            both_busy if spare_core() else undecided(both_busy, FEW_CORES),
            judged(FLAT, _two_of_one(rounds, busy, "cpu")),
        ]
    note = "CPU is that of the processes of Leitstand; PostgreSQL has the core of the load."
    return Line(name="processes", work="two processes on PostgreSQL", goals=goals, rounds=rounds, notes=[note])


def _in_turns(setup: Setup, name: str, milliseconds: int, variables: dict[str, str]) -> list[Round]:
    rounds = []
    with database() as url:
        first, second = pair(setup, url, milliseconds, variables)
        with running(first) as one:
            for _ in range(setup.rounds):
                wanted = Load(request=opening(), in_flight=IN_FLIGHT, seconds=setup.seconds, name=name)
                rounds.append(measured(setup, one, wanted, "one process"))
                with running(second) as two:
                    rounds.append(measured(setup, (one, two), wanted, "two processes"))
    return rounds


def _two_of_one(rounds: list[Round], name: str, figure: str) -> list[float]:
    some = [one for one in rounds if one.load == name]
    return ratios(values(some, "two processes", figure), values(some, "one process", figure))
