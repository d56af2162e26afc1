"""Is this folder a workflow, and if not, what is wrong with it, all at once?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from leitstand.definition.convert import to_workflow
from leitstand.definition.documents import Report, read_toml
from leitstand.definition.folder import collect
from leitstand.definition.gold import check_gold
from leitstand.definition.hooks import FILE as HOOKS
from leitstand.definition.hooks import check_hooks
from leitstand.definition.prompt_check import check_chat_prompt, check_prompt
from leitstand.definition.rules import Known, check_rules
from leitstand.definition.source_check import cut_all
from leitstand.definition.strict import check_values
from leitstand.definition.tool_check import check_tools
from leitstand.definition.validators import properties_of, read_contract, string_property
from leitstand.domain.errors import Problem, translatable
from leitstand.domain.retrieval import Passage
from leitstand.domain.workflow import Workflow
from leitstand.json_contract import validator

WORKFLOW = "workflow.toml"
INPUT_SCHEMA = "input.schema.json"
OUTPUT_SCHEMA = "output.schema.json"
PROMPT = "prompt.md"
RISKS = "risks.toml"
RUNBOOK = "runbook.md"

__all__ = ["Known", "ReadResult", "read", "read_files"]

_REQUIRED = {
    WORKFLOW: translatable("Write it, or begin with `leitstand init DIR`."),
    INPUT_SCHEMA: translatable("Write the JSON Schema of the input."),
    OUTPUT_SCHEMA: translatable("Write the JSON Schema of the output."),
    PROMPT: translatable("Write what the model is to do."),
    RISKS: translatable("Write what can go wrong and what is done about it, as `[[risks]]`."),
    RUNBOOK: translatable("Write what support is to do when something goes wrong."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadResult:
    """A workflow folder as it was read.

    ``problems`` is sorted by file and line. Without problems everything else is there; with problems ``workflow`` and
    the schemas are None where they could not be read.
    """

    problems: tuple[Problem, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    workflow: Workflow | None = None
    input_schema: Mapping[str, Any] | None = None
    output_schema: Mapping[str, Any] | None = None
    passages: tuple[Passage, ...] = ()


def read(folder: Path, known: Known = Known()) -> ReadResult:  # noqa: B008  frozen
    """Everything about the workflow in ``folder``. Never raises for what a folder may hold."""
    files, problems = collect(folder)
    if not files:
        return ReadResult(problems=tuple(problems))
    result = read_files(files, known)
    return replace(result, problems=tuple(sorted({*problems, *result.problems}, key=_order)))


def read_files(files: Mapping[str, bytes], known: Known = Known()) -> ReadResult:  # noqa: B008  frozen
    """Everything about the workflow whose files these are: path inside the folder to bytes."""
    problems: list[Problem] = []
    for name, repair in _REQUIRED.items():
        if name not in files:
            Report(file=name, problems=problems).add(0, translatable("The file is missing."), repair)
    workflow, report = _read_workflow(files, known, problems)
    schemas = [_read_schema(files, name, problems) for name in (INPUT_SCHEMA, OUTPUT_SCHEMA)]
    if workflow:
        _check_text_fields(workflow, schemas, report)
        check_tools(workflow, files, report, problems)
    _check_rest(files, workflow, schemas, problems)
    passages = cut_all(files, workflow.retrieval, report) if workflow and workflow.retrieval else ()
    return ReadResult(
        problems=tuple(sorted(problems, key=_order)),
        files=files,
        workflow=workflow,
        input_schema=schemas[0],
        output_schema=schemas[1],
        passages=passages,
    )


def _order(problem: Problem) -> tuple[bool, str, int, str]:
    return problem.file != WORKFLOW, problem.file, problem.line, problem.text()


def _read_workflow(files: Mapping[str, bytes], known: Known, problems: list[Problem]) -> tuple[Workflow | None, Report]:
    report = Report(file=WORKFLOW, problems=problems)
    data = read_toml(files[WORKFLOW], report) if WORKFLOW in files else None
    if data is None or not check_values(data, report):
        return None, report
    workflow = to_workflow(data)
    check_rules(workflow, known, report)
    return workflow, report


def _read_schema(files: Mapping[str, bytes], name: str, problems: list[Problem]) -> dict[str, Any] | None:
    return read_contract(files[name], Report(file=name, problems=problems)) if name in files else None


def _check_text_fields(workflow: Workflow, schemas: list[dict[str, Any] | None], report: Report) -> None:
    """``input.text`` and ``draft.text`` must name text in the schemas that could be read."""
    wanted = (("input", workflow.input.text, INPUT_SCHEMA), ("draft", workflow.draft.text, OUTPUT_SCHEMA))
    for (table, name, file), schema in zip(wanted, schemas, strict=True):
        if schema is not None and name and not string_property(schema, name):
            report.add(
                (table, "text"),
                translatable("`{table}.text` names `{name}`, which is no text property of {file}."),
                translatable("Text properties there: {known}."),
                table=table,
                name=name,
                file=file,
                known=", ".join(key for key in properties_of(schema) if string_property(schema, key)) or "-",
            )
    messages = workflow.input.messages
    if schemas[0] is not None and messages and properties_of(schemas[0]).get(messages, {}).get("type") != "array":
        report.add(
            ("input", "messages"),
            translatable("`input.messages` names `{name}`, which is no list in {file}."),
            translatable("Name a property with `{example}`."),
            name=messages,
            file=INPUT_SCHEMA,
            example='"type": "array"',
        )


def _check_rest(
    files: Mapping[str, bytes],
    workflow: Workflow | None,
    schemas: list[dict[str, Any] | None],
    problems: list[Problem],
) -> None:
    given, made = schemas
    if PROMPT in files and given is not None and made is not None:
        language = workflow.language if workflow else "en"
        report = Report(file=PROMPT, problems=problems)
        check_prompt(files[PROMPT], (given, made), language, report)
        if workflow and workflow.input.messages:
            check_chat_prompt(files[PROMPT], report)
    breaches: Callable[[object], tuple[tuple[str, str], ...]] | None = validator(given) if given is not None else None
    for name in sorted(files):
        report = Report(file=name, problems=problems)
        if name.startswith("gold/") and name.endswith(".jsonl"):
            check_gold(files[name], breaches, report)
        elif name == HOOKS:
            check_hooks(files[name], report, [tool.function for tool in workflow.tools] if workflow else ())
        elif name == RISKS:
            _check_risks(files[name], report)
        elif name == RUNBOOK and not files[name].strip():
            report.add(0, translatable("The file is empty."), _REQUIRED[RUNBOOK])


def _check_risks(content: bytes, report: Report) -> None:
    data = read_toml(content, report)
    if data is None:
        return
    risks = data.get("risks")
    named = isinstance(risks, list) and risks and all(isinstance(risk, dict) and risk.get("id") for risk in risks)
    if not named:
        report.add(
            ("risks",),
            translatable("There is no `[[risks]]` table with an `id`, or one has none."),
            translatable(
                "Write one `[[risks]]` with `id`, `text`, `likelihood`, `severity` and `measure` for each risk."
            ),
        )
