import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.definition.folders import KNOWN, valid

from leitstand.definition.hooks import load_hooks
from leitstand.definition.read import read
from leitstand.definition.scaffold import EDITOR_SCHEMA, LANGUAGES, TEMPLATES, scaffold, workflow_name
from leitstand.definition.schema import schema_text
from leitstand.domain.errors import FolderNotEmpty, StateConflict

EACH = [(template, language) for template in TEMPLATES for language in LANGUAGES]
SCHEMAS = ("input.schema.json", "output.schema.json")
SETTLED = ("workflow.toml", *SCHEMAS, "prompt.md", "knowledge", "gold", "hooks.py", "risks.toml", "runbook.md")


@pytest.mark.parametrize(("template", "language"), EACH)
def test_it_passes_check(tmp_path: Path, template: str, language: str):
    written = scaffold(tmp_path / "Mein Ablauf", template, language, "Mein Ablauf")
    result = read(tmp_path / "Mein Ablauf", KNOWN)
    assert result.problems == ()
    assert result.workflow is not None
    assert (result.workflow.name, result.workflow.language) == ("mein-ablauf", language)
    assert result.passages
    assert {path.relative_to(tmp_path / "Mein Ablauf").parts[0] for path in written} == {*SETTLED, EDITOR_SCHEMA}
    assert all(path.is_file() for path in written)


@pytest.mark.parametrize(("template", "language"), EACH)
def test_no_placeholder_and_no_foreign_language_is_left(template: str, language: str):
    text = b"\n".join(valid(template, language).values()).decode()
    assert "@name@" not in text
    foreign = {"de": r"\b(the|and|with)\b", "en": r"\b(der|und|mit)\b"}[language]
    prose = "\n".join(valid(template, language)[name].decode() for name in ("prompt.md", "risks.toml", "runbook.md"))
    assert not re.findall(foreign, prose)


def test_editors_find_the_schema_beside_the_file(tmp_path: Path):
    scaffold(tmp_path / "x", "answer", "de", "x")
    first = (tmp_path / "x/workflow.toml").read_text(encoding="utf-8").split("\n")[0]
    assert (tmp_path / "x" / first.removeprefix("#:schema ")).read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["extract", "classify"])
def test_rules_alone_get_the_golden_cases_right(template: str, language: str):
    files = valid(template, language)
    postprocess = load_hooks(files, f"{template}{language}".ljust(64, "0")).postprocess
    assert postprocess is not None
    empty = {"extract": {}, "classify": {"category": "other", "urgency": "normal", "reason": ""}}[template]
    for line in files["gold/cases.jsonl"].decode().splitlines():
        case = json.loads(line)
        output = postprocess(dict(empty), case["input"])
        assert case["expected"]["fields"].items() <= output.items(), case["id"]


def test_nothing_is_overwritten(tmp_path: Path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(FolderNotEmpty, match=re.escape(f"The folder {tmp_path} is not empty.")):
        scaffold(tmp_path, "answer", "en", "x")
    with pytest.raises(StateConflict):
        scaffold(tmp_path / "notes", "answer", "en", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_an_empty_folder_will_do(tmp_path: Path):
    assert scaffold(tmp_path, "answer", "en", "x")


def test_unknown_templates_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="no template 'chat'"):
        scaffold(tmp_path / "x", "chat", "en", "x")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Rückgabe & Umtausch", "rueckgabe-umtausch"),
        ("2024", "workflow-2024"),
        ("", "workflow"),
        ("日本", "workflow"),
        ("a" * 99, "a" * 63),
    ],
)
def test_names_are_made_fit(name: str, expected: str):
    assert workflow_name(name) == expected


@given(st.text())
def test_any_name_is_made_fit(name: str):
    assert re.fullmatch("[a-z][a-z0-9_-]{0,62}", workflow_name(name))
