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
    tree = ast.parse((SOURCE / "runtime" / "model_call.py").read_text())
    (asking,) = (
        node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == "call_model"
    )
    called = [(node.lineno, node.func) for node in ast.walk(asking) if isinstance(node, ast.Call)]
    line = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", ""): at for at, each in called}
    assert line["enter"] < line["_announce"] < line["_ask"]
