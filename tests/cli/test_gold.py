"""Does each level of a chain get a score of its own, kept for the pages?"""

from pathlib import Path

from tests.cli.conftest import Leitstand

TEMPLATE = """[[draft.chain]]
provider = "template"
options = { en = "A colleague answers.", de = "Jemand antwortet." }

"""


def test_every_level_answers_the_gold_cases_alone(leitstand: Leitstand, tmp_path: Path) -> None:
    assert leitstand("init", "mine", "--lang", "en").code == 0
    definition = tmp_path / "mine" / "workflow.toml"
    text = definition.read_text()
    definition.write_text(text.replace("[[checks]]", TEMPLATE + "[[checks]]", 1))
    told = leitstand("check", "mine", "--gold", "--data", "data", "--json")
    assert told.code == 0, told.err
    assert isinstance(told.data, dict)
    quoting, fixed = told.data["levels"]
    assert (quoting["provider"], quoting["n"], fixed["provider"], fixed["n"]) == ("extractive", 4, "template", 4)
    assert quoting["passed"] > fixed["passed"]
    assert (quoting["cost_per_case"], fixed["cost_per_case"]) == (0, 0)
    added = leitstand("release", "add", "mine", "--data", "data")
    assert told.data["release"] in added.out
    table = leitstand("check", "mine", "--gold", "--data", "data").out.splitlines()
    assert len(table) == 3
    assert "unknown" not in table[1]
    (tmp_path / "mine" / "gold" / "cases.jsonl").write_text("")
    assert "unknown" in leitstand("check", "mine", "--gold", "--data", "data", language="en").out
