"""Does a newcomer get from nothing to a running workflow with what the commands say?"""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Leitstand

from leitstand import __version__


def test_help_lists_every_command_in_both_languages(leitstand: Leitstand) -> None:
    english, german = leitstand("--help"), leitstand("--help", language="de")
    assert "Start with the demo workflow" in english.out
    assert "Demo" in german.out
    assert english.out != german.out


def test_the_version_is_that_of_the_package(leitstand: Leitstand) -> None:
    assert __version__ in leitstand("--version").out


@pytest.mark.parametrize("template", ["answer", "extract", "classify", "draft"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_what_init_writes_passes_check_and_runs(
    leitstand: Leitstand, tmp_path: Path, template: str, language: str
) -> None:
    made = leitstand("init", "mine", "--template", template, "--lang", language)
    assert made.code == 0, made.err
    checked = leitstand("check", "mine")
    assert (checked.code, checked.out) == (0, ""), checked.err
    gold = sorted((tmp_path / "mine" / "gold").glob("*.jsonl"))
    ran = leitstand("run", "mine", "-i", gold[0], "--json")
    assert ran.code == 0, ran.err
    results = ran.data
    assert isinstance(results, list)
    assert results
    assert all(result["status"] in ("delivered", "review", "escalated") for result in results)
    assert any(result["output"] for result in results)


def test_init_does_not_write_over_anything(leitstand: Leitstand, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("precious")
    refused = leitstand("init", "mine")
    assert refused.code != 0
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_check_shows_all_problems_at_once_with_their_lines(leitstand: Leitstand, tmp_path: Path) -> None:
    leitstand("init", "mine", "--lang", "en")
    definition = tmp_path / "mine" / "workflow.toml"
    text = definition.read_text().replace("data_class", "data_clas").replace("[owners]", "[owner]")
    definition.write_text(text)
    said = leitstand("check", "mine")
    assert said.code == 3
    assert "workflow.toml:" in said.err
    assert "did you mean" in said.err.lower()
    assert said.err.count("workflow.toml") >= 2
    as_data = leitstand("check", "mine", "--json")
    assert as_data.code == 3
    assert isinstance(as_data.data, list)
    assert all(problem["line"] >= 0 for problem in as_data.data)


def test_one_case_shows_its_steps_and_its_output(leitstand: Leitstand) -> None:
    leitstand("init", "mine", "--lang", "en")
    ran = leitstand("run", "mine", "-i", "-", given=json.dumps({"question": "When do you open?"}))
    assert ran.code == 0, ran.err
    assert "case.accepted" in ran.out
    assert '"answer"' in ran.out
    assert "cost" in ran.err
