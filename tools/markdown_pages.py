"""How does a page of the reference look in Markdown?"""

from collections.abc import Iterable, Sequence

Rows = Iterable[Sequence[object]]


def table(heads: Sequence[str], rows: Rows) -> str:
    """A Markdown table; bars and line breaks inside cells are escaped."""

    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(" ".join(str(cell).replace("|", "\\|").split()) for cell in cells) + " |"

    return "\n".join([line(heads), "|" + " --- |" * len(heads), *map(line, rows)])


def page(title: str, lead: str, *parts: str) -> str:
    """A reference page; the first comment says where it comes from."""
    return "\n\n".join([f"# {title}", "<!-- written by tools/reference.py -->", lead, *parts]) + "\n"


def first_sentence(text: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((text or "").split("\n\n")[0].split())


def code(value: object) -> str:
    """As code, nothing for nothing."""
    return f"`{value}`" if str(value) else ""
