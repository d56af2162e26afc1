"""How are stretches of a text marked without touching it? It is cut into pieces with the marks that cover them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from leitstand.domain.sentences import Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A marked stretch: element id, kind (``citation``, ``support``, ``finding``), where it leads, what it says."""

    id: str
    kind: str
    span: Span
    leads_to: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of text under the same marks; ``begins`` are those that start here and lend it their id."""

    text: str
    marks: tuple[Mark, ...]
    begins: tuple[Mark, ...]

    def of(self, kind: str) -> Mark | None:
        """The first mark of a kind on this piece."""
        return next((mark for mark in self.marks if mark.kind == kind), None)

    @property
    def kinds(self) -> str:
        """The kinds of its marks, as classes."""
        return " ".join(dict.fromkeys(mark.kind for mark in self.marks))

    @property
    def notes(self) -> str:
        """What its marks say, one per line."""
        return "\n".join(dict.fromkeys(mark.note for mark in self.marks if mark.note))


def pieces(text: str, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """``text`` in pieces that join to exactly ``text``; marks outside it, or empty ones, are left out."""
    valid = [mark for mark in marks if 0 <= mark.span.start < mark.span.end <= len(text)]
    cuts = sorted({0, len(text), *(mark.span.start for mark in valid), *(mark.span.end for mark in valid)})
    return tuple(_piece(text, start, end, valid) for start, end in pairwise(cuts))


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> Piece:
    covering = tuple(mark for mark in marks if mark.span.start <= start and end <= mark.span.end)
    return Piece(
        text=text[start:end], marks=covering, begins=tuple(mark for mark in covering if mark.span.start == start)
    )
