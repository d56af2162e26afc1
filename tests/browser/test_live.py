"""Do new cases and new numbers arrive by themselves, without moving what somebody reads?"""

import json
from collections.abc import Callable
from urllib.request import Request, urlopen

from playwright.sync_api import expect


def open_case(stage, question: str) -> None:
    body = json.dumps({"input": {"question": question}}).encode()
    headers = {"content-type": "application/json"}
    urlopen(Request(f"{stage.url}/v1/workflows/help/cases?wait=10", body, headers)).close()


def test_new_cases_are_offered_above_the_list_and_never_moved_into_it(visit: Callable, stage) -> None:
    visitor = visit()
    page = visitor.page
    page.goto("/inbox?workflow=help&queue=review")
    shown = page.locator("[data-row]").count()
    open_case(stage, "How do I change the wallpaper? #invented")
    offer = page.locator("a.news")
    expect(offer).to_have_text("1 more waits – show it", timeout=12_000)
    assert page.locator("[data-row]").count() == shown
    offer.click()
    expect(page.locator("[data-row]")).to_have_count(shown + 1)
    assert not visitor.watched.complaints


def test_the_control_room_counts_on(visit: Callable, stage) -> None:
    visitor = visit(language="de")
    page = visitor.page
    page.goto("/?range=1h")
    room = page.locator("#room-help")
    before = int(room.locator("h3 .count").inner_text())
    open_case(stage, "Where are the settings?")
    expect(room.locator("h3 .count")).to_have_text(str(before + 1), timeout=45_000)
    expect(room.locator(".number-tile h3").first).to_have_text("Rechtzeitig beantwortet")
    assert not visitor.watched.complaints
