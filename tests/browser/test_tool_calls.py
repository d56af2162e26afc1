"""Does one key carry out what the page shows, and only what it shows?"""

import signal
from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.acceptance.test_tools import Desk, receiving

from leitstand.testing.receiver import read_ledger


def test_a_key_accepts_the_draft_with_its_calls(tmp_path: Path, browser: Browser, watch) -> None:
    ledger = tmp_path / "ledger"
    with receiving(ledger, 0) as url:
        desk = Desk(tmp_path, url, "write")
        try:
            case = desk.opened(10)
            page = browser.new_page(base_url=desk.url, locale="en-GB")
            watched = watch(page, desk.url)
            page.goto("/sign-in")
            page.fill("input[name=name]", "Ida")
            page.keyboard.press("Enter")
            page.wait_for_url(lambda address: "sign-in" not in address)
            page.goto(f"/review/{case['id']}")
            expect(page.locator(".proposals")).to_contain_text("order_status (changes something): Where an order is.")
            expect(page.locator(".proposals dd")).to_have_text("4711")
            expect(page.locator("[data-form=accept] button")).to_contain_text("Accept and carry out")
            page.wait_for_load_state("networkidle")  # the keys are there once the script has its words
            page.keyboard.press("a")
            page.wait_for_url("**/inbox*")
            ended = desk.asked(f"/v1/cases/{case['id']}?wait=10")
            page.close()
        finally:
            desk.stop(signal.SIGTERM)
    assert (ended["status"], ended["decision"], watched.complaints) == ("delivered", "accept", [])
    assert [effect.applied for effect in read_ledger(ledger)] == [True]
