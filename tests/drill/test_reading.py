"""Is a scenario read strictly, and are ours complete?"""

import re
from pathlib import Path

import pytest

from leitstand import demo
from leitstand.domain.errors import ConfigurationInvalid
from leitstand.drill.mutations import MUTATIONS, without
from leitstand.drill.reading import CORE, ScenarioUnknown, read_own, read_scenario, read_suite

GOOD = (CORE / "P1.toml").read_text(encoding="utf-8")


def problems_of(text: str) -> list[str]:
    problems = []
    assert (read_scenario(text.encode(), "drills/x.toml", problems) is None) or problems
    return [problem.text() for problem in problems]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fault = "status"', 'fault = "statsu"', "Did you mean `status`?"),
        ('at = "primary"', 'at = "primery"', "Did you mean `primary`?"),
        ('figure = "delivered"', 'figure = "deliverd"', "Did you mean `delivered`?"),
        ("at_least = 12", "at_leest = 12", "Did you mean `at_least`?"),
        ("cases = 12", "cases = 0", "It must be at least 1."),
        ("cases = 12", 'cases = "12"', "Write a whole number"),
        ('figure = "delivered"\nat_least = 12', 'figure = "delivered"', "has no bound"),
        ('at = "primary"', 'at = "primary"\nmatch = "("', "is no pattern"),
        ('at = "primary"', 'at = "primary"\nprob = 0', "It must be more than 0."),
        ('id = "P1"', 'id = "P 1"', "It must match"),
        ("[load]", "[laod]", "Did you mean `load`?"),
        ("[[inject]]", "[[inject", "This cannot be read"),
    ],
)
def test_what_is_wrong_is_said_with_its_repair(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert any(said in text for text in problems_of(GOOD.replace(old, new, 1)))


def test_scenarios_of_the_catalogue_are_there_in_both_languages() -> None:
    suite = read_suite(demo.FOLDER)
    assert len(suite.core) >= 35
    families = {re.sub(r"\d.*", "", name) for name in suite.core}
    assert {"P", "L", "S", "M", "R", "I", "D", "X", "H", "Z", "V"} <= families
    assert all({"de", "en"} <= set(scenario.title) for scenario in suite.scenarios.values())
    assert all(path.stem in suite.core for path in CORE.glob("*.toml"))


def test_the_page_names_every_scenario_once() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "drill-a-workflow.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| ") and "`" in row]
    assert sorted(re.findall(r"`([^`]+)`", "".join(rows))) == sorted(read_suite(demo.FOLDER).core)


def test_a_workflow_adds_its_own_and_replaces_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "drills").mkdir()
    (tmp_path / "drills" / "own.toml").write_text(GOOD.replace('"P1"', '"OWN"', 1))
    suite = read_suite(tmp_path)
    assert [scenario.id for scenario in suite.chosen("OWN, P1")] == ["OWN", "P1"]
    assert "OWN" in [scenario.id for scenario in suite.chosen("all")]
    assert "OWN" not in suite.core
    with pytest.raises(ScenarioUnknown, match=r"named P9.*Known: core, all, "):
        suite.chosen("P9")
    (tmp_path / "drills" / "weaker.toml").write_text(GOOD)
    with pytest.raises(ConfigurationInvalid):
        read_suite(tmp_path)
    assert "another scenario" in read_own(tmp_path)[1][0].text()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.protection)
def test_a_mutation_names_what_is_there_and_a_scenario_of_ours(mutation) -> None:
    assert mutation.scenario in read_suite(demo.FOLDER).core
    with without(mutation):
        pass
