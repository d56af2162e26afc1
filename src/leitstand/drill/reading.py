"""Which scenarios are there, and what is wrong with the file of one?"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from leitstand.definition.convert import converted
from leitstand.definition.documents import DID_YOU_MEAN, Report, nearest, read_toml, shown
from leitstand.definition.places import Place
from leitstand.definition.strict import check_values
from leitstand.domain.errors import CallerError, ConfigurationInvalid, Problem, translatable
from leitstand.drill.figures import FIGURES
from leitstand.drill.inputs import INPUT_FAULTS
from leitstand.drill.model_faults import MODEL_FAULTS
from leitstand.drill.scenario import Inject, Scenario
from leitstand.drill.seams import SEAM_FAULTS
from leitstand.drill.services import RECEIVER_FAULTS
from leitstand.drill.tool_service import TOOL_FAULTS

CORE = Path(__file__).parent / "scenarios"
"""The scenarios that every workflow has to pass."""

OWN = "drills"
"""The folder of a workflow with scenarios of its own."""

FAULTS: Mapping[str, Collection[str]] = {
    "primary": MODEL_FAULTS,
    "secondary": MODEL_FAULTS,
    "receiver": RECEIVER_FAULTS,
    "tool": TOOL_FAULTS,
    "input": INPUT_FAULTS,
    **SEAM_FAULTS,
}
"""Seam to the names of its faults."""


class ScenarioUnknown(CallerError):
    """No scenario with that id, here or in the workflow's own folder."""

    code = "scenario_unknown"
    message = translatable("There is no scenario named {name}.")
    repair = translatable("Known: {known}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Suite:
    """All scenarios by id, ours first; ``core`` are the ids of ours."""

    scenarios: dict[str, Scenario]
    core: tuple[str, ...]

    def chosen(self, wanted: str) -> tuple[Scenario, ...]:
        """`core`, `all`, or ids with commas between them; raises ``ScenarioUnknown``."""
        if wanted in ("core", "all"):
            names: Iterable[str] = self.core if wanted == "core" else self.scenarios
        else:
            names = [name.strip() for name in wanted.split(",")]
        for name in names:
            if name not in self.scenarios:
                raise ScenarioUnknown(name=name, known=", ".join(["core", "all", *self.scenarios]))
        return tuple(self.scenarios[name] for name in names)


def read_suite(folder: Path) -> Suite:
    """Ours and those in ``drills/`` of a workflow folder; raises ``ConfigurationInvalid`` with every problem."""
    ours, problems = _read_all(CORE)
    theirs, more = read_own(folder)
    if problems or more:
        raise ConfigurationInvalid(path=folder, problems=(*problems, *more))
    return Suite(
        scenarios={scenario.id: scenario for scenario in (*ours, *theirs)}, core=tuple(each.id for each in ours)
    )


def read_own(folder: Path) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """The scenarios in ``drills/`` of a workflow folder, and what is wrong with them."""
    return _read_all(folder / OWN, taken=frozenset(path.stem for path in CORE.glob("*.toml")))


def read_scenario(content: bytes, file: str, problems: list[Problem]) -> Scenario | None:
    """The scenario in the bytes of a TOML file; None when it is none, and ``problems`` says why."""
    report = Report(file=file, problems=problems)
    data = read_toml(content, report)
    if data is None or not check_values(data, report, Scenario):
        return None
    scenario = converted(Scenario, data)
    _check_names(scenario, report)
    return scenario


def _read_all(folder: Path, taken: frozenset[str] = frozenset()) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """The scenarios of a folder; none of them may have an id that is ``taken``."""
    problems: list[Problem] = []
    found: dict[str, Scenario] = {}
    for path in sorted(folder.glob("*.toml")):
        file = f"{folder.name}/{path.name}"
        scenario = read_scenario(path.read_bytes(), file, problems)
        if scenario and scenario.id in {*found, *taken}:
            Report(file=file, problems=problems).add(
                1,
                translatable("There is another scenario with the id {value}."),
                translatable("Give this one an id of its own."),
                value=shown(scenario.id),
            )
        elif scenario:
            found[scenario.id] = scenario
    return tuple(found.values()), tuple(problems)


def _check_names(scenario: Scenario, report: Report) -> None:
    for place, inject in enumerate(scenario.inject):
        _check_name(inject.fault, FAULTS[inject.at], ("inject", place, "fault"), report)
        _check_pattern(inject, ("inject", place, "match"), report)
    for place, expect in enumerate(scenario.expect):
        _check_name(expect.figure, FIGURES, ("expect", place, "figure"), report)
        if expect.at_least is expect.at_most is None:
            report.add(
                ("expect", place),
                translatable("The figure {value} has no bound."),
                translatable("Add `at_least = 1`, `at_most = 0`, or both."),
                value=shown(expect.figure),
            )


def _check_name(name: str, known: Iterable[str], place: Place, report: Report) -> None:
    if name not in known:
        suggestion = nearest(name, known)
        report.add(
            place,
            translatable("{value} is unknown here."),
            DID_YOU_MEAN if suggestion else translatable("Use one of: {known}."),
            value=shown(name),
            suggestion=suggestion,
            known=", ".join(known),
        )


def _check_pattern(inject: Inject, place: Place, report: Report) -> None:
    import re

    try:
        re.compile(inject.match)
    except re.error as error:
        report.add(
            place,
            translatable("{value} is no pattern: {detail}."),
            translatable("Correct it; it is a regular expression of Python."),
            value=shown(inject.match),
            detail=str(error),
        )
