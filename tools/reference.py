"""What does the reference say? Its pages are written from the code, so that they cannot say anything else.

``python tools/reference.py`` writes ``docs/reference/``; ``--check`` says whether the committed pages are what it would
write. The keys of ``workflow.toml`` have a tool of their own, ``tools/workflow_reference.py``.
"""

import argparse
import dataclasses
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown_pages import code, first_sentence, page, table

if TYPE_CHECKING:
    from leitstand.testing.shapes import Shape

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"


def settings_page() -> str:
    """Every setting of the process."""
    from leitstand.settings import PREFIX, Settings

    rows = []
    for each in dataclasses.fields(Settings):
        low_high = each.metadata.get("range")
        allowed = f" From {low_high[0]} to {low_high[1]}." if low_high else ""
        rows.append((code(PREFIX + each.name.upper()), code(each.default), each.metadata["help"] + allowed))
    lead = (
        "Settings of the process are environment variables. Some commands have an option of the same name, which wins. "
        "An unknown variable with the prefix `LEITSTAND_` is an error."
    )
    return page("Settings", lead, table(("Variable", "Default", "Meaning"), rows))


EXIT_CODES = {
    0: "all is well",
    1: "a mistake of Leitstand",
    2: "used wrongly, or the caller's mistake",
    3: "configuration invalid",
    4: "not found",
    5: "denied",
    6: "conflict with the present state",
    10: "a gate failed",
    11: "regression",
    12: "stopped by a budget",
    13: "a model provider failed",
    14: "inconclusive",
    15: "infrastructure",
    130: "interrupted",
}
"""The settled exit codes with their meaning, those of later commands included."""


def commands_page() -> str:
    """Every command with its arguments and options, as ``--help`` shows it."""
    import click

    from leitstand.cli import commands

    def walk(command: click.Command, path: str) -> Iterable[tuple[str, click.Context]]:
        context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
        yield path, context
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                yield from walk(found, f"{path} {name}") if found else ()

    parts = [f"## {path}\n\n```text\n{context.get_help()}\n```" for path, context in walk(commands, "leitstand")]
    codes = table(("Exit code", "Meaning"), ((code(number), meaning) for number, meaning in EXIT_CODES.items()))
    return page("Commands", "Data goes to stdout, messages to stderr.", *parts, f"## Exit codes\n\n{codes}")


def events_page() -> str:
    """Every event, its fields and the envelope."""
    from leitstand.domain.event import BODIES, SCHEMA_VERSION, Event

    def fields(kind: Any) -> str:
        return ", ".join(code(each.name) for each in dataclasses.fields(kind))

    rows = ((code(name), " ".join((body.__doc__ or "").split()), fields(body)) for name, body in BODIES.items())
    lead = (
        "A case is its events. They carry ids, codes, counts and commitments, never content. "
        f"Schema version {SCHEMA_VERSION}; times are UTC microseconds, durations microseconds, money nano-units."
    )
    envelope = f"Every event also has: {fields(Event)}."
    return page("Events", lead, envelope, table(("Event", "Meaning", "Fields of the body"), rows))


