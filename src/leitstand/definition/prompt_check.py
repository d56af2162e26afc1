"""Which mistakes in ``prompt.md`` would otherwise show only with the first case?"""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from leitstand.definition.documents import DID_YOU_MEAN, Report, decoded, nearest
from leitstand.definition.prompt import Prompt, parts_of
from leitstand.definition.sandbox import Sandbox, refused
from leitstand.definition.validators import properties_of
from leitstand.domain.errors import translatable
from leitstand.domain.retrieval import Passage

VARIABLES = ("input", "passages", "language", "schema")

_EXAMPLES: Mapping[str, object] = {"integer": 1, "number": 1.5, "boolean": True, "null": None}
_PASSAGES = tuple(Passage(id=str(n), source="s.md", title="Title", text="Text.") for n in (1, 2))


def check_prompt(
    content: bytes, schemas: tuple[Mapping[str, Any], Mapping[str, Any]], language: str, report: Report
) -> None:
    """Add a problem for everything that keeps ``content`` from being a prompt for these input and output schemas."""
    text = decoded(content, report)
    if text is None:
        return
    if not text.strip():
        report.add(0, translatable("The prompt is empty."), translatable("Write what the model is to do."))
        return
    before = len(report.problems)
    try:
        tree = Sandbox().parse(text)
        _check_statements(tree, report)
        _check_names(tree, properties_of(schemas[0]), report)
    except TemplateSyntaxError as error:
        _add_error(error.lineno, error.message or "", report)
    except RecursionError:
        _add_error(0, "nested too deeply", report)
    if len(report.problems) == before:
        _rehearse(text, schemas, language, report)


def check_chat_prompt(content: bytes, report: Report) -> None:
    """Add a problem for a user's part in the prompt of a chat, whose user's messages come from the caller."""
    _, user = parts_of(content.decode("utf-8-sig", "replace"))
    if user.strip():
        report.add(
            len(user) - len(user.lstrip("\n")),
            translatable("The part `## user` is never sent: `input.messages` passes the messages of the caller on."),
            translatable("Move it into the part `## system`, or set `input.text` instead."),
        )


def _check_statements(tree: nodes.Template, report: Report) -> None:
    for line, name in refused(tree):
        report.add(
            line,
            translatable("`{name}` is not available in a prompt."),
            translatable("Write the text itself; `if`, `for` and `set` are available."),
            name=name,
        )


def _check_names(tree: nodes.Template, properties: Mapping[str, Any], report: Report) -> None:
    unknown = meta.find_undeclared_variables(tree) - set(VARIABLES)
    for node in tree.find_all(nodes.Name):
        if node.ctx == "load" and node.name in unknown:
            suggestion = f"input.{node.name}" if node.name in properties else nearest(node.name, VARIABLES)
            _add_unknown(node.lineno, node.name, suggestion, VARIABLES, report)
    for line, name in _used_properties(tree):
        if name not in properties:
            suggestion = nearest(name, properties)
            known = tuple(f"input.{key}" for key in properties)
            _add_unknown(line, f"input.{name}", suggestion and f"input.{suggestion}", known, report)


def _used_properties(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    for dotted in tree.find_all(nodes.Getattr):
        if isinstance(dotted.node, nodes.Name) and dotted.node.name == "input":
            yield dotted.lineno, dotted.attr
    for bracketed in tree.find_all(nodes.Getitem):
        named = isinstance(bracketed.node, nodes.Name) and bracketed.node.name == "input"
        if named and isinstance(bracketed.arg, nodes.Const):
            yield bracketed.lineno, str(bracketed.arg.value)


def _add_unknown(line: int, name: str, suggestion: str, known: tuple[str, ...], report: Report) -> None:
    report.add(
        line,
        translatable("The variable `{name}` is unknown: the input schema does not have it."),
        DID_YOU_MEAN if suggestion else translatable("Known: {known}."),
        name=name,
        suggestion=suggestion,
        known=", ".join(known),
    )


def _rehearse(text: str, schemas: tuple[Mapping[str, Any], Mapping[str, Any]], language: str, report: Report) -> None:
    """Render once with made-up values. Whatever a template's expressions raise is the prompt's mistake."""
    given = {name: _example(inner) for name, inner in properties_of(schemas[0]).items()}
    try:
        Prompt(text, *schemas, language).render(given, _PASSAGES, language)
    except Exception as error:  # noqa: BLE001
        line = getattr(error, "lineno", None) or _line_in_template(error.__traceback__)
        _add_error(line, str(error).partition("\n")[0] or type(error).__name__, report)


def _line_in_template(trace: TracebackType | None) -> int:
    line = 0
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _example(schema: Mapping[str, Any], depth: int = 0) -> object:
    """A value of the schema's type, made up where the schema gives none."""
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("examples", "enum"):
        if schema.get(keyword):
            return schema[keyword][0]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if depth > 10 or kind not in ("object", "array"):
        return _EXAMPLES.get(kind, "Text.")
    if kind == "array":
        items = schema.get("items")
        return [_example(items, depth + 1)] if isinstance(items, dict) else []
    return {
        name: _example(inner, depth + 1) for name, inner in schema.get("properties", {}).items() if inner is not True
    }


def _add_error(line: int, detail: str, report: Report) -> None:
    report.add(
        line,
        translatable("The template cannot be used: {detail}."),
        translatable("Correct it; the prompt is a Jinja2 template."),
        detail=" ".join(detail.split()).rstrip("."),
    )
