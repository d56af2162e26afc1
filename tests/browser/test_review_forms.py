"""Is every output edited in place, with and without scripts, and does text of models and sources stay text?"""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def fill_claim(page: Page, amount: str) -> None:
    page.get_by_label("Amount in EUR").fill(amount)
    page.get_by_label("Line of business").select_option("motor")
    page.get_by_label("Covered").select_option("no")
    page.get_by_label("Documents still missing").fill("Photo\n\n Police report \n")
    page.get_by_label("Name").fill("Erika Beispiel")
    page.get_by_label("Phone").fill("")


CHANGED = {
    "amount": 6420.5,
    "covered": False,
    "line": "motor",
    "documents": ["Photo", "Police report"],
    "contact": {"name": "Erika Beispiel"},
    "persons": 1,
}


def test_a_structured_output_is_edited_by_fields_and_mistakes_stay_on_the_screen(visit: Callable, stage) -> None:
    page = visit().page
    page.goto(f"/review/{stage.cases['claim']}")
    page.keyboard.press("e")
    fill_claim(page, "much")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editor .problem")).to_have_text("This is not a number.")
    expect(page.locator("#outbox")).to_contain_text("Not recorded")
    page.get_by_label("Amount in EUR").fill("99999")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".editor .problem")).to_contain_text("10000")
    assert stage.decision(stage.cases["claim"]) is None
    page.get_by_label("Amount in EUR").fill("6420,5")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.case")).not_to_have_attribute("data-case", stage.cases["claim"])
    output = stage.settled(stage.cases["claim"])["output"]
    assert {name: output[name] for name in CHANGED} == CHANGED
    assert output["summary"].startswith("A pipe burst")


def test_an_escalated_case_without_a_draft_is_written_by_a_person(visit: Callable, stage) -> None:
    page = visit().page
    page.goto(f"/review/{stage.cases['silent']}")
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    page.keyboard.press("a")
    page.keyboard.press("e")
    page.keyboard.type("Switch the printer on.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.case")).not_to_have_attribute("data-case", stage.cases["silent"])
    assert stage.settled(stage.cases["silent"])["output"] == {"answer": "Switch the printer on."}


def test_hostile_text_in_draft_input_and_sources_stays_text(visit: Callable, stage) -> None:
    visitor = visit()
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in (f"/review/{stage.cases['hostile']}", f"/cases/{stage.cases['hostile']}", "/inbox", "/cases"):
        page.goto(address, wait_until="networkidle")
        expect(page.locator("main")).to_contain_text("<script>document.title = 'taken'</script><button hx-get")
        assert page.title() != "taken"
        assert page.locator("main [hx-get='/taken']").count() == 0
        assert page.locator("main script").count() == 0
    page.goto(f"/review/{stage.cases['german']}")
    page.keyboard.press("n")
    page.wait_for_url(lambda address: not address.endswith(stage.cases["german"]))
    assert not [address for address in asked if "taken" in address]
    assert not visitor.watched.complaints


def test_every_container_of_foreign_text_is_ignored_by_htmx(visit: Callable, stage) -> None:
    page = visit().page
    for address in (f"/review/{stage.cases['hostile']}", f"/cases/{stage.cases['hostile']}", "/inbox", "/cases"):
        page.goto(address)
        holders = page.get_by_text("document.title = 'taken'").all()
        assert holders
        assert all(holder.evaluate("(element) => element.closest('[hx-ignore]') !== null") for holder in holders), (
            address
        )


def test_every_decision_works_without_scripts(visit: Callable, stage) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/inbox?workflow=help&queue=review")
    page.get_by_role("link", name="Play", exact=True).click()
    first = current(page)
    page.get_by_role("button", name="Accept", exact=True).click()
    second = current(page)
    assert second != first
    assert stage.decision(first)["verb"] == "accept"
    assert stage.decision(first)["seconds_shown"] is not None

    page.locator("details.editor summary").click()
    page.get_by_label("Answer").fill("Written without scripts.")
    page.get_by_role("button", name="Save and accept").click()
    third = current(page)
    assert stage.settled(second)["output"] == {"answer": "Written without scripts."}

    page.locator("details.reject summary").click()
    page.locator("details.reject").get_by_label("Note").fill("  not our product ")
    page.get_by_role("button", name="Wrong", exact=True).click()
    assert current(page) != third
    assert (stage.decision(third)["verb"], stage.decision(third)["reason"]) == ("reject", "wrong")


def test_without_scripts_a_mistake_and_a_lost_race_are_said_too(visit: Callable, stage) -> None:
    page = visit(java_script_enabled=False).page
    page.goto("/review?workflow=help&queue=review")
    case_id = current(page)
    page.locator("details.editor summary").click()
    page.get_by_label("Answer").fill("   ")
    page.get_by_role("button", name="Save and accept").click()
    expect(page.locator(".notice")).to_contain_text("Not recorded")
    stage.accept(case_id)
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("Your decision was not recorded. Jürgen Lang")


def current(page: Page) -> str:
    return page.locator("article.case").get_attribute("data-case") or ""
