import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.definition.folders import KNOWN, changed, problems, texts, valid

import leitstand.definition
from leitstand.definition.read import read, read_files

DEMO = Path(leitstand.definition.__file__).parents[1] / "demo/help"
NAMES = tuple(sorted(valid()))
REQUIRED = ("workflow.toml", "input.schema.json", "output.schema.json", "prompt.md", "risks.toml", "runbook.md")


def test_the_demo_is_fine():
    assert read(DEMO, KNOWN).problems == ()


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_named(name: str):
    files = valid()
    del files[name]
    found = problems(files)
    assert [problem.text() for problem in found if problem.file == name] == [
        text for text in texts(files) if text.startswith(f"{name}: The file is missing.")
    ]
    assert found


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            changed("risks.toml", "[[risks]]\nid = ", "[[risks]]\nname = "),
            "risks.toml:3: There is no `[[risks]]` table",
        ),
        ({**valid(), "risks.toml": b""}, "risks.toml: There is no `[[risks]]` table"),
        ({**valid(), "runbook.md": b" \n"}, "runbook.md: The file is empty."),
        (changed("workflow.toml", "knowledge/*.md", "sources/*.md"), "`retrieval.sources[1].path`"),
        (
            {**valid(), "knowledge/bad.md": b"\0\1\2" * 99},
            "knowledge/bad.md: The source knowledge/bad.md cannot be read",
        ),
    ],
)
def test_the_other_files(files: dict[str, bytes], said: str):
    if said.startswith("`"):
        line = files["workflow.toml"].decode().split("\n").index('path = "sources/*.md"') + 1
        said = f"workflow.toml:{line}: The source sources/*.md cannot be read: no file of the folder matches it."
    assert any(said in text for text in texts(files)), texts(files)


def test_every_unreadable_source_is_named_at_once():
    files = {**valid(), "knowledge/a.md": b"\0" * 99, "knowledge/b.md": b"", "knowledge/c.md": b"\0" * 99}
    assert {problem.file for problem in problems(files)} == {"knowledge/a.md", "knowledge/b.md", "knowledge/c.md"}


@pytest.mark.parametrize("path", ["../secret.md", "/etc/passwd", "../**/*", "knowledge/../../x.md"])
def test_sources_outside_the_folder_cannot_be_named(path: str):
    files = changed("workflow.toml", "knowledge/*.md", path)
    assert any("workflow.toml" in text and "no file of the folder matches" in text for text in texts(files))


def test_problems_of_all_files_come_together_and_in_order():
    files = changed("workflow.toml", 'data_class = "internal"', "data_class = 1")
    files |= {"prompt.md": b"{{ input.x }}", "hooks.py": b"def x(:", "gold/cases.jsonl": b"x", "risks.toml": b"x"}
    found = problems(files)
    assert [problem.file for problem in found] == [
        "workflow.toml",
        "gold/cases.jsonl",
        "hooks.py",
        "prompt.md",
        "risks.toml",
    ]
    assert all(problem.line for problem in found)


def test_every_message_and_repair_can_be_filled():
    for problem in problems(dict.fromkeys(valid(), b"{")):
        assert "{" not in problem.text().replace("{}", "") or problem.values


BYTES = st.binary(max_size=300)


@given(st.dictionaries(st.sampled_from(NAMES), BYTES))
def test_random_bytes_are_problems(files: dict[str, bytes]):
    result = read_files(files, KNOWN)
    assert result.problems
    assert all(problem.text() for problem in result.problems)


@given(st.sampled_from(NAMES), st.integers(0, 5000), st.integers(0, 40), BYTES)
@settings(max_examples=300)
def test_a_valid_file_with_any_damage_is_judged_without_an_accident(
    name: str, start: int, length: int, inserted: bytes
):
    files = valid()
    content = files[name]
    files[name] = content[:start] + inserted + content[start + length :]
    result = read_files(files, KNOWN)
    if result.problems:
        assert all(problem.text() for problem in result.problems)
    else:
        assert result.workflow is not None
        assert result.input_schema is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
DATA: dict[str, Any] = tomllib.loads(valid()["workflow.toml"].decode())
PLACES = [(key,) for key in DATA] + [(key, inner) for key in DATA if isinstance(DATA[key], dict) for inner in DATA[key]]


def in_toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {in_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_toml(inner) for inner in value) + "]"
    if isinstance(value, float):
        return {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}.get(json.dumps(value), repr(value))
    return "1979-05-27T07:32:00Z" if value is None else json.dumps(value)


@given(st.sampled_from(PLACES), VALUES, st.booleans())
@settings(max_examples=300)
def test_any_value_in_any_place_is_taken_or_named(place: tuple[str, ...], value: object, add: bool):
    """Either the workflow holds the value, or a problem says what is wrong; an unknown key is always a problem."""
    data = json.loads(json.dumps(DATA))
    table = data
    for key in place[:-1]:
        table = table[key]
    table[f"{place[-1]}_" if add else place[-1]] = value
    text = "\n".join(f"{json.dumps(key)} = {in_toml(inner)}" for key, inner in data.items()).replace("\\ud", "\\u0d")
    result = read_files({**valid(), "workflow.toml": text.encode()}, KNOWN)
    if add and not (len(place) == 2 and place[0] in ("title", "purpose")):
        assert result.problems
    if not result.problems:
        assert result.workflow is not None
