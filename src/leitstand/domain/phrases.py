"""How is a message kept, so that it can be shown in more than one language?"""

from dataclasses import dataclass

_MARKED: set[str] = set()


def translatable(text: str) -> str:
    """Mark a template for the message catalogue and return it unchanged."""
    _MARKED.add(text)
    return text


def is_translatable(text: object) -> bool:
    """Whether the text was marked, so that it too can be shown in German where it is part of a message."""
    return isinstance(text, str) and text in _MARKED


class Phrase:
    """A part of a message that is a template itself, so that it too can be shown in German.

    ``str()`` is the English text.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = {name: value if isinstance(value, Phrase) else str(value) for name, value in values.items()}

    def __str__(self) -> str:
        return self.template.format(**self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and how to mend it.

    ``line`` counts from 1; 0 means the file as a whole. ``message`` and ``repair`` are templates filled from
    ``values``.
    """

    file: str
    line: int
    message: str
    repair: str
    values: tuple[tuple[str, str], ...] = ()

    def text(self) -> str:
        """The English sentence with its place in front, as compilers print it."""
        values = dict(self.values)
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message.format(**values)} {self.repair.format(**values)}"
