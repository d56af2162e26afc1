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
    of_jinja, quoting = {"definition/sandbox.py"}, {"drill/services.py"}
    assert callers("generate") - of_jinja - quoting == {"runtime/model_call.py"}


def test_that_place_is_behind_the_gates() -> None:
    """The model is asked from ``ask`` only; a call enters the gates, then makes its intent durable, then asks."""
    asked, hedged = lines_of("runtime/model_call.py"), lines_of("runtime/hedge.py")
    assert [name for name, inside in asked.items() if "_asked" in inside] == ["ask"]
    assert "save" in asked["intend"]
    for begin in asked["begin"], hedged["_is_let_in"]:
        assert begin["enter"] < begin["intend"]
    assert asked["call_model"]["begin"] < asked["call_model"]["ask"]
    assert hedged["hedged"]["begin"] < hedged["hedged"]["ask"]


def lines_of(path: str) -> dict[str, dict[str, int]]:
    """For each asynchronous function of a file, what it calls and in which line."""
    return {
        function.name: {_name(node.func): node.lineno for node in ast.walk(function) if isinstance(node, ast.Call)}
        for function in ast.walk(ast.parse((SOURCE / path).read_text()))
        if isinstance(function, ast.AsyncFunctionDef)
    }


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
