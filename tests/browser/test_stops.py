"""Is a workflow stopped by one person on a page, and let go on by two?"""

from collections.abc import Callable


def test_one_person_stops_and_two_let_it_go_on(visit: Callable, stage) -> None:
    first = visit(language="en", person="miriam").page
    first.goto("/")
    first.locator("#room-claims").get_by_role("link", name="Stop this workflow").click()
    first.get_by_label("Why").fill("Wrong amounts <b>since noon</b>")
    first.get_by_role("button", name="Stop").click()
    banner = first.locator(".stop-banner").inner_text()
    assert "Stopped: the workflow Claims Wrong amounts <b>since noon</b>" in " ".join(banner.split())
    assert "Miriam Weber" in first.locator(".stopped").inner_text()
    first.goto(f"/cases/{stage.cases['claim']}")
    assert "A stop holds this case" in first.locator(".case-head").inner_text()
    first.get_by_role("link", name="See the stops").click()
    first.get_by_role("button", name="Propose the restart").click()
    token = first.locator(".token").inner_text()
    assert first.get_by_role("button", name="Confirm the restart").count() == 0, "the proposer cannot confirm"
    second = visit(language="en", person="juergen").page
    second.goto("/stops")
    second.get_by_label("Token").fill("0" * 16)
    second.get_by_role("button", name="Confirm the restart").click()
    assert "not the token" in second.get_by_role("alert").filter(has_text="token").inner_text()
    second.get_by_label("Token").fill(token)
    second.get_by_role("button", name="Confirm the restart").click()
    assert second.locator(".stop-banner").count() == 0
    assert "Miriam Weber, confirmed by Jürgen Lang" in second.locator("table").inner_text()


def test_a_case_is_stopped_on_its_page(visit: Callable, stage) -> None:
    page = visit(language="en", person="miriam").page
    page.goto(f"/cases/{stage.cases['silent']}")
    page.get_by_role("link", name="Stop this case").click()
    page.get_by_label("Why").fill("Sent by mistake")
    page.get_by_role("button", name="Stop").click()
    assert "The case was stopped; nothing is delivered." in page.locator(".story").inner_text()
    assert page.get_by_role("link", name="Stop this case").count() == 0
    assert stage.case(stage.cases["silent"])["status"] == "stopped"


def test_nobody_stops_without_a_name(visit: Callable, stage) -> None:
    page = visit(language="en", person="").page
    page.goto("/stops")
    page.get_by_label("Why").fill("x")
    page.get_by_role("button", name="Stop").click()
    assert "/sign-in" in page.url


def test_a_narrow_window_has_room_for_the_reason(visit: Callable, stage) -> None:
    page = visit(viewport={"width": 390, "height": 844}).page
    page.goto("/stops")
    box = page.get_by_label("Why").bounding_box()
    assert box
    assert box["width"] > 250
