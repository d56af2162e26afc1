"""Does a newcomer who starts the demo get to decide real cases, and does the control room show what came of it?"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo whose questions have all been run."""
    cache = tmp_path_factory.mktemp("cache")
    command = [sys.executable, "-m", "leitstand.cli", "demo", "--port", "0"]
    environment = {**os.environ, "LEITSTAND_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        said: list[str] = []
        for line in process.stdout or ():
            said.append(line)
            if line.startswith(("Done", "Fertig")):
                break
        address = ADDRESS.search("".join(said))
        assert address, f"the demo did not get ready:\n{''.join(said)}"
        yield address.group()
        process.terminate()
        process.communicate()


def test_from_the_start_of_the_demo_to_an_empty_inbox(demo: str, browser: Browser, watch: Callable) -> None:
    context = browser.new_context(locale="en-GB", base_url=demo)
    page = context.new_page()
    watched = watch(page, demo)
    page.goto("/sign-in")
    page.locator("#name").fill("Ada Byron")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox")
    waiting = page.locator("[data-row]").count()
    assert waiting >= 3, "the demo leaves something to decide"

    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*")
    for _ in range(waiting):
        shown = page.locator("article.case").get_attribute("data-case")
        page.wait_for_timeout(120)
        page.keyboard.press("a")
        page.wait_for_function("(shown) => document.querySelector('article.case')?.dataset.case !== shown", arg=shown)
    expect(page.locator(".empty h2")).to_have_text("Nothing waits")

    page.wait_for_url("**/inbox*")
    page.keyboard.press("g")
    page.keyboard.press("l")
    accepted = page.locator(".number-tile", has_text="Accepted as is")
    expect(accepted.locator(".big")).to_have_text("100%")
    expect(accepted).to_contain_text(f"n = {waiting}")
    expect(page.locator(".compared tbody tr").first).not_to_contain_text("unknown")
    accepted.locator(".big").click()
    expect(page.locator("[data-row]")).to_have_count(waiting)
    assert not watched.complaints
    context.close()
