"""Which arguments does a tool take, by its schema or by the annotations of its function, and how is that one called?"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from leitstand.definition.documents import Report
from leitstand.definition.hooks import FILE as HOOKS
from leitstand.domain.errors import ConfigurationInvalid, Problem, translatable
from leitstand.domain.tool import Tool
from leitstand.encoding import plain
from leitstand.json_contract import Breaches, validator

KEY = "idempotency_key"
"""The parameter of a function that gets the key of the call; no model sees it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """What a tool takes: ``problems`` tells how arguments break it; ``call`` is that of a function, else None."""

    parameters: Mapping[str, object]
    problems: Callable[[object], Breaches]
    call: Callable[[dict[str, object], str], object] | None = None


def contract_of(tool: Tool, files: Mapping[str, bytes], functions: Mapping[str, Callable[..., object]]) -> Contract:
    """The contract of a tool of a release; raises ``ConfigurationInvalid`` for a function that cannot be one."""
    parameters = plain(files[tool.parameters]) if tool.parameters else None
    if not tool.function:
        assert parameters is not None, "an endpoint without a schema is refused by `check`"
        return Contract(parameters=parameters, problems=validator(parameters))
    function = functions.get(tool.function)
    try:
        if function is None:
            raise TypeError(f"there is no function `{tool.function}`")
        return _typed(function, parameters)
    except (TypeError, ValueError, NameError) as error:
        problems: list[Problem] = []
        _report_function(tool, " ".join(str(error).split()), Report(file=HOOKS, problems=problems))
        raise ConfigurationInvalid(path=HOOKS, problems=tuple(problems)) from error


def _report_function(tool: Tool, detail: str, report: Report) -> None:
    report.add(
        0,
        translatable("`{function}` cannot be a tool: {detail}."),
        translatable("Write a plain function whose parameters have types of JSON as annotations."),
        function=tool.function,
        detail=detail.rstrip("."),
    )


def _typed(function: Callable[..., object], given: Mapping[str, object] | None) -> Contract:
    """The contract in a function's annotations, narrowed by a schema where one is ``given``."""
    struct = _arguments(function)
    parameters = given or _schema(struct)
    fits, keyed = validator(parameters), KEY in inspect.signature(function).parameters

    def problems(data: object) -> Breaches:
        if breaches := fits(data):
            return breaches
        try:
            msgspec.convert(data, struct)
        except msgspec.ValidationError as error:
            return (("", str(error)),)
        return ()

    def call(data: dict[str, object], key: str) -> object:
        arguments = msgspec.convert(data, struct)
        named = {name: getattr(arguments, name) for name in struct.__struct_fields__}
        return function(**named, **({KEY: key} if keyed else {}))

    return Contract(parameters=parameters, problems=problems, call=call)


def _arguments(function: Callable[..., object]) -> type[msgspec.Struct]:
    """A type whose fields are the parameters of the function."""
    hints = typing.get_type_hints(function, include_extras=True)
    fields: list[Any] = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name == KEY:
            continue
        if name not in hints or parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise TypeError(f"its parameter `{name}` has no annotation or no name")
        default = () if parameter.default is parameter.empty else (parameter.default,)
        fields.append((name, hints[name], *default))
    return msgspec.defstruct(function.__name__, fields, kw_only=True, forbid_unknown_fields=True)


def _schema(struct: type[msgspec.Struct]) -> dict[str, object]:
    """The JSON Schema of a type, its own object outermost."""
    schema = msgspec.json.schema(struct)
    shared = dict(schema["$defs"])
    own = shared.pop(struct.__name__)
    own = {name: value for name, value in own.items() if name != "title"}
    return {**own, "$defs": shared} if shared else own
