"""Is there one way out to a model, and does it pass the gates?"""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "leitstand"


def callers(method: str) -> set[str]:
    """The files of the package, its testing kit aside, that call a method of that name."""
    return {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if "testing" not in file.parts
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method
    }


def test_a_model_is_asked_in_one_place() -> None:
    of_jinja = {"definition/sandbox.py"}
    assert callers("generate") - of_jinja == {"runtime/model_call.py"}


def test_that_place_is_behind_the_gates() -> None:
    """The model is asked from ``ask`` only, which comes after ``begin``, which enters before it announces."""
    tree = ast.parse((SOURCE / "runtime" / "model_call.py").read_text())
    calls = {
        function.name: [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef)
    }
    lines = {name: {_name(called): called.lineno for called in inside} for name, inside in calls.items()}
    assert lines["begin"]["enter"] < lines["begin"]["save"]
    assert [name for name, inside in lines.items() if "_asked" in inside] == ["ask"]
    assert lines["call_model"]["begin"] < lines["call_model"]["ask"]


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
