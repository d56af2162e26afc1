"""Which functions does the workflow's ``hooks.py`` add, and does it load?

``hooks.py`` is the operator's own trusted code: it runs in this process with all its rights, nothing is sandboxed,
and it never arrives over HTTP. Two plain functions are known, both optional and both pure: ``normalise(input: dict)
-> dict`` after Leitstand's own normalising, ``postprocess(output: dict, input: dict) -> dict`` on a draft that fits
the output schema. Others are those that a tool of the workflow names.
"""

import ast
import sys
import warnings
from collections.abc import Collection, Mapping
from types import ModuleType, TracebackType

from leitstand.definition.documents import DID_YOU_MEAN, Report, decoded, nearest
from leitstand.domain.errors import ConfigurationInvalid, Problem, translatable
from leitstand.ports import Hooks

FILE = "hooks.py"
PARAMETERS = {"normalise": ("input",), "postprocess": ("output", "input")}


def load_hooks(files: Mapping[str, bytes], digest: str, functions: Collection[str] = ()) -> Hooks:
    """The hooks of the release with that digest, each digest under a module name of its own.

    ``functions`` are the names of those that tools call; one that is not there is left out.

    Raises ``ConfigurationInvalid`` when the code fails while it is loaded.
    """
    if FILE not in files:
        return Hooks()
    name = f"leitstand_hooks_{digest[:12]}"
    module = sys.modules.get(name) or _load(files[FILE], name)
    found = {name: getattr(module, name, None) for name in functions}
    return Hooks(
        normalise=getattr(module, "normalise", None),
        postprocess=getattr(module, "postprocess", None),
        functions={name: function for name, function in found.items() if callable(function)},
    )


def check_hooks(content: bytes, report: Report, functions: Collection[str] = ()) -> None:
    """Add a problem for whatever keeps ``content`` from being hooks, and ``functions`` of tools; nothing is run."""
    text = decoded(content, report)
    if text is None:
        return
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(content, FILE)
            compile(tree, FILE, "exec")
    except SyntaxError as error:
        _add_failure(error.lineno or 0, error.msg, report)
        return
    except (ValueError, RecursionError, MemoryError) as error:
        _add_failure(0, str(error) or type(error).__name__, report)
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_hook = not node.name.startswith("_") and (node.name in PARAMETERS or node.name not in functions)
            if is_hook:
                _check_function(node, report)


def _load(content: bytes, name: str) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(content, f"<{name}>", "exec")
        exec(code, module.__dict__)  # noqa: S102  the operator's trusted code
        for hook in PARAMETERS:
            if not callable(getattr(module, hook, _nothing)):
                raise TypeError(f"`{hook}` is not a function")
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        problems: list[Problem] = []
        line = getattr(error, "lineno", None) or _line(error.__traceback__, f"<{name}>")
        _add_failure(line, f"{type(error).__name__}: {error}", Report(file=FILE, problems=problems))
        raise ConfigurationInvalid(path=FILE, problems=tuple(problems)) from error
    return module


def _nothing() -> None:
    """Stands in for a hook that is not there."""


def _line(trace: TracebackType | None, file: str) -> int:
    """The last line that ran in the hooks themselves."""
    line = 0
    while trace:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _check_function(node: ast.FunctionDef | ast.AsyncFunctionDef, report: Report) -> None:
    expected = PARAMETERS.get(node.name)
    if expected is None:
        suggestion = nearest(node.name, PARAMETERS)
        report.add(
            node.lineno,
            translatable("There is no hook named `{name}`."),
            DID_YOU_MEAN if suggestion else translatable("Known: {known}. Other functions begin with an underscore."),
            name=node.name,
            suggestion=suggestion,
            known=", ".join(PARAMETERS),
        )
        return
    given = [*node.args.posonlyargs, *node.args.args]
    plain = isinstance(node, ast.FunctionDef) and not node.args.kwonlyargs and len(given) == len(expected)
    if not plain:
        report.add(
            node.lineno,
            translatable("The hook `{name}` cannot be called as it is."),
            translatable("Write it as `def {name}({parameters})`, without `async`."),
            name=node.name,
            parameters=", ".join(expected),
        )


def _add_failure(line: int, detail: str, report: Report) -> None:
    report.add(
        line,
        translatable("The hooks cannot be loaded: {detail}."),
        translatable("Correct the code, or remove the file when no hooks are needed."),
        detail=" ".join(detail.split()).rstrip("."),
    )
