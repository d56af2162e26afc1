"""What is said to a model about one case?

``prompt.md`` is a Jinja2 template. The headings ``## system`` and ``## user`` part it into two messages; without them
all of it is the system message and the input follows as the user's. It may use ``input.<property>``, ``passages``
(each with ``number``, ``title`` and ``text``; ``{{ passages }}`` writes them all), ``language`` and ``schema``.
Whatever an expression writes is marked as data and never read as a template; sources that the template does not
mention are put before the user's message.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from jinja2 import pass_context
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context

from leitstand.definition.marking import NOTE, Marker
from leitstand.definition.sandbox import Readable, Sandbox, render
from leitstand.domain.message import Message
from leitstand.domain.retrieval import Passage

_HEADING = re.compile(r"^##[ \t]+(system|user)[ \t]*$", re.IGNORECASE | re.MULTILINE)


class Trusted(str):
    """Text that Leitstand itself wrote, such as the output schema: it needs no mark."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The input as the template sees it: its properties and nothing else; one that was left out is empty."""

    fields: Mapping[str, object]

    def __getitem__(self, name: str) -> object:
        return self.fields[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberedPassage(Readable):
    """A passage as the template sees it; the citation ``[1]`` means number 1."""

    readable: ClassVar[frozenset[str]] = frozenset({"number", "title", "text"})

    number: int
    title: str
    text: str


class NumberedPassages(tuple[NumberedPassage, ...]):
    """All passages; written as a whole they appear numbered and marked."""

    __slots__ = ()


class Prompt:
    """A compiled ``prompt.md``; ``language`` is the workflow's own, for the note about data.

    Raises ``jinja2.TemplateSyntaxError`` for a text that is no template.
    """

    def __init__(
        self, text: str, input_schema: Mapping[str, Any], output_schema: Mapping[str, Any], language: str
    ) -> None:
        system, user = parts_of(text)
        sandbox = Sandbox(_finalize)
        self._system = sandbox.from_string(system)
        self._ready: dict[str, str] | None = {} if _same_for_all(sandbox, system) else None
        self._user = sandbox.from_string(user) if user.strip() else None
        self._properties = tuple(input_schema.get("properties", {}))
        self._schema = Trusted(json.dumps(output_schema, ensure_ascii=False))
        self._note = NOTE.get(language, NOTE["en"])
        self._shows_passages = re.search(r"\bpassages\b", text) is not None

    def render(self, given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> tuple[Message, ...]:
        """System and user message for an input that fits the schema, its passages in citation order, its language.

        Raises ``jinja2.TemplateError`` when the template oversteps a limit.
        """
        values = self._values(given, passages, language)
        marker = values["_marker"]
        system = self._said_first(values)
        user = render(self._user, values).strip() if self._user else ""
        user = user or "\n\n".join(marker.mark(given[name], name) for name in given)
        return (
            Message(role="system", content=f"{system}\n\n{self._note}"),
            Message(role="user", content=f"{self._sources(values)}\n\n{user}".strip()),
        )

    def system(self, given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> str:
        """What stands before a chat: the system part and the passages; empty when there is neither."""
        values = self._values(given, passages, language)
        said = f"{self._said_first(values)}\n\n{self._sources(values)}".strip()
        return f"{said}\n\n{self._note}" if said else ""

    def _said_first(self, values: Mapping[str, Any]) -> str:
        """The system part; one that says the same about every case is written once a language."""
        if self._ready is None:
            return render(self._system, values).strip()
        language = values["language"]
        if language not in self._ready:
            self._ready[language] = render(self._system, values).strip()
        return self._ready[language]

    def _values(self, given: Mapping[str, object], passages: tuple[Passage, ...], language: str) -> dict[str, Any]:
        numbered = NumberedPassages(
            NumberedPassage(number=number, title=passage.title, text=passage.text)
            for number, passage in enumerate(passages, 1)
        )
        return {
            "input": Given({**dict.fromkeys(self._properties, ""), **given}),
            "passages": numbered,
            "language": Trusted(language),
            "schema": self._schema,
            "_marker": Marker(given, passages),
        }

    def _sources(self, values: Mapping[str, Any]) -> str:
        """The passages, unless the template shows them itself."""
        return "" if self._shows_passages else _all(values["passages"], values["_marker"])


def parts_of(text: str) -> tuple[str, str]:
    """The templates of the system and of the user message, each with its lines where they stand in ``prompt.md``."""
    parts, part, end = {"system": "", "user": ""}, "system", 0
    headings = [(found.start(), found.end(), found.group(1).lower()) for found in _HEADING.finditer(text)]
    for start, next_end, next_part in [*headings, (len(text), len(text), part)]:
        piece = text[end:start]
        for name in parts:
            parts[name] += piece if name == part else "\n" * piece.count("\n")
        part, end = next_part, next_end
    return parts["system"], parts["user"]


def _same_for_all(sandbox: Sandbox, text: str) -> bool:
    """Whether a template shows nothing of a case but its language."""
    return not find_undeclared_variables(sandbox.parse(text)) - {"language", "schema"}


@pass_context
def _finalize(context: Context, value: object) -> str:
    """What an expression writes: everything is data, except numbers and what Leitstand itself wrote."""
    marker: Marker = context["_marker"]
    if isinstance(value, Trusted | bool | int | float):
        return str(value)
    if isinstance(value, NumberedPassages):
        return _all(value, marker)
    if isinstance(value, Given):
        return marker.mark(value.fields)
    return marker.mark(value)


def _all(passages: NumberedPassages, marker: Marker) -> str:
    whole = (f"{passage.title}\n\n{passage.text}".strip() for passage in passages)
    return "\n\n".join(f"[{number}] {marker.mark(text)}" for number, text in enumerate(whole, 1))
