import sys

import pytest
from tests.definition.folders import valid

from leitstand.definition.documents import Report
from leitstand.definition.hooks import Hooks, check_hooks, load_hooks
from leitstand.domain.errors import ConfigurationInvalid


def found(code: str | bytes) -> list[tuple[int, str]]:
    report = Report(file="hooks.py", problems=[])
    check_hooks(code.encode() if isinstance(code, str) else code, report)
    return [(problem.line, problem.text()) for problem in report.problems]


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("def normalise(input:\n", 1, "The hooks cannot be loaded"),
        ("x = 1\n\ndef normalize(input): ...", 3, "no hook named `normalize`. Did you mean `normalise`?"),
        ("def clean(input): ...", 1, "Known: normalise, postprocess. Other functions begin with an underscore."),
        ("def normalise(): ...", 1, "Write it as `def normalise(input)`"),
        ("def postprocess(output): ...", 1, "Write it as `def postprocess(output, input)`"),
        ("async def normalise(input): ...", 1, "without `async`"),
        ("def normalise(input, *, x): ...", 1, "cannot be called as it is"),
        (b"x = '\xff'", 1, "not UTF-8"),
        (b"\0", 0, "null bytes"),
        ("(" * 500 + ")" * 500, 1, "too many nested parentheses"),
        ("return 1", 1, "'return' outside function"),
    ],
)
def test_what_is_wrong_with_hooks(code: str | bytes, line: int, said: str):
    [(at, text)] = found(code)
    assert at == line
    assert said in text


@pytest.mark.parametrize("code", ["", "import re\ndef _own(a): ...\ndef normalise(input): return input", "'\\d'"])
def test_what_is_right(code: str):
    assert found(code) == []


def test_nothing_runs_while_it_is_checked():
    assert found("raise SystemExit(3)") == []


def test_functions_are_loaded_under_the_digest():
    files = {"hooks.py": b"def postprocess(output, input):\n    return {**output, 'n': input['n']}"}
    hooks = load_hooks(files, "a" * 64)
    assert hooks.normalise is None
    assert hooks.postprocess is not None
    assert hooks.postprocess({}, {"n": 1}) == {"n": 1}
    assert "leitstand_hooks_aaaaaaaaaaaa" in sys.modules
    assert load_hooks(files, "a" * 64) == hooks


def test_two_releases_do_not_share_their_hooks():
    one = load_hooks({"hooks.py": b"def normalise(input): return {'v': 1}"}, "b" * 64)
    two = load_hooks({"hooks.py": b"def normalise(input): return {'v': 2}"}, "c" * 64)
    assert (one.normalise({}), two.normalise({})) == ({"v": 1}, {"v": 2})  # type: ignore[misc]


def test_a_release_without_hooks():
    assert load_hooks({}, "d" * 64) == Hooks()


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        (b"x = 1\n1 / 0", 2, "ZeroDivisionError: division by zero"),
        (b"import nothing_like_this", 1, "ModuleNotFoundError"),
        (b"raise SystemExit(3)", 1, "SystemExit: 3"),
        (b"def x(:", 1, "SyntaxError"),
        (b"normalise = 3", 0, "`normalise` is not a function"),
    ],
)
def test_hooks_that_fail_while_they_load(code: bytes, line: int, said: str):
    with pytest.raises(ConfigurationInvalid) as caught:
        load_hooks({"hooks.py": code}, "e" * 64)
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("hooks.py", line)
    assert said in problem.text()
    assert "leitstand_hooks_eeeeeeeeeeee" not in sys.modules


@pytest.mark.parametrize("template", ["answer", "extract", "classify", "draft"])
def test_the_hooks_of_the_templates_load(template: str):
    assert load_hooks(valid(template), template.ljust(64, "0")).postprocess is not None
