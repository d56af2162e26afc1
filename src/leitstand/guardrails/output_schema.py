"""Does the draft keep the contract of the workflow's output?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from leitstand.domain.errors import translatable
from leitstand.domain.guardrail import Finding, Judgement, Subject, Verdict
from leitstand.guardrails.options import read_options

NAME = "output_schema"
_MOST = 50
_BREACH = translatable("At {place} the output breaks its schema: {detail}.")
_NO_SCHEMA = translatable("The output schema cannot be used: {detail}.")
_ENCODER = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputSchemaOptions:
    """This guard has none."""


def _unusable(error: Exception) -> Judgement:
    finding = _finding("schema_unusable", _NO_SCHEMA, detail=_clipped(str(error)))
    return Judgement(guard=NAME, verdict=Verdict.ERROR, findings=(finding,))


class OutputSchema:
    """Blocks a draft that breaks its JSON Schema (2020-12), with a finding per breach, at most fifty."""

    name = NAME

    def __init__(self, **options: object) -> None:
        read_options(NAME, OutputSchemaOptions, options)
        self._last: tuple[Mapping[str, object], Draft202012Validator] | None = None

    def judge(self, subject: Subject) -> Judgement:
        """Passed or blocked; an unusable schema is an error, never a pass. Nothing is ever fetched for a reference."""
        try:
            validator = self._validator(subject.schema)
        except (ValueError, TypeError, RecursionError) as error:
            return _unusable(error)
        try:
            if validator.is_valid(subject.draft):
                return Judgement(guard=NAME, verdict=Verdict.PASSED)
            errors = [error for error, _ in zip(validator.iter_errors(subject.draft), range(_MOST), strict=False)]
        except ValueError as error:  # a number beyond 64 bits, which no schema can judge
            finding = _finding("schema_broken", _BREACH, place="", detail=_clipped(str(error)))
            return Judgement(guard=NAME, verdict=Verdict.BLOCKED, findings=(finding,))
        except (TypeError, RecursionError) as error:
            return _unusable(error)
        findings = tuple(
            _finding("schema_broken", _BREACH, place=_pointer(error), detail=_clipped(error.message))
            for error in errors
        )
        return Judgement(guard=NAME, verdict=Verdict.BLOCKED if findings else Verdict.PASSED, findings=findings)

    def _validator(self, schema: Mapping[str, object]) -> Draft202012Validator:
        """A guard belongs to a release, which has one schema: that one is not written out again for every case."""
        last = self._last
        if last is None or last[0] is not schema:
            self._last = last = (schema, _validator(_ENCODER.encode(schema)))
        return last[1]


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> Draft202012Validator:
    """Remembered, because schemas are few and compiling one takes longer than checking a draft."""
    parsed: Mapping[str, Any] = json.loads(schema)
    return Draft202012Validator(dict(parsed), retriever=_nothing, pattern_options=RegexOptions())


def _nothing(uri: str) -> Any:
    raise ValueError(f"{uri} is not in the schema")


def _finding(code: str, message: str, **values: str) -> Finding:
    return Finding(code=code, where="draft", start=0, end=0, message=message, values=tuple(values.items()))


def _pointer(error: ValidationError) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error.instance_path) or "/"


def _clipped(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= 300 else f"{text[:297]}..."
