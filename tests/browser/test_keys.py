"""Is the table of keys a promise: for every entry a handler, a hint on the page, and a line on the sheet?"""

from collections.abc import Callable

import pytest

from leitstand.web.pages.keys import keys_of

HANDLERS = """async () => {
  const address = document.querySelector("script[src$='page.js']").src;
  return Object.keys((await import(address)).actions);
}"""
PAGES = {
    "inbox": "/inbox",
    "cases": "/cases",
    "review": "/review/{invented}",
    "control-room": "/",
    "trail": "/cases/{invented}",
}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_key_has_handler_hint_and_help(name: str, visit: Callable, stage) -> None:
    page = visit().page
    page.goto(PAGES[name].format(**stage.cases))
    page.locator("html.script").wait_for()
    actions = {key.action for key in keys_of(name)}
    assert actions, f"no keys for {name}"
    assert actions <= set(page.evaluate(HANDLERS))
    hinted = page.locator("[data-hint]").evaluate_all("(all) => all.map((element) => element.dataset.hint)")
    helped = page.locator("[data-help]").evaluate_all("(all) => all.map((element) => element.dataset.help)")
    assert actions - {"leave"} <= set(hinted)
    assert actions == set(helped)


def test_the_sheet_opens_closes_and_lets_no_other_key_through(visit: Callable, stage) -> None:
    page = visit().page
    page.goto(f"/review/{stage.cases['invented']}")
    page.locator("html.script").wait_for()
    page.wait_for_timeout(150)
    page.keyboard.press("?")
    assert page.locator("dialog#keys").get_attribute("open") is not None
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert stage.decision(stage.cases["invented"]) is None
    page.keyboard.press("Escape")
    assert page.locator("dialog#keys").get_attribute("open") is None
