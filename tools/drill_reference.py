"""What may stand in a drill scenario? The page behind ``docs/reference/drills.md``, for ``tools/reference.py``."""

from collections.abc import Iterator, Sequence

from leitstand import demo
from leitstand.definition.schema import schema_of
from leitstand.drill.figures import FIGURES
from leitstand.drill.inputs import INPUT_FAULTS
from leitstand.drill.model_faults import MODEL_FAULTS
from leitstand.drill.mutations import MUTATIONS
from leitstand.drill.reading import read_suite
from leitstand.drill.scenario import Scenario
from leitstand.drill.seams import SEAM_FAULTS
from leitstand.drill.services import RECEIVER_FAULTS
from leitstand.drill.tool_service import TOOL_FAULTS
from workflow_reference import tables_of

Row = Sequence[str]

LEAD = (
    "Every key of a scenario, every fault, every figure, and the scenarios of the suite `core`. A scenario is a TOML "
    "file in `drills/` of a workflow folder; unknown keys, faults and figures are errors. How to write one is said in "
    "[Write a scenario](../how-to/write-a-scenario.md)."
)


def keys() -> str:
    """The keys of the file."""
    return "".join(tables_of("", schema_of(Scenario))).strip()


def faults() -> Iterator[Row]:
    """Seam, name and meaning of every fault."""
    yield from (("`primary`, `secondary`", f"`{name}`", fault.help) for name, fault in MODEL_FAULTS.items())
    yield from (("`receiver`", f"`{name}`", text) for name, text in RECEIVER_FAULTS.items())
    yield from (("`tool`", f"`{name}`", text) for name, text in TOOL_FAULTS.items())
    yield from (("`input`", f"`{name}`", _flat(make.__doc__)) for name, make in INPUT_FAULTS.items())
    for seam, known in SEAM_FAULTS.items():
        yield from ((f"`{seam}`", f"`{name}`", text) for name, text in known.items())


def figures() -> Iterator[Row]:
    """Name and meaning of every figure."""
    return ((f"`{name}`", _flat(figure.__doc__)) for name, figure in FIGURES.items())


def scenarios() -> Iterator[Row]:
    """The scenarios of the suite, with what strikes where."""
    for scenario in read_suite(demo.FOLDER).chosen("core"):
        strikes = ", ".join(f"{inject.fault} at {inject.at}" for inject in scenario.inject)
        yield f"`{scenario.id}`", scenario.title["en"], strikes


def protections() -> Iterator[Row]:
    """What is left out to prove the drill, and the scenario that must turn red."""
    return ((each.protection, f"`{each.scenario}`") for each in MUTATIONS)


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())
