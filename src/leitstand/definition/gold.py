"""Are the golden cases under ``gold/`` cases of this workflow?

One JSON object a line: ``{"id": ..., "input": {...}, "expected": {...}}`` and what evaluation adds to it.
"""

from collections.abc import Callable
from typing import Any

from leitstand.definition.documents import DID_YOU_MEAN, Report, decoded, nearest, shown, strict_json
from leitstand.domain.errors import translatable
from leitstand.json_contract import Breaches

KEYS = (
    *("v", "id", "input", "expected", "context", "relevant_docs", "rubrics", "checks", "cluster", "slices"),
    *("weight", "p_sel", "provenance", "split", "pii"),
)
LARGEST = 50_000_000
_ENOUGH = 20
"""Problems shown of one file; a file that is wrong throughout needs no more to be understood."""


def check_gold(content: bytes, breaches: Callable[[object], Breaches] | None, report: Report) -> None:
    """Add a problem for each line that is no golden case; ``breaches`` judges its input, None when nobody can."""
    text = decoded(content, report, LARGEST)
    seen: set[str] = set()
    before = len(report.problems)
    for number, line in enumerate((text or "").split("\n"), 1):
        if len(report.problems) - before >= _ENOUGH:
            return
        if line.strip():
            _check_line(number, line, breaches, seen, report)


def _check_line(
    number: int, line: str, breaches: Callable[[object], Breaches] | None, seen: set[str], report: Report
) -> None:
    try:
        case: Any = strict_json(line)
    except ValueError as error:
        report.add(
            number,
            translatable("The line is not JSON: {detail}."),
            translatable("Write one JSON object a line."),
            detail=getattr(error, "msg", str(error)),
        )
        return
    if not isinstance(case, dict) or not isinstance(case.get("id"), str) or not isinstance(case.get("input"), dict):
        report.add(
            number,
            translatable("The line is no golden case: {value}."),
            translatable("Write an object with `id` (text) and `input` (an object)."),
            value=shown(case),
        )
        return
    _check_keys(number, case, report)
    if case["id"] in seen:
        report.add(
            number,
            translatable("The id {value} was used before in this file."),
            translatable("Give every case an id of its own."),
            value=shown(case["id"]),
        )
    seen.add(case["id"])
    for pointer, message in breaches(case["input"]) if breaches else ():
        report.add(
            number,
            translatable("`input{pointer}` breaks the input schema: {detail}."),
            translatable("Correct the case or the schema."),
            pointer=pointer,
            detail=message,
        )


def _check_keys(number: int, case: dict[str, object], report: Report) -> None:
    for key in case.keys() - set(KEYS):
        suggestion = nearest(key, KEYS)
        report.add(
            number,
            translatable("The key `{key}` is unknown."),
            DID_YOU_MEAN if suggestion else translatable("Remove it; known here: {known}."),
            key=key,
            suggestion=suggestion,
            known=", ".join(KEYS),
        )
