"""How does a submission show that it moves: as a bar on a terminal, as a line every few seconds elsewhere?"""

import time
from types import TracebackType
from typing import Any, Self

import click

from leitstand.cli.output import interactive, say, text
from leitstand.cli.submit_tally import Tally
from leitstand.domain.errors import translatable

LINE_SECONDS = 5.0
STILL_SECONDS = 20.0
"""After so long without a case done somebody should look whether anybody works."""


class Progress:
    """Shows how far ``tally`` is; told of everything that moves, it speaks when it is time."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self._bar: Any = None
        self._spoke = time.monotonic()
        self._moved = time.monotonic()
        self._most_waiting = 0
        self._last: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def read(self, place: int) -> None:
        """The file is read up to there."""
        step, self.tally.read = place - self.tally.read, place
        self._moved = time.monotonic()
        if interactive() and self.tally.size:
            if self._bar is None:
                self._open(self.tally.size, self._so_far)
            self._bar.update(step)
        elif self._due():
            checked = translatable("{rows} rows checked, {rate} rows/s, {left} left")
            submitted = translatable("{rows} rows read, {opened} new cases, {rate} rows/s, {left} left")
            values = {
                "rows": self.tally.rows,
                "opened": self.tally.opened,
                "rate": f"{self.tally.rows / self.tally.seconds:.0f}",
                "left": self._left(self.tally.read, self.tally.size, self.tally.seconds),
            }
            say(checked if self.tally.dry_run else submitted, **values)

    def waiting(self, cases: int, *, last: bool = False) -> None:
        """So many cases of the job wait or are under way; ``last`` when no more come."""
        if cases < self.tally.waiting:
            self._moved = time.monotonic()
        elif time.monotonic() - self._moved > STILL_SECONDS:
            self._moved = time.monotonic()
            say(translatable("No case was done lately: does anybody work? `leitstand serve` or `leitstand work` does."))
        done, self.tally.waiting = max(self.tally.waiting - cases, 0), cases
        if not last:
            return
        if self._last is None:
            self._last = (time.monotonic(), cases)
            self._close()
            if interactive() and cases:
                self._open(cases, self._so_far)
        elif self._bar is not None:
            self._bar.update(done)
        if self._bar is None and self._due():
            began, first = self._last
            say(
                translatable("{cases} cases not done yet, {rate} cases/s, {left} left"),
                cases=cases,
                rate=f"{(first - cases) / max(time.monotonic() - began, 1e-6):.0f}",
                left=self._left(first - cases, first, time.monotonic() - began),
            )

    def _open(self, length: int, show: Any) -> None:
        import sys

        bar = click.progressbar(length=length, file=sys.stderr, item_show_func=show, show_pos=False, update_min_steps=1)
        self._bar = bar.__enter__()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            click.echo(err=True)
            self._bar = None

    def _so_far(self, _: object) -> str:
        if self._last:
            return text(translatable("{cases} cases not done yet"), cases=self.tally.waiting)
        checked, read = translatable("{rows} rows checked, {rate} rows/s"), translatable("{rows} rows, {rate} rows/s")
        rate = f"{self.tally.rows / self.tally.seconds:.0f}"
        return text(checked if self.tally.dry_run else read, rows=self.tally.rows, rate=rate)

    def _due(self) -> bool:
        due = time.monotonic() - self._spoke >= LINE_SECONDS
        if due:
            self._spoke = time.monotonic()
        return due

    def _left(self, done: int, whole: int | None, seconds: float) -> str:
        """The remaining time, as far as it can be told."""
        if not whole or done <= 0:
            return text(translatable("unknown"))
        left = int((whole - done) * seconds / done)
        return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"
