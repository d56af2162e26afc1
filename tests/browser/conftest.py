"""A real server process and a real Chromium, each for one test module; nothing is skipped when one is missing."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PEOPLE = {"miriam": "p-0", "juergen": "p-1"}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running server: its address and the ids of its special cases."""

    url: str
    cases: dict[str, str]

    def case(self, case_id: str) -> dict[str, Any]:
        """The case as the API tells it."""
        with urlopen(f"{self.url}/v1/cases/{case_id}") as reply:
            return json.load(reply)

    def events(self, case_id: str) -> list[dict[str, Any]]:
        """Its events."""
        with urlopen(f"{self.url}/v1/cases/{case_id}/events") as reply:
            return json.load(reply)["events"]

    def settled(self, case_id: str) -> dict[str, Any]:
        """The case once it has ended, at most ten seconds later."""
        with urlopen(f"{self.url}/v1/cases/{case_id}?wait=10") as reply:
            return json.load(reply)

    def decision(self, case_id: str) -> dict[str, Any] | None:
        """What a person decided about the case, as its event holds it; None while nobody has."""
        found = [event for event in self.events(case_id) if event["type"] == "review.decided"]
        assert len(found) < 2, "a case is decided once"
        return found[0]["body"] if found else None

    def accept(self, case_id: str, person: str = "p-1") -> None:
        """Let somebody else accept the case over the API."""
        body = json.dumps({"decision": "accept", "draft": self.case(case_id)["draft"], "person": person}).encode()
        headers = {"content-type": "application/json"}
        urlopen(Request(f"{self.url}/v1/cases/{case_id}/decision", body, headers)).close()

    def waiting(self) -> list[str]:
        """Ids of the cases that wait for review, newest first."""
        with urlopen(f"{self.url}/v1/cases?status=review&limit=200") as reply:
            return [case["id"] for case in json.load(reply)["cases"]]


@dataclass
class Watched:
    """What a browser complained about or asked others for while it showed our pages."""

    url: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", lambda request: self._asked(request.url))

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def _asked(self, address: str) -> None:
        if not address.startswith((self.url, "data:")):
            self.complaints.append(f"external request: {address}")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    command = [sys.executable, str(Path(__file__).with_name("stage.py")), str(tmp_path_factory.mktemp("stage")), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        assert line, "the stage did not start; its errors stand above"
        yield Stage(**json.loads(line))
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "install Debian's chromium: apt-get install -y chromium (as root)"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield launched
        launched.close()


@dataclass(frozen=True)
class Visitor:
    """A context with its page, and what it heard."""

    context: BrowserContext
    page: Page
    watched: Watched


@pytest.fixture
def watch() -> Callable[[Page, str], Watched]:
    """Listens to a page that may only speak with the server at an address."""

    def begin(page: Page, url: str) -> Watched:
        watched = Watched(url=url)
        watched.watch(page)
        return watched

    return begin


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Callable[..., Visitor]]:
    """Opens a fresh browser context: ``visit(person="miriam", language="en", **options of new_context)``."""
    opened: list[Visitor] = []

    def enter(person: str = "miriam", language: str = "en", **options: Any) -> Visitor:
        locale = {"en": "en-GB", "de": "de-DE"}[language]
        context = browser.new_context(locale=locale, base_url=stage.url, **options)
        if person:
            context.add_cookies([{"name": "leitstand_person", "value": PEOPLE[person], "url": stage.url}])
        page = context.new_page()
        page.set_default_timeout(8000)
        watched = Watched(url=stage.url)
        watched.watch(page)
        opened.append(Visitor(context, page, watched))
        return opened[-1]

    yield enter
    for visitor in opened:
        visitor.context.close()
