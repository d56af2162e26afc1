"""Does the reference know every setting, command, event, error and extension, and does it say what the code says?"""

import dataclasses
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.docs.pages import ROOT

from leitstand import plugins
from leitstand.cli import commands
from leitstand.domain import errors
from leitstand.domain.event import BODIES
from leitstand.domain.metric import METRICS, Metric
from leitstand.settings import PREFIX, Settings

REFERENCE = ROOT / "docs" / "reference"


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_the_committed_pages_are_what_the_code_says() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("setting", [field.name for field in dataclasses.fields(Settings)])
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{PREFIX}{setting.upper()}`" in text_of("settings.md")


def walk(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    context = click.Context(command, info_name=path)
    below = command.list_commands(context) if isinstance(command, click.Group) else []
    children = [(name, command.get_command(context, name)) for name in below if isinstance(command, click.Group)]
    return [(path, command), *(each for name, child in children if child for each in walk(child, f"{path} {name}"))]


@pytest.mark.parametrize(("path", "command"), walk(commands, "leitstand"))
def test_every_command_and_option_is_documented(path: str, command: click.Command) -> None:
    page = text_of("commands.md")
    section = page.partition(f"## {path}\n")[2].partition("\n## ")[0]
    assert section, f"{path} is not documented"
    options = [name for each in command.params if isinstance(each, click.Option) for name in each.opts]
    assert not [name for name in options if name not in section]
    assert all(each.help for each in command.params if isinstance(each, click.Option)), (
        f"an option of {path} has no help"
    )


@pytest.mark.parametrize("event", sorted(BODIES))
def test_every_event_is_documented(event: str) -> None:
    assert f"| `{event}` |" in text_of("events.md")


@pytest.mark.parametrize("metric", METRICS, ids=[each.name for each in METRICS])
def test_every_metric_is_documented_with_its_labels(metric: Metric) -> None:
    (line,) = [line for line in text_of("metrics.md").splitlines() if line.startswith(f"| `{metric.name}` |")]
    assert all(f"`{label}`" in line for label in metric.labels)


def below(kind: type[errors.LeitstandError]) -> list[type[errors.LeitstandError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in below(child))]


def test_every_error_is_documented_with_a_code_of_its_own() -> None:
    __import__("leitstand.web.problems")
    ours = (kind for kind in below(errors.LeitstandError) if kind.__module__.startswith("leitstand."))
    known = [kind for kind in ours if "code" in vars(kind)]
    codes = [kind.code for kind in known]
    assert len(codes) == len(set(codes)), "two errors share a code"
    page = text_of("errors.md")
    assert not [code for code in codes if f"| `{code}` |" not in page]


def test_every_extension_is_documented() -> None:
    page = text_of("extensions.md")
    assert not [
        name for group in plugins.GROUPS for name in plugins.names(group) if f"| `{group}` | `{name}` |" not in page
    ]


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target for target, _ in links(page)]
    assert not [page.relative_to(ROOT) for page in (ROOT / "docs").rglob("*.md") if page.resolve() not in reached]


def links(page: Path) -> list[tuple[Path, str]]:
    """Links of a page into the repository: resolved path and link text as written."""
    import re

    written = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    return [
        ((page.parent / link).resolve(), link)
        for link in written
        if "://" not in link and not link.startswith("mailto:")
    ]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]
)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for target, link in links(page) if not target.exists()]
    assert not broken
