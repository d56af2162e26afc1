import pytest

from leitstand.definition.documents import (
    LONGEST_TEXT,
    Report,
    key_of,
    nearest,
    read_json,
    read_toml,
    shown,
    strict_json,
)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"a = \n", 1, "Invalid value"),
        (b"a = 1\n\n[b", 3, "Expected ']'"),
        (b"a = 1\nb = [1", 2, "Unclosed array"),
        (b"a = 1\na = 2\n", 2, "Cannot overwrite a value"),
        (b"a = 1\n\xff", 2, "0xff is not UTF-8"),
        (b"a = 1" + b"0" * 5000, 0, "4300 digits"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, 0, "nested more than"),
        (b"\0\1\2\3", 1, "cannot be read"),
        (b"\x89PNG\r\n\x1a\n", 1, "0x89 is not UTF-8"),
        (b"#" * (LONGEST_TEXT + 1), 0, f"{LONGEST_TEXT + 1} bytes"),
    ],
)
def test_toml_that_cannot_be_read(content: bytes, line: int, said: str):
    report = Report(file="workflow.toml", problems=[])
    assert read_toml(content, report) is None
    assert [problem.line for problem in report.problems] == [line]
    assert said in report.problems[0].text()


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "Expecting value"),
        (b'{"a": 1,\nb}', 2, "property name"),
        (b'{"a": 1, "a": 2}', 0, "'a' stands there twice"),
        (b'{"a": NaN}', 0, "NaN is not JSON"),
        (b"[" * 100_000, 0, "nested more than"),
        (b'\xef\xbb\xbf{"a": 1}', 1, "byte order mark"),
    ],
)
def test_json_that_cannot_be_read(content: bytes, line: int, said: str):
    report = Report(file="input.schema.json", problems=[])
    assert read_json(content, report) is None
    assert [problem.line for problem in report.problems] == [line]
    assert said in report.problems[0].text()


def test_a_byte_order_mark_before_toml_is_fine():
    assert read_toml(b"\xef\xbb\xbfa = 1", Report(file="", problems=[])) == {"a": 1}


@pytest.mark.parametrize("line", ["[" * 70 + "]" * 70, "[" * 100_000, "Infinity", '{"a":1,"a":1}', "{"])
def test_strict_json_raises_one_kind_of_error(line: str):
    with pytest.raises(ValueError, match=r"."):
        strict_json(line)


def test_the_same_problem_is_said_once():
    report = Report(file="f", problems=[])
    for _ in range(2):
        report.add(1, "m", "r")
    assert len(report.problems) == 1


def test_words_for_messages():
    assert key_of(("draft", "chain", 0, "model")) == "draft.chain[1].model"
    assert shown("x" * 100) == '"' + "x" * 56 + "..."
    assert nearest("citation", ["citations", "facts"]) == "citations"
    assert nearest("zzz", ["citations", "facts"]) == ""
