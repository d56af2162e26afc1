import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError
from tests.definition.folders import changed, problems

from leitstand.definition.documents import Report
from leitstand.definition.prompt import Prompt
from leitstand.definition.prompt_check import check_prompt

ITEM = {"type": "object", "properties": {"name": {"type": "string"}}}
GIVEN = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "count": {"type": "integer"}, "items": {"type": "array", "items": ITEM}},
}
MADE = {"type": "object", "properties": {}}


def found(text: str) -> list[tuple[int, str]]:
    report = Report(file="prompt.md", problems=[])
    check_prompt(text.encode(), (GIVEN, MADE), "en", report)
    return [(problem.line, problem.text()) for problem in report.problems]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "The prompt is empty."),
        ("a\n{{ text }}", 2, "`text` is unknown: the input schema does not have it. Did you mean `input.text`?"),
        ("a\n\n{{ input.txt }}", 3, "`input.txt` is unknown: the input schema does not have it. Did you mean"),
        ("{{ input['zzz'] }}", 1, "Known: input.text, input.count, input.items."),
        ("{% if input.zzz %}{% endif %}", 1, "`input.zzz` is unknown"),
        ("\n{{ passage }}", 2, "Did you mean `passages`?"),
        ("## user\n\n{{ inptu.text }}", 3, "Did you mean `input`?"),
        ("\n{% for p in passages %}\n{{ p.titel }}{% endfor %}", 3, "no attribute 'titel'"),
        ("\n\n{% if %}", 3, "The template cannot be used: Expected an expression"),
        ("{{ input.text | shout }}", 1, "No filter named 'shout'"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
        ("\n{{ input.text() }}", 2, "`call` is not available in a prompt."),
        ("\n{% include 'x' %}", 2, "`include` is not available in a prompt."),
        ("{% macro m() %}{% endmacro %}", 1, "`macro` is not available in a prompt."),
        ("{% for a in passages recursive %}{% endfor %}", 1, "`for ... recursive` is not available"),
        ("{{ ''.__class__ }}", 1, "is unsafe"),
        ("{{ 'a' * 999999999 }}", 1, "the operator * is not available here"),
        ("{{ " + "(" * 5000, 0, "nested too deeply"),
        ("## user\n{% if input.text %}\n## system\n{% endif %}", 4, "unknown tag 'endif'"),
    ],
)
def test_mistakes_show_before_the_first_case(text: str, line: int, said: str):
    [(at, problem)] = found(text)
    assert said in problem
    assert at == line


@pytest.mark.parametrize(
    "text",
    [
        "Plain words.",
        "{{ input.text }} {{ input['count'] + 1 }} {{ language }} {{ schema }}",
        "{% for item in input.items %}{{ loop.index }}. {{ item.name | upper }}{% endfor %}",
        "{% for p in passages %}[{{ p.number }}] {{ p.title }}: {{ p.text }}{% endfor %}",
        "{% set n = passages | length %}{% if n > 1 %}{{ n }}{% endif %}",
        "{% raw %}{{ anything }}{% endraw %}{# {{ anything }} #}",
        "## user\n{{ passages }}",
    ],
)
def test_what_a_prompt_may_do(text: str):
    assert found(text) == []


def test_the_line_is_that_in_the_file_of_the_folder():
    files = changed("prompt.md", "{{ input.question }}", "{{ input.qestion }}")
    line = files["prompt.md"].decode().split("\n").index("{{ input.qestion }}") + 1
    [problem] = problems(files)
    assert (problem.file, problem.line) == ("prompt.md", line)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in input.text %}{% for b in input.text %}{% endfor %}{% endfor %}",
        "{% for a in input.text %}{{ input.text }}{% endfor %}",
    ],
)
def test_a_render_is_bounded_whatever_the_input(text: str):
    prompt = Prompt(text, GIVEN, MADE, "en")
    began = time.monotonic()
    with pytest.raises(TemplateError, match="more than"):
        prompt.render({"text": "x" * 20_000}, (), "en")
    assert time.monotonic() - began < 5


WORDS = "if for in endfor endif input text passages set x loop not raw macro ."
SIGNS = "{{ }} {% %} {# #} . = [ ] ( ) | ' ## 1 * ~"
PIECES = st.sampled_from(f"{WORDS} {SIGNS}".split())


@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_any_text_is_a_prompt_or_a_problem(text: str):
    if not found(text):
        Prompt(text, GIVEN, MADE, "en").render({"text": "a", "count": 1, "items": []}, (), "en")
