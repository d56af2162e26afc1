"""How is a file read line by line when a line may be larger than memory?"""

from collections.abc import Iterator
from typing import BinaryIO

from leitstand.tables.row import RowBroken, too_long

BOM = b"\xef\xbb\xbf"


def lines_of(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | RowBroken]]:
    """Line number from 1 and the line with its end; what is above ``longest`` bytes is passed over and named.

    A byte order mark at the beginning is not part of the first line.
    """
    number, first = 0, True
    while line := stream.readline(longest + len(BOM) + 1):
        number += 1
        if first:
            line, first = line.removeprefix(BOM), False
        if len(line.rstrip(b"\r\n")) > longest:
            _pass_over(stream, line)
            yield number, too_long(longest)
        else:
            yield number, line


def _pass_over(stream: BinaryIO, begun: bytes) -> None:
    """Read to the end of a line in pieces."""
    while begun and not begun.endswith(b"\n"):
        begun = stream.readline(1 << 20)
