"""What may a prompt template do, and how is it kept from running for ever or growing without end?

Jinja2's own sandbox keeps templates from Python. What is added here bounds an operator's mistakes: one render runs at
most ten thousand rounds of loops and writes four million characters, and there is nothing that calls, defines or draws
lots.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from jinja2 import StrictUndefined, Template, TemplateRuntimeError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_ROUNDS = 10_000
LONGEST_PROMPT = 4_000_000
"""Limits of one render: rounds of all loops together, characters written.

The longest text that a workflow may take fits in, marked as data and with passages beside it.
"""

_FILTERS = """
abs capitalize count default d dictsort first float int items join last length list lower max min reject rejectattr
replace reverse round select selectattr map slice sort string sum title tojson trim truncate unique upper wordcount
"""
_REFUSED = (
    nodes.Call,
    nodes.Macro,
    nodes.CallBlock,
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
)


class TooMuch(TemplateRuntimeError):
    """The template ran or wrote more than it may."""


class Readable:
    """A record of ours whose ``readable`` attributes a template may read, without the sandbox asking ten questions."""

    __slots__ = ()
    readable: ClassVar[frozenset[str]] = frozenset()


class Rounds:
    """Counts the rounds of all loops of one render."""

    def __init__(self) -> None:
        self._left = MOST_ROUNDS

    def counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The same values, until there were too many."""
        for value in values:
            self._left -= 1
            if self._left < 0:
                raise TooMuch(f"more than {MOST_ROUNDS} rounds of loops")
            yield value


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    rounds: Rounds = context["_rounds"]
    return rounds.counted(values)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 without anything that a prompt does not need."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def __init__(self, finalize: Callable[..., Any] | None = None) -> None:
        super().__init__(undefined=StrictUndefined, finalize=finalize, keep_trailing_newline=True)
        self.globals = {}
        self.filters = {name: self.filters[name] for name in _FILTERS.split()} | {"_counted": _counted}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The attribute as Jinja2's own sandbox gives it."""
        if isinstance(obj, Readable) and attribute in obj.readable:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, _context: Context, operator: str, left: Any, right: Any) -> Any:
        """Only numbers are multiplied; text times a number is how a template of ten characters fills the memory."""
        if operator != "*" or not all(isinstance(side, int | float) for side in (left, right)):
            raise TooMuch(f"the operator {operator} is not available here")
        return left * right

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.For):
            node.iter = nodes.Filter(node.iter, "_counted", [], [], None, None, lineno=node.lineno)
        return tree


def refused(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Line and name of every statement that a prompt must not use: what could call itself or read other files."""
    for node in tree.find_all(_REFUSED):
        yield node.lineno, type(node).__name__.lower()
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            yield loop.lineno, "for ... recursive"


def render(template: Template, values: Mapping[str, Any]) -> str:
    """The text of one render; raises ``jinja2.TemplateError`` and what the expressions of the template raise."""
    written, parts = 0, []
    for part in template.generate({**values, "_rounds": Rounds()}):
        written += len(part)
        if written > LONGEST_PROMPT:
            raise TooMuch(f"more than {LONGEST_PROMPT} characters")
        parts.append(part)
    return "".join(parts)
