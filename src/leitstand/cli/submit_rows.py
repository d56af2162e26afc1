"""How do the rows of a file become cases: read, checked, sent in batches, and no further ahead than is wanted?"""

import asyncio
import itertools
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Self, TextIO

from leitstand.assembly import reading
from leitstand.cli.output import text
from leitstand.cli.submit_check import Checked, Shape
from leitstand.cli.submit_order import Order
from leitstand.cli.submit_pace import Pace, at_rest
from leitstand.cli.submit_progress import Progress
from leitstand.cli.submit_tally import RowsInvalid, Tally
from leitstand.cli.submit_ways import MOST_BYTES, Rows, Way, way_in
from leitstand.cli.usage import wrong_usage
from leitstand.definition.read import INPUT_SCHEMA
from leitstand.domain.errors import Problem, translatable
from leitstand.encoding import plain
from leitstand.ports import Stores
from leitstand.runtime.parts import unknown_workflow
from leitstand.settings import Settings
from leitstand.tables.reading import STDIN, Table, opened


async def submitted(settings: Settings, order: Order) -> Tally:
    """Do what was ordered; raises ``RowsInvalid`` before the first row is submitted, or at it where rows come once."""
    if order.dry_run:
        async with reading(settings) as stores:
            return await _look_through(order, await _shape(stores, settings.tenant_id, order))
    async with way_in(settings, works=order.wait) as way:
        shape = await _shape(way.stores, way.tenant_id, order)
        if order.stops and order.path != STDIN:
            _stop_at(order, await _look_through(order, shape))
        tally = Tally(workflow=order.workflow, job=order.job, worked=way.worked)
        with Progress(tally) as progress:
            await _submit(way, order, shape, progress)
            if order.wait:
                await at_rest(way, order.job, progress)
        tally.statuses = await way.count(order.job)
    return tally


async def _shape(stores: Stores, tenant_id: str, order: Order) -> Shape:
    """What the active release of the workflow asks of an input."""
    pointers = await stores.releases.pointers()
    active = {name: digest for (tenant, name), digest in pointers.items() if tenant == tenant_id}
    if order.workflow not in active:
        raise unknown_workflow(order.workflow, active)
    release = await stores.releases.load(tenant_id, active[order.workflow])
    return Shape(order, release.workflow, plain(release.files[INPUT_SCHEMA]))


async def _look_through(order: Order, shape: Shape) -> Tally:
    """Every row checked, none submitted."""
    tally = Tally(workflow=order.workflow, job=order.job, dry_run=True)
    with (
        opened(order.path, order.kind, order.longest) as table,
        _Rejects(order) as rejects,
        Progress(tally) as progress,
    ):
        shape.check_columns(table.columns)
        tally.size = table.size
        while batch := await asyncio.to_thread(_next, table, shape, 1000):
            _sort_out(batch, tally, rejects)
            progress.read(table.read)
    return tally


async def _submit(way: Way, order: Order, shape: Shape, progress: Progress) -> None:
    tally = progress.tally
    pace, resume = Pace(way, order, progress), _Resume(way, order)
    with opened(order.path, order.kind, order.longest) as table, _Rejects(order) as rejects:
        shape.check_columns(table.columns)
        tally.size = table.size
        while batch := await asyncio.to_thread(_next, table, shape, pace.batch):
            good = _sort_out(batch, tally, rejects)
            if order.stops:
                _stop_at(order, tally)
            if known := await resume.known(good):
                tally.repeated += len(known)
                good = [one for one in good if one.key not in known]
            await pace.wait(len(good))
            rows: Rows = [(one.key, one.input) for one in good if one.input is not None]
            taken = await way.take(order.workflow, order.job, rows)
            tally.opened += taken["opened"]
            tally.repeated += taken["repeated"]
            for refused in taken["refused"]:
                rejects.note(good[refused["place"]], problem := _told(order, good[refused["place"]], refused))
                tally.refuse(problem)
            progress.read(table.read)
    tally.submitted_in = tally.seconds


def _next(table: Table, shape: Shape, most: int) -> list[Checked]:
    """The next rows, checked: at most so many, and no more once they are large."""
    batch, size = [], 0
    for row in itertools.islice(table.rows, most):
        batch.append(shape.checked(row))
        size += batch[-1].size or len(row.raw)
        if size > MOST_BYTES:
            break
    return batch


def _sort_out(batch: list[Checked], tally: Tally, rejects: "_Rejects") -> list[Checked]:
    """The rows that can become cases; the others are counted and written down."""
    tally.rows += len(batch)
    for one in batch:
        if one.problem:
            tally.refuse(one.problem)
            rejects.note(one, one.problem)
    return [one for one in batch if not one.problem]


def _stop_at(order: Order, tally: Tally) -> None:
    if tally.invalid:
        raise RowsInvalid(problems=tuple(tally.problems), path=order.path, count=tally.invalid)


def _told(order: Order, one: Checked, refused: dict[str, object]) -> Problem:
    """Why the server refused a row, as a problem of the file."""
    values = refused["values"]
    assert isinstance(values, dict)
    return Problem(
        file=order.path,
        line=one.row.line,
        message=str(refused["message"]),
        repair=str(refused["repair"]),
        values=tuple(values.items()),
    )


class _Resume:
    """Passes over rows that an earlier run submitted, which costs a hundredth of submitting them again.

    Rows come in order, so the first batch without any that is known ends it; were one known later, it would be
    repeated, and count once all the same.
    """

    def __init__(self, way: Way, order: Order) -> None:
        self._way = way
        self._order = order
        self._looks = order.bytes_known

    async def known(self, batch: list[Checked]) -> frozenset[str]:
        """The keys in a batch that are known."""
        if not self._looks or not batch:
            return frozenset()
        keys = [one.key for one in batch]
        found = await self._way.stores.cases.known(self._way.tenant_id, self._order.workflow, keys)
        self._looks = bool(found)
        return found


class _Rejects:
    """The file of the rows that became no case, one JSON object a line; nothing where none was asked for."""

    def __init__(self, order: Order) -> None:
        self._path: Path | None = order.rejects
        self._file: TextIO | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._path:
            try:
                self._file = self._stack.enter_context(self._path.open("w", encoding="utf-8"))
            except OSError as error:
                raise wrong_usage(
                    translatable("--on-invalid {path}: {detail}."), path=self._path, detail=error.strerror
                ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def note(self, one: Checked, problem: Problem) -> None:
        """Write a row down with its place, what is wrong with it, and what stood there."""
        if self._file:
            values = dict(problem.values)
            told = {
                "row": one.row.number,
                "line": one.row.line,
                "field": values.get("field"),
                "problem": text(problem.message, **values),
                "repair": text(problem.repair, **values),
                "raw": one.row.raw,
            }
            self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
            self._file.flush()
