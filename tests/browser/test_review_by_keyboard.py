"""Can a reviewer work with the keyboard alone, and is no decision lost, doubled or made by accident?"""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect


def begin(page: Page) -> str:
    """Play from the first row of the help questions; the id of the case on the screen."""
    page.goto("/inbox?workflow=help&queue=review")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/*")
    return ready(page)


def ready(page: Page, before: str = "") -> str:
    """Wait until another case than ``before`` is shown and can be decided; its id."""
    expect(page.locator("article.case")).not_to_have_attribute("data-case", before)
    page.wait_for_timeout(150)
    return page.locator("article.case").get_attribute("data-case") or ""


def recorded(stage, case_id: str) -> dict:
    """The decision once it is recorded."""
    for _ in range(100):
        if decision := stage.decision(case_id):
            return decision
        time.sleep(0.05)
    raise AssertionError(f"no decision on {case_id}")


def test_accept_edit_and_reject_without_a_mouse(visit: Callable, stage) -> None:
    visitor = visit()
    page = visitor.page
    first = begin(page)
    page.keyboard.press("a")
    second = ready(page, first)
    assert recorded(stage, first)["verb"] == "accept"

    page.keyboard.press("e")
    expect(page.locator("textarea[data-diff]")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" A a r n 1 ? more.")
    expect(page.locator(".diff ins")).to_contain_text("more.")
    page.keyboard.press("Control+Enter")
    third = ready(page, second)
    assert recorded(stage, second)["verb"] == "edit"
    assert stage.settled(second)["output"]["answer"].endswith(" A a r n 1 ? more.")

    page.keyboard.press("r")
    expect(page.locator("details.reject")).to_have_attribute("open", "")
    page.keyboard.press("2")
    ready(page, third)
    assert (recorded(stage, third)["verb"], recorded(stage, third)["reason"]) == ("reject", "incomplete")
    assert stage.events(third)[-1]["actor"] == {"kind": "person", "id": "p-0"}
    assert recorded(stage, third)["seconds_shown"] is not None
    assert not visitor.watched.complaints


def test_the_next_case_is_shown_before_the_decision_has_arrived(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)
    expect(page.locator("[data-ahead-text]")).to_have_text("next case is ready")
    held: list[Route] = []
    page.route("**/review/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    page.keyboard.press("a")
    expect(page.locator("article.case")).not_to_have_attribute("data-case", first)
    until = time.monotonic() + 10
    while not held and time.monotonic() < until:
        page.wait_for_timeout(20)
    assert len(held) == 1
    assert stage.decision(first) is None
    held[0].continue_()
    assert recorded(stage, first)["verb"] == "accept"


def test_a_held_key_decides_one_case(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)
    waiting = len(stage.waiting())
    page.keyboard.down("a")
    for _ in range(20):
        page.keyboard.down("a")
    page.keyboard.up("a")
    ready(page, first)
    recorded(stage, first)
    page.wait_for_timeout(500)
    assert len(stage.waiting()) == waiting - 1


def test_what_could_not_be_saved_is_kept_shown_and_sent_again(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)
    page.route("**/review/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.keyboard.press("a")
    ready(page, first)
    expect(page.locator("#outbox")).to_contain_text("1 not saved")
    assert stage.decision(first) is None
    page.unroute("**/review/*")
    page.locator("#outbox").get_by_role("button", name="Retry").click()
    expect(page.locator("#outbox")).to_be_hidden()
    assert recorded(stage, first)["verb"] == "accept"


def test_an_answer_that_got_lost_does_not_decide_twice(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)

    def swallow(route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/review/*", swallow)
    page.keyboard.press("a")
    expect(page.locator("#outbox")).to_contain_text("1 not saved")
    page.unroute("**/review/*")
    page.locator("#outbox").get_by_role("button", name="Retry").click()
    expect(page.locator("#outbox")).to_be_hidden()
    assert recorded(stage, first)["verb"] == "accept"


def test_a_case_taken_meanwhile_says_by_whom(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)
    stage.accept(first)
    page.keyboard.press("r")
    page.keyboard.press("1")
    ready(page, first)
    expect(page.locator("#outbox")).to_contain_text(
        "Your decision was not recorded. Jürgen Lang has decided this case already"
    )
    assert recorded(stage, first)["verb"] == "accept"
    page.goto(f"/review/{first}?queue=review")
    expect(page.locator(".notice")).to_contain_text("Jürgen Lang has decided this case already")
    expect(page.locator(".notice a.primary")).to_contain_text("Next case")


def test_skip_and_back_decide_nothing(visit: Callable, stage) -> None:
    page = visit().page
    waiting = set(stage.waiting())
    first = begin(page)
    page.keyboard.press("n")
    second = ready(page, first)
    page.keyboard.press("p")
    assert ready(page, second) == first
    page.keyboard.press("o")
    page.wait_for_url(f"**/cases/{first}")
    assert set(stage.waiting()) == waiting


def test_citations_are_followed_by_number_and_in_turn(visit: Callable, stage) -> None:
    page = visit().page
    page.goto(f"/review/{stage.cases['invented']}")
    page.keyboard.press("2")
    expect(page.locator("#source-2 mark.lit")).to_be_in_viewport()
    expect(page.locator("a.citation.chosen")).to_have_text("[2]")
    page.keyboard.press(".")
    expect(page.locator("#source-3 mark.lit")).to_be_in_viewport()
    page.keyboard.press(",")
    expect(page.locator("#source-2 mark.lit")).to_be_in_viewport()
    cited = page.locator("#source-2 mark.lit").inner_text()
    assert cited.rstrip(".") in page.locator(".shown .reading").inner_text()


def test_a_held_modifier_and_capitals_are_not_ours(visit: Callable, stage) -> None:
    page = visit().page
    first = begin(page)
    page.keyboard.press("Control+a")
    page.keyboard.press("Shift+A")
    page.keyboard.press("Alt+a")
    page.wait_for_timeout(300)
    assert stage.decision(first) is None


def test_after_r_tab_leads_to_the_reasons(visit: Callable, stage) -> None:
    page = visit().page
    begin(page)
    page.keyboard.press("r")
    page.keyboard.press("Tab")
    expect(page.locator("details.reject form button").first).to_be_focused()


def test_nobody_decides_without_a_name(visit: Callable, stage) -> None:
    page = visit(person="").page
    first = begin(page)
    expect(page.get_by_role("link", name="Sign in to decide")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#outbox")).to_contain_text("nobody is signed in")
    assert stage.decision(first) is None


@pytest.mark.parametrize(("keys", "address"), [(("g", "l"), "/"), (("g", "c"), "/cases"), (("g", "i"), "/inbox")])
def test_two_keys_lead_to_a_page(keys: tuple[str, str], address: str, visit: Callable, stage) -> None:
    page = visit().page
    page.goto("/cases?status=review")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url(stage.url + address)


def test_rows_are_walked_with_j_and_k(visit: Callable, stage) -> None:
    page = visit().page
    page.goto("/inbox")
    rows = page.locator("[data-row] a.subject")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
