import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.definition.folders import KNOWN, valid

from leitstand.definition.hooks import load_hooks
from leitstand.definition.prompt import Prompt
from leitstand.definition.read import read, read_files
from leitstand.definition.scaffold import EDITOR_SCHEMA, LANGUAGES, TEMPLATES, scaffold, workflow_name
from leitstand.definition.schema import schema_text
from leitstand.domain.errors import FolderNotEmpty, StateConflict
from leitstand.domain.message import Grounding, Request
from leitstand.json_contract import validator
from leitstand.providers.extractive import Extractive
from leitstand.runtime.normalise import normalise

EACH = [(template, language) for template in TEMPLATES for language in LANGUAGES]
WITHOUT_MODEL = [(template, language) for template, language in EACH if template != "passthrough"]
SCHEMAS = ("input.schema.json", "output.schema.json")
SETTLED = ("workflow.toml", *SCHEMAS, "prompt.md", "knowledge", "gold", "hooks.py", "risks.toml", "runbook.md")


@pytest.mark.parametrize(("template", "language"), EACH)
def test_it_passes_check(tmp_path: Path, template: str, language: str):
    written = scaffold(tmp_path / "Mein Ablauf", template, language, "Mein Ablauf")
    result = read(tmp_path / "Mein Ablauf", KNOWN)
    assert result.problems == ()
    assert result.workflow is not None
    assert (result.workflow.name, result.workflow.language) == ("mein-ablauf", language)
    assert bool(result.passages) == (template != "passthrough")
    without = set() if result.passages else {"knowledge"}
    assert {path.relative_to(tmp_path / "Mein Ablauf").parts[0] for path in written} == {
        *SETTLED,
        EDITOR_SCHEMA,
    } - without
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


@pytest.mark.parametrize(("template", "language"), WITHOUT_MODEL)
async def test_it_runs_its_golden_cases_without_a_model(template: str, language: str):
    """Prompt, extractive provider and hooks on every golden case: fits the schema, and says what is expected."""
    result = read_files(valid(template, language), KNOWN)
    assert result.workflow is not None
    prompt = Prompt(result.files["prompt.md"].decode(), result.input_schema, result.output_schema, language)  # type: ignore[arg-type]
    postprocess = load_hooks(result.files, f"{template}{language}".ljust(64, "0")).postprocess
    provider = Extractive(result.workflow.draft.chain[0])
    for line in result.files["gold/cases.jsonl"].decode().splitlines():
        case = json.loads(line)
        given_input = normalise(case["input"], result.workflow.input)
        grounding = Grounding(question=given_input.text, language=given_input.language, passages=result.passages)
        request = Request(
            model="",
            messages=prompt.render(given_input.fields, result.passages, given_input.language),
            schema=result.output_schema,
            grounding=grounding,
            timeout=5,
            key=case["id"],
        )
        output = json.loads((await provider.generate(request)).text)
        assert postprocess is not None
        output = postprocess(output, given_input.fields)
        assert validator(result.output_schema)(output) == (), case["id"]  # type: ignore[arg-type]
        assert_expected(case, output)


def assert_expected(case: dict[str, Any], output: dict[str, Any]) -> None:
    """What the golden case expects is there."""
    expected = case["expected"]
    assert expected.get("fields", {}).items() <= output.items(), case["id"]
    for fact in expected.get("facts", ()):
        assert fact in json.dumps(output, ensure_ascii=False), case["id"]
    if expected.get("must_refuse"):
        assert output["answered"] is False, case["id"]


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