def every_error() -> list[Any]:
    """All error classes, parents before children; modules that define some are imported first."""
    import leitstand.drill.command
    import leitstand.web.problems  # noqa: F401
    from leitstand.domain.errors import LeitstandError

    def below(kind: type[LeitstandError]) -> list[type[LeitstandError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    ours = (kind for kind in below(LeitstandError) if kind.__module__.startswith("leitstand."))
    return [kind for kind in ours if "code" in vars(kind)]


def errors_page() -> str:
    """Every error with its code, status and exit code."""
    from leitstand.cli.output import EXIT_CODES as OF_KIND
    from leitstand.web.problems import KINDS

    def nearest(kind: type, codes: Any) -> Any:
        return next(codes[parent] for parent in kind.__mro__ if parent in codes)

    rows = (
        (code(kind.code), nearest(kind, KINDS).status, nearest(kind, OF_KIND), kind.message, kind.repair)
        for kind in every_error()
    )
    lead = (
        "Every error has a stable code, a message that names the bad value, and a repair. Over HTTP it is a problem of "
        "RFC 9457 whose `code` is the one below; `leitstand` ends with the exit code."
    )
    return page("Errors", lead, table(("Code", "HTTP", "Exit", "Message", "Repair"), rows))


def http_page() -> str:
    """Every address of the API; those of the workflows come from the workflows."""
    from leitstand.web.api.openapi import openapi_document, opening

    paths = {"/v1/workflows/{name}/cases": {"post": opening("{name}")}, **openapi_document(())["paths"]}
    rows = [
        (code(f"{method.upper()} {path}"), operation.get("summary", ""), ", ".join(operation["responses"]))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    lead = (
        "The server describes itself at `/openapi.json`, with the input and output schema of every active workflow. "
        "Errors are [problems](errors.md)."
    )
    return page("HTTP API", lead, table(("Request", "Meaning", "Statuses"), rows))


def extensions_page() -> str:
    """Every extension by group."""
    from leitstand import plugins

    rows = (
        (code(group), code(name), first_sentence(plugins.find(group, name).__doc__))
        for group in plugins.GROUPS
        for name in plugins.names(group)
    )
    lead = (
        "An extension is one file with one class and one line under `[project.entry-points]`, ours and yours alike. "
        "The group of the entry point is `leitstand.` and the group below."
    )
    return page("Extensions", lead, table(("Group", "Name", "Meaning"), rows))


def shapes_page() -> str:
    """Everything that services send, with what becomes of it and the test that shows it."""
    from leitstand.testing.shapes_chat import CHAT
    from leitstand.testing.shapes_messages import MESSAGES
    from leitstand.testing.shapes_responses import RESPONSES

    heads = ("Shape", "What the service sends", "Official client", "We", "Test")
    sections = {"Chat completions": CHAT, "Responses": RESPONSES, "Messages": MESSAGES}
    tables = [
        f"## {title}\n\n"
        + table(heads, ((s.name, _sent(s), code(s.client), s.ours, code(f"test_shapes.py[{s.id}]")) for s in shapes))
        for title, shapes in sections.items()
    ]
    lead = (
        "What services send that speak OpenAI's and Anthropic's APIs, good and bad, as their official Python clients "
        f"are written against it: {sum(map(len, sections.values()))} shapes. `tests/providers/test_shapes.py` replays "
        "each at the socket with `leitstand.testing.fault_server`, once to the official client and once to ours. The "
        "client's column names the error that it raises or the finish reason that it returns; ours the finish reason "
        "of the answer, or the kind of the failure and whether the same request may succeed later. Every answer is "
        "asked for with an output schema."
    )
    return page("What model services send", lead, *tables)


def _sent(shape: "Shape") -> str:
    return f"{'stream: ' if shape.streamed else ''}{shape.what}"


def metrics_page() -> str:
    """Every metric."""
    from leitstand.domain.metric import METRICS, SECONDS

    rows = (
        (code(each.name), each.kind, ", ".join(code(label) for label in each.labels), each.help) for each in METRICS
    )
    lead = (
        "`/metrics` shows these in the text format of Prometheus, beside `process_*` and `python_gc_*`. Counters and "
        "histograms are what this process did since it started; gauges are what is right now. Labels take few values."
    )
    bounds = f"Every histogram has the bounds {', '.join(f'{bound:g}' for bound in SECONDS)} seconds."
    return page("Metrics", lead, bounds, table(("Metric", "Kind", "Labels", "Meaning"), rows))


def keys_page() -> str:
    """Every key of the pages."""
    table_of_keys = tomllib.loads((ROOT / "src" / "leitstand" / "web" / "keys.toml").read_text(encoding="utf-8"))["key"]
    rows = ((each["page"], code(each["key"]), each["help"]) for each in table_of_keys)
    lead = (
        "The keys of the pages, the same in German and English; `?` shows those of your page. `mod` is Ctrl or "
        "Cmd; two keys with a space between them are pressed one after the other."
    )
    return page("Keys", lead, table(("Page", "Key", "Meaning"), rows))


def drills_page() -> str:
    """Everything that a drill scenario may say."""
    import drill_reference as drills

    return page(
        "Drills",
        drills.LEAD,
        drills.keys(),
        f"## Faults\n\n{table(('Seam', 'Fault', 'What it does, with its options'), drills.faults())}",
        f"## Figures\n\n{table(('Figure', 'What it counts'), drills.figures())}",
        f"## The suite core\n\n{table(('Id', 'What breaks and what holds', 'Faults'), drills.scenarios())}",
        f"## Protections\n\n{table(('Left out by --mutations', 'Noticed by'), drills.protections())}",
    )


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "drills.md": drills_page,
    "errors.md": errors_page,
    "events.md": events_page,
    "extensions.md": extensions_page,
    "http.md": http_page,
    "keys.md": keys_page,
    "metrics.md": metrics_page,
    "model-shapes.md": shapes_page,
    "settings.md": settings_page,
}


def stale() -> list[str]:
    """Names of the pages that are not what this tool would write."""
    wanted = {name: write() for name, write in PAGES.items()}
    return [
        name
        for name, text in wanted.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]


def in_english() -> None:
    """Start again in English: messages follow the language of whoever runs this."""
    if os.environ.get("LEITSTAND_LANGUAGE") != "en":
        environment = {**os.environ, "LEITSTAND_LANGUAGE": "en"}
        command = [sys.executable, __file__, *sys.argv[1:]]
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)


def main() -> int:
    """Write the pages, or with ``--check`` say which are stale and exit 1."""
    in_english()
    parser = argparse.ArgumentParser(description=first_sentence(__doc__))
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a page is stale")
    if parser.parse_args().check:
        names = stale()
        print(
            f"Stale: {', '.join(names)}. Run tools/reference.py." if names else "The reference is what the code says."
        )
        return bool(names)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        (FOLDER / name).write_text(write(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
