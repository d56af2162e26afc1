"""Does the way back always lead to a page of ours?"""

import pytest

from leitstand.web.pages.visit import local


@pytest.mark.parametrize("address", ["/", "/review/01a1?queue=review", "/cases?search=%2F"])
def test_our_own_addresses_are_kept(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "inbox",
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/a\\b",
        "javascript:x",
        "/a\nb",
        "\\\\evil",
    ],
)
def test_any_other_leads_to_the_inbox(address: str) -> None:
    assert local(address) == "/inbox"
