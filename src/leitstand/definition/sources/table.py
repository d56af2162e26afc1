"""How does a table become sentences of its own? Each row with the names of its columns."""


class Table:
    """Collects cells; ``rows`` gives one line a row."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._heading_cells = 0
        self._before: list[str] = []

    def start(self, tag: str) -> None:
        """A row (``tr``) or a cell (``td``, ``th``) begins."""
        if tag == "tr" or not self._rows:
            self._rows.append([])
        if tag != "tr":
            self._rows[-1].append("")
            self._heading_cells += tag == "th" and len(self._rows) == 1

    def add(self, text: str) -> None:
        """Text of the cell under way, or of a caption before the first row."""
        if not text:
            return
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] = f"{self._rows[-1][-1]} {text}".strip()
        else:
            self._before.append(text)

    def rows(self) -> list[str]:
        """``Name: value; name: value`` per row; without a header row the values alone."""
        filled = [row for row in self._rows if any(row)]
        names = self._names(filled)
        lines = [_line(row, names) for row in (filled[1:] if names else filled)]
        return self._before + lines

    def _names(self, rows: list[list[str]]) -> list[str]:
        """The first row, when it is marked as a header or looks like one: full, distinct, not a single number."""
        if len(rows) < 2 or len(rows[0]) < 2:
            return []
        first = rows[0]
        marked = self._heading_cells == len(self._rows[0]) and rows[0] is self._rows[0]
        looks = all(first) and len(set(first)) == len(first) and not any(cell[:1].isdigit() for cell in first)
        return first if marked or looks else []


def _line(row: list[str], names: list[str]) -> str:
    """One row in one line; cells beyond the named columns stand alone."""
    named = [*names, *[""] * (len(row) - len(names))]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(named, row, strict=False) if cell)
