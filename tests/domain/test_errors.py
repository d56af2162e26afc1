"""Does every error have a code, name the bad value and say what to do next?"""

import inspect
import re
import string

import pytest

from leitstand.domain import errors
from leitstand.domain.errors import LeitstandError, Phrase, Problem

EXTRA = {"kind": "timeout", "retryable": True, "problems": ()}
"""Arguments that some errors take beside the values of their templates."""


def below(kind: type[LeitstandError]) -> list[type[LeitstandError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in below(child))]


ALL = [kind for kind in below(LeitstandError) if kind.__module__ == errors.__name__]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_says_what_is_wrong_and_what_to_do(kind: type[LeitstandError]) -> None:
    wanted = fields(kind.message) | fields(kind.repair)
    taken = inspect.signature(kind).parameters
    given = {name: f"<{name}>" for name in wanted if name != "count"}
    error = kind(**{**given, **{name: value for name, value in EXTRA.items() if name in taken}})
    text = str(error)
    assert all(f"<{name}>" in text for name in given if name != "kind")
    assert text.startswith(error.message.split("{")[0])
    assert len(text) > 20
    assert re.fullmatch(r"[a-z_]+", kind.code)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ALL]
    assert len(codes) == len(set(codes))


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    abstract = {LeitstandError.__name__}
    assert sorted(drawn) == sorted(kind.__name__ for kind in ALL if kind.__name__ not in abstract)


def test_a_problem_is_printed_as_compilers_do() -> None:
    problem = Problem(file="workflow.toml", line=3, message="No {what}.", repair="Add it.", values=(("what", "name"),))
    assert problem.text() == "workflow.toml:3: No name. Add it."
    whole = Problem(file="workflow.toml", line=0, message="Empty.", repair="Fill it.")
    assert whole.text() == "workflow.toml: Empty. Fill it."


def test_a_phrase_keeps_its_template_for_translation() -> None:
    phrase = Phrase("at most {limit}", limit=5)
    error = errors.WorkflowUnknown(name="x", known=phrase)
    assert "at most 5" in str(error)
    assert error.phrases == {"known": phrase}
