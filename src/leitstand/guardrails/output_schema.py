"""Does the draft keep the contract of the workflow's output?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Finding, Judgement, Subject, Verdict
from leitstand.guardrails.options import read_options
from leitstand.json_contract import Breaches, clipped, validator

NAME = "output_schema"
_MOST = 50
_BREACH = translatable("At {place} the output breaks its schema: {detail}.")
_NO_SCHEMA = translatable("The output schema cannot be used: {detail}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputSchemaOptions:
    """This guard has none."""


class OutputSchema:
    """Blocks a draft that breaks its JSON Schema (2020-12), with a finding per breach, at most fifty."""

    name = NAME

    def __init__(self, **options: object) -> None:
        read_options(NAME, OutputSchemaOptions, options)
        self._last: tuple[Mapping[str, object], Callable[[object], Breaches]] | None = None

    def judge(self, subject: Subject) -> Judgement:
        """Passed or blocked; an unusable schema is an error, never a pass. Nothing is ever fetched for a reference."""
        try:
            breaches = self._validator(subject.schema)(subject.draft)
        except (ValueError, TypeError, RecursionError) as error:
            finding = _finding("schema_unusable", _NO_SCHEMA, detail=clipped(str(error)))
            return Judgement(guard=NAME, verdict=Verdict.ERROR, findings=(finding,))
        findings = tuple(
            _finding("schema_broken", _BREACH, place=pointer or "/", detail=detail) for pointer, detail in breaches
        )
        return Judgement(guard=NAME, verdict=Verdict.BLOCKED if findings else Verdict.PASSED, findings=findings)

    def _validator(self, schema: Mapping[str, object]) -> Callable[[object], Breaches]:
        """A guard belongs to a release, which has one schema: that one is compiled once."""
        last = self._last
        if last is None or last[0] is not schema:
            self._last = last = (schema, validator(schema, _MOST))
        return last[1]


def _finding(code: str, message: str, **values: str) -> Finding:
    return Finding(code=code, where="draft", start=0, end=0, message=message, values=tuple(values.items()))
