"""How is a message kept, so that it can be shown in more than one language?"""


class Translatable(str):
    """A text that the message catalogue has."""

    __slots__ = ()


def translatable(text: str) -> str:
    """Mark a template for the message catalogue."""
    return Translatable(text)


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
