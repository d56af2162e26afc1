"""Which keys does ``workflow.toml`` know? Writes ``docs/reference/workflow.md`` from the schema behind ``check``.

``python tools/workflow_reference.py`` rewrites the page and the shipped schema; a test fails when one is out of date.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leitstand.definition.schema import schema_text, workflow_schema

PAGE = Path(__file__).parents[1] / "docs/reference/workflow.md"
SCHEMA = Path(__file__).parents[1] / "src/leitstand/definition/workflow.schema.json"

_HEAD = """# workflow.toml

<!-- Written by tools/workflow_reference.py from the dataclasses in src/leitstand/domain/workflow.py; do not edit. -->

Every key of `workflow.toml`. Unknown keys are errors. `leitstand check` shows everything that is wrong with file, line
and repair; editors that know JSON Schema help while typing when the file begins with
`#:schema ./.workflow.schema.json` (`leitstand init` writes both). What belongs into the other files of the folder is
said [below](#the-other-files).
"""

_FILES = """
## The other files

- `input.schema.json`, `output.schema.json`: JSON Schema 2020-12 of an object with `properties`. References stay inside
  the file, patterns are RE2-like (no look-around), so that no input can stall them.
- `prompt.md`: a Jinja2 template. The optional headings `## system` and `## user` part it into two messages; without
  them all of it is the system message and the input follows. Variables: `input.<property>`, `passages` (each with
  `number`, `title`, `text`), `language`, `schema`. Whatever they write is marked as data. `if`, `for`, `set` and most
  filters are available; calls, macros and includes are not. With `input.messages` there is no user part: what the
  system part says goes in front of the caller's messages, and it may say nothing.
- `knowledge/`: the sources that `[[retrieval.sources]]` names.
- `gold/*.jsonl`: golden cases, one a line, with `id`, `input` and, as far as known, `expected`.
- `hooks.py`: optional, the operator's own trusted code, never sandboxed: `normalise(input)` and
  `postprocess(output, input)`, each returning a dict. Other functions begin with an underscore.
- `risks.toml`: one `[[risks]]` with `id`, `text`, `likelihood`, `severity` and `measure` for each risk.
- `runbook.md`: what support does when something goes wrong.

Hidden files, `__pycache__`, `*.pyc`, `Thumbs.db`, `desktop.ini` and editor backups (`*~`, `*.swp`, `*.bak`, `*.orig`,
`#*#`) are left out of a release; every other file is part of its digest. A file may have 50 MB, the folder 500 MB and
20,000 files; links must not lead out of it.
"""


def page() -> str:
    """The whole page as Markdown."""
    return _HEAD + "".join(tables_of("", workflow_schema())) + _FILES


def tables_of(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """One table of keys, then those of the tables inside it."""
    inner = []
    required = schema.get("required", ())
    yield f"\n## {f'`{name}`' if name else 'Top level'}\n\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n"
    for key, value in schema["properties"].items():
        default = "**required**" if key in required else f"`{_in_toml(value['default'])}`" if "default" in value else ""
        yield f"| `{key}` | {_kind(value)} | {default} | {value['description']}{_limits(value)} |\n"
        table = value["items"] if value["type"] == "array" else value
        if "properties" in table:
            inner.append((f"{name}.{key}".lstrip("."), table))
    for path, table in inner:
        yield from tables_of(path, table)


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f'`"{value}"`' for value in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    if isinstance(schema["type"], list):
        return "text, number or boolean"
    names = {"string": "text", "integer": "whole number", "number": "number", "boolean": "boolean", "object": "table"}
    return names[schema["type"]]


def _limits(schema: Mapping[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "maxItems": "at most"}
    limits = [f"{text} {schema[keyword]}" for keyword, text in words.items() if keyword in schema]
    limits += [f"as `{_in_toml(example)}`" for example in schema.get("examples", ())]
    return f" ({', '.join(limits)})" if limits else ""


def _in_toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_in_toml(element) for element in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")
