import json

import pytest
from tests.definition.folders import problems, valid

GOOD = {"id": "a", "input": {"question": "When?"}}


def found(*lines: str | bytes | dict[str, object]) -> list[tuple[int, str]]:
    """What is wrong with these lines of a gold file."""
    encoded = [line if isinstance(line, bytes) else _text(line).encode() for line in lines]
    files = {**valid(), "gold/cases.jsonl": b"\n".join(encoded)}
    return [(problem.line, problem.text()) for problem in problems(files) if problem.file == "gold/cases.jsonl"]


def _text(line: str | dict[str, object]) -> str:
    return line if isinstance(line, str) else json.dumps(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "The line is not JSON: Expecting property name"),
        ("[" * 100_000, "The line is not JSON: it is nested too deeply"),
        ("[1]", "The line is no golden case: [1]."),
        ({"input": {}}, "The line is no golden case"),
        ({"id": 3, "input": {}}, "Write an object with `id` (text) and `input` (an object)."),
        ({"id": "b", "input": {}}, '`input` breaks the input schema: "question" is a required property.'),
        ({"id": "b", "input": {"question": 3}}, "`input/question` breaks the input schema"),
        ({"id": "b", "input": {"question": "x"}, "expectd": {}}, "`expectd` is unknown. Did you mean `expected`?"),
        ({"id": "a", "input": {"question": "x"}}, 'The id "a" was used before in this file.'),
        (b"\xff", "0xff is not UTF-8"),
    ],
)
def test_lines_that_are_no_case(line: str | bytes | dict[str, object], said: str):
    [(at, text)] = found(GOOD, "", line)
    assert at == 3
    assert said in text


def test_lines_that_are_cases():
    assert found(GOOD, "", "  ", {**GOOD, "id": "b", "expected": {"facts": []}, "slices": ["de"]}) == []


def test_a_file_that_is_wrong_throughout_is_understood_after_some_lines():
    assert len(found(*["x"] * 5000)) == 20


def test_other_files_under_gold_are_not_judged():
    assert problems({**valid(), "gold/README.md": b"notes"}) == ()
