"""Do the tools in ``workflow.toml`` have all that they need, in the folder and beside each other?"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from leitstand.definition.documents import Report, key_of, nearest, shown
from leitstand.definition.hooks import FILE as HOOKS
from leitstand.definition.places import Place
from leitstand.definition.tool_contract import KEY
from leitstand.definition.validators import read_contract
from leitstand.domain.errors import Problem, translatable
from leitstand.domain.tool import SideEffect, Tool
from leitstand.domain.workflow import Workflow


def check_tools(workflow: Workflow, files: Mapping[str, bytes], report: Report, problems: list[Problem]) -> None:
    """Add a problem for every schema and function that is missing or unusable; nothing is run."""
    functions = _functions(files.get(HOOKS, b""))
    for index, tool in enumerate(workflow.tools):
        place: Place = ("tools", index)
        if tool.parameters and tool.parameters not in files:
            _missing(
                (*place, "parameters"), tool.parameters, report, [name for name in files if name.endswith(".json")]
            )
        elif tool.parameters:
            _check_schema(files[tool.parameters], Report(file=tool.parameters, problems=problems))
        if tool.function and functions is not None and tool.function not in functions:
            _missing((*place, "function"), tool.function, report, list(functions))
        elif tool.function and functions:
            _check_function(functions[tool.function], tool, Report(file=HOOKS, problems=problems))


def _functions(content: bytes) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef] | None:
    """The functions of ``hooks.py`` by name; None for one that cannot be read, which its own check says."""
    try:
        tree = ast.parse(content, HOOKS)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _missing(place: Place, value: str, report: Report, known: Sequence[str]) -> None:
    suggestion = nearest(value, known)
    report.add(
        place,
        translatable("`{key}` names {value}, which is not there."),
        translatable("Did you mean `{suggestion}`?") if suggestion else translatable("Known: {known}."),
        key=key_of(place),
        value=shown(value),
        suggestion=suggestion,
        known=", ".join(sorted(known)) or "-",
    )


def _check_schema(content: bytes, report: Report) -> None:
    """The schema of arguments is closed: what it does not name, no model may send."""
    schema: dict[str, Any] | None = read_contract(content, report)
    if schema is not None and schema.get("additionalProperties") is not False:
        report.add(
            (),
            translatable("The schema lets arguments through that it does not name."),
            translatable("Add {example}."),
            example='"additionalProperties": false',
        )


def _check_function(node: ast.FunctionDef | ast.AsyncFunctionDef, tool: Tool, report: Report) -> None:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    bare = [argument.arg for argument in given if argument.annotation is None and argument.arg != KEY]
    plain = isinstance(node, ast.FunctionDef) and not (node.args.vararg or node.args.kwarg or node.args.posonlyargs)
    if bare or not plain:
        report.add(
            node.lineno,
            translatable("`{function}` cannot be a tool as it is."),
            translatable("Write it without `async` and `*`, each parameter with its type, as `{example}`."),
            function=node.name,
            example=f"def {node.name}(order: str) -> dict",
        )
    elif tool.effect is not SideEffect.READ and KEY not in [argument.arg for argument in given]:
        report.add(
            node.lineno,
            translatable("`{function}` changes something and takes no `{parameter}`."),
            translatable("Add the parameter, and do nothing for a key that was done before."),
            function=node.name,
            parameter=KEY,
        )
