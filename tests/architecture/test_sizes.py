"""Is every function, file and parameter list small enough to be understood at one sitting?"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTION_LINES = 40
FILE_LINES = 300
PARAMETERS = 5
LOOP_DEPTH = 2

EXCEPTIONS: frozenset[str] = frozenset()
"""Places that may be larger, as ``path:name``; the list only shrinks."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
LOOPS = (ast.For, ast.AsyncFor, ast.While)


def python_files() -> list[Path]:
    folders = ("src", "tools", "bench", "tests")
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """Lines from ``def`` to the end, the docstring not counted."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def parameters_of(function: Function) -> int:
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [argument.arg for argument in (given.vararg, given.kwarg) if argument]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def loop_depth(node: ast.AST) -> int:
    inner = max(
        (loop_depth(child) for child in ast.iter_child_nodes(node) if not isinstance(child, Function)), default=0
    )
    return inner + isinstance(node, LOOPS)


def excesses(path: Path) -> Iterator[str]:
    """Everything too large in a file, as ``path:name: what``. Tests may take more parameters: theirs are fixtures."""
    text = path.read_text(encoding="utf-8")
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    if (length := len(text.splitlines())) > FILE_LINES:
        yield f"{place}:file: {length} lines, at most {FILE_LINES}"
    for function in functions(ast.parse(text)):
        name = f"{place}:{function.name}"
        if (length := lines_of(function)) > FUNCTION_LINES:
            yield f"{name}: {length} lines, at most {FUNCTION_LINES}"
        if "tests" not in path.parts and (count := parameters_of(function)) > PARAMETERS:
            yield f"{name}: {count} parameters, at most {PARAMETERS}"
        if (depth := loop_depth(function)) > LOOP_DEPTH:
            yield f"{name}: loops {depth} deep, at most {LOOP_DEPTH}"


def test_nothing_is_larger_than_the_house_rules_allow() -> None:
    found = [excess for path in python_files() for excess in excesses(path)]
    assert not [excess for excess in found if excess.split(": ")[0] not in EXCEPTIONS], "\n" + "\n".join(found)


def test_the_list_of_exceptions_is_empty() -> None:
    assert not EXCEPTIONS


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = 1\n" * 301, "301 lines"),
        ("def f():\n" + "    x = 1\n" * 40, "f: 41 lines"),
        ("def f(a, b, c, *, d, e, g): pass\n", "6 parameters"),
        ("def f(a, b, c, d, *e, **g): pass\n", "6 parameters"),
        ("def f():\n for a in b:\n  while c:\n   for d in e: pass\n", "3 deep"),
    ],
)
def test_what_is_too_large_is_found(tmp_path: Path, source: str, complaint: str) -> None:
    file = tmp_path / "large.py"
    file.write_text(source)
    # pytest's folder has "test" in its name, never "tests" as a part
    assert any(complaint in excess for excess in excesses(file))


@pytest.mark.parametrize(
    "source",
    [
        'def f():\n    """' + "Text.\n" * 50 + '    """\n' + "    x = 1\n" * 39,
        "class C:\n    def f(self, a, b, c, d, e): pass\n",
        "def f():\n for a in b:\n  for c in d: pass\n for a in b: pass\n",
    ],
)
def test_what_is_small_enough_passes(tmp_path: Path, source: str) -> None:
    file = tmp_path / "small.py"
    file.write_text(source)
    assert not list(excesses(file))
