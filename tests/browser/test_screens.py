"""Does every page show itself well: both languages, light and dark, wide and narrow, without complaints or gaps?

The screenshots go to ``build/screenshots``.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build/screenshots"
sys.path.insert(0, str(ROOT / "tools"))

import texts  # noqa: E402 - tools are no package

ADDRESSES = {
    "control-room": "/",
    "inbox": "/inbox",
    "inbox-empty": "/inbox?workflow=none",
    "review": "/review/{german}",
    "review-form": "/review/{claim}",
    "review-escalated": "/review/{silent}",
    "review-hostile": "/review/{hostile}",
    "trail": "/cases/{german}",
    "cases": "/cases",
    "cases-empty": "/cases?status=stopped",
    "stops": "/stops?scope=workflow&subject=help",
    "runbook": "/runbook/help",
    "drill": "/drill/help",
    "drill-none": "/drill/claims",
    "sign-in": "/sign-in",
    "missing": "/nowhere",
    "missing-case": "/cases/999999",
}
FAILURES = ("missing", "missing-case")

VISIBLE_TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, code, pre, .brand, .name, .people, .source h3")) continue;
    if (parent.closest("[lang]") !== document.documentElement) continue;
    found.push(walker.currentNode.textContent);
  }
  for (const element of document.querySelectorAll("[title], [placeholder], [aria-label]")) {
    if (element.closest("[lang]") !== document.documentElement) continue;
    for (const name of ["title", "placeholder", "aria-label"]) found.push(element.getAttribute(name) ?? "");
  }
  return found.map((text) => text.trim().replace(/\\s+/g, " ")).filter((text) => /\\p{L}{2}/u.test(text));
}"""


WORDS = re.compile(r"(?<!\{)\b\w{5,}\b(?!\})")
"""Words long enough to tell the languages apart, names of values left out."""


Patterns = list[re.Pattern[str]]


def patterns_of(language: str) -> Patterns:
    """Patterns of all texts in one language that are long enough to tell it."""
    found = []
    for message in texts.updated():
        forms = message.id if language == "en" else message.string
        for text in forms if isinstance(forms, tuple | list) else (forms,):
            found += [as_pattern(text)] if text and WORDS.search(text) else []
    return found


def strangers(shown: list[str], language: str, patterns: dict[str, Patterns]) -> list[str]:
    """Texts that belong to the other language and not to this one."""
    other = "en" if language == "de" else "de"
    return [text for text in shown if fits(text, patterns[other]) and not fits(text, patterns[language])]


def fits(text: str, patterns: Patterns) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns)


def as_pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", " ".join(template.split()))
    return re.compile(".+".join(map(re.escape, parts)))


@pytest.fixture(scope="module")
def patterns() -> dict[str, Patterns]:
    return {language: patterns_of(language) for language in ("de", "en")}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page(language: str, scheme: str, width: int, visit: Callable, stage, patterns) -> None:
    size = {"width": width, "height": 900 if width > 600 else 844}
    visitor = visit(language=language, color_scheme=scheme, viewport=size)
    SHOTS.mkdir(parents=True, exist_ok=True)
    wrong = []
    for name, address in ADDRESSES.items():
        visitor.watched.complaints.clear()
        visitor.page.goto(address.format(**stage.cases))
        visitor.page.locator("html.script").wait_for()
        visitor.page.screenshot(path=SHOTS / f"{name}-{language}-{scheme}-{width}.png")
        heard = [text for text in visitor.watched.complaints if name not in FAILURES or "status of 404" not in text]
        wrong += [f"{name}: {text}" for text in [*heard, *gaps(visitor.page, language, patterns)]]
    assert not wrong, "\n".join(wrong)


def gaps(page: Page, language: str, patterns: dict[str, Patterns]) -> list[str]:
    """What is missing or out of place on a page."""
    found = []
    if page.locator("html").get_attribute("lang") != language:
        found.append("wrong language of the page")
    if not page.title().strip(" –").removesuffix("Leitstand"):
        found.append("no title")
    if page.locator("h1").count() != 1 or len(page.locator("main").inner_text().strip()) < 40:
        found.append("empty page, or not one heading")
    overhang = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    if overhang > 0:
        found.append(f"{overhang} pixels too wide")
    shown = page.evaluate(VISIBLE_TEXTS)
    return found + [f"not in {language}: {text}" for text in strangers(shown, language, patterns)]


def test_a_text_of_the_other_language_is_noticed(visit: Callable, stage, patterns) -> None:
    page = visit(language="de").page
    page.goto("/inbox")
    page.locator("h1").evaluate("(heading) => { heading.textContent = 'Inbox'; }")
    assert any("Inbox" in gap for gap in gaps(page, "de", patterns))


def test_a_script_that_the_policy_forbids_is_noticed(visit: Callable, stage) -> None:
    visitor = visit()
    visitor.page.goto("/inbox")
    visitor.page.evaluate("() => { document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/' })); }")
    until = time.monotonic() + 10
    while not (heard := visitor.watched.complaints) and time.monotonic() < until:
        visitor.page.wait_for_timeout(50)
    assert any("external request" in text or "Content Security Policy" in text for text in heard)


def test_the_language_is_chosen_by_the_switch(visit: Callable, stage) -> None:
    page = visit(language="en").page
    page.goto("/cases?status=review")
    page.get_by_role("button", name="DE").click()
    assert page.locator("h1").inner_text() == "Fälle"
    assert page.url.endswith("/cases?status=review")


def test_somebody_new_signs_in_and_is_named_on_every_page(visit: Callable, stage) -> None:
    page = visit(person="").page
    page.goto(f"/review/{stage.cases['invented']}")
    page.get_by_role("link", name="Sign in to decide").click()
    page.get_by_label("Another name").fill("  Ada   Byron ")
    page.get_by_role("button", name="Start").click()
    assert page.url.endswith(stage.cases["invented"])
    assert page.locator(".person .name").inner_text() == "Ada Byron"
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Miriam Weber").click()
    assert page.locator(".person .name").inner_text() == "Miriam Weber"


def test_the_reasons_of_a_rejection_lie_inside_a_narrow_window(visit: Callable, stage) -> None:
    page = visit(language="de", viewport={"width": 390, "height": 844}).page
    page.goto(f"/review/{stage.cases['german']}")
    page.locator("footer [data-action=reject]").click()
    panel = page.locator(".reject form").bounding_box()
    boxes = [panel, *(button.bounding_box() for button in page.locator(".reject form button").all())]
    assert all(
        panel and box and panel["x"] <= box["x"] and box["x"] + box["width"] <= panel["x"] + panel["width"]
        for box in boxes
    )
    assert panel
    assert 0 <= panel["x"] < panel["x"] + panel["width"] <= 390


@pytest.mark.parametrize("address", ["/nowhere", "/cases/999999"])
def test_who_is_signed_in_is_not_asked_to_sign_in_by_a_failure(address: str, visit: Callable, stage) -> None:
    page = visit().page
    page.goto(address)
    assert page.locator("header").get_by_role("link", name="Sign in").count() == 0
