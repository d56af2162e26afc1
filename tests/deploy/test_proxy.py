"""Do pages, forms and the API work through the door, and only for those who have its password?"""

import http.client
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import sync_playwright
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.deploy.door import Door
from tests.deploy.servers import leitstand, proxy, run

from leitstand.testing.ports import free_port


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, secrets: tuple[Path, str]) -> Iterator[Door]:
    """The proxy before a Leitstand with one workflow."""
    folder, inner = tmp_path_factory.mktemp("served"), free_port()
    run(folder, "init", "mine", "--lang", "en")
    made, password = secrets
    with (
        leitstand(folder, "mine", "--data", "data", "--port", str(inner)),
        proxy(tmp_path_factory.mktemp("nginx"), made / "proxy", inner) as outer,
    ):
        yield Door(port=outer, password=password, certificate=made / "proxy/tls.crt")


@pytest.mark.parametrize("password", ["", "wrong"])
@pytest.mark.parametrize("path", ["/", "/v1/cases", "/health/ready", "/static/x/y", "/nowhere"])
def test_nobody_comes_in_without_the_password(door: Door, path: str, password: str) -> None:
    status, headers, body = door.ask("GET", path, password=password)
    assert status == 401
    assert headers["WWW-Authenticate"] == 'Basic realm="Leitstand"'
    assert "<main" not in body


def test_pages_come_with_their_own_protection(door: Door) -> None:
    status, headers, body = door.ask("GET", "/")
    assert status == 200
    assert "<main" in body
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Strict-Transport-Security"]
    assert "nginx/" not in headers.get("Server", "")


def test_a_form_works_and_its_cookie_leaves_over_tls_only(door: Door) -> None:
    status, headers, _ = door.post_form("/sign-in", {"name": "Ada", "back": "/inbox"})
    assert (status, headers["Location"]) == (303, "/inbox")
    cookie = headers["Set-Cookie"]
    assert {"secure", "httponly"} <= {part.strip().lower() for part in cookie.split(";")}
    status, _, body = door.ask("GET", "/inbox", Cookie=cookie.split(";")[0])
    assert status == 200
    assert "Ada" in body


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "https://localhost",
        "https://localhost:{port}.elsewhere.example",
        "http://localhost:{port}",
        "null",
    ],
)
def test_a_form_of_another_page_is_refused(door: Door, origin: str) -> None:
    foreign = origin.format(port=door.port)
    status, headers, _ = door.post_form("/sign-in", {"name": "Eve"}, Origin=foreign)
    assert status == 403
    assert "Set-Cookie" not in headers
    assert door.post_form("/sign-in", {"name": "Eve"}, Sec_Fetch_Site="cross-site")[0] == 403


def test_a_program_opens_a_case_and_waits_for_it(door: Door) -> None:
    question = json.dumps({"input": {"question": "When do you open?"}})
    status, headers, body = door.ask(
        "POST", "/v1/workflows/mine/cases?wait=20", question, Content_Type="application/json"
    )
    assert status == 201
    case = json.loads(body)
    assert case["status"] in ("delivered", "review", "escalated")
    assert door.ask("GET", headers["Location"])[0] == 200


def test_no_header_of_a_caller_says_who_decides(door: Door) -> None:
    door.post_form("/sign-in", {"name": "Grace"})
    body = json.dumps({"decision": "reject", "draft": None, "reason": "other"})
    question = json.dumps({"input": {"question": "When do you open?"}})
    opened = door.ask("POST", "/v1/workflows/mine/cases?wait=20", question, Content_Type="application/json")[2]
    path = f"/v1/cases/{json.loads(opened)['id']}/decision"
    status, _, said = door.ask("POST", path, body, Content_Type="application/json", Leitstand_Person="Grace")
    assert status == 403
    assert "nobody is signed in" in said


class _Listener(http.server.BaseHTTPRequestHandler):
    heard: ClassVar[dict[str, str]] = {}

    def do_GET(self) -> None:
        type(self).heard = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_the_password_and_the_public_name_end_at_the_door(tmp_path: Path, secrets: tuple[Path, str]) -> None:
    made, password = secrets
    forged = {"Leitstand_Person": "p-1", "Leitstand_Tenant": "b", "Cookie": "a=b"}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with proxy(tmp_path, made / "proxy", server.server_port) as outer:
            door = Door(port=outer, password=password, certificate=made / "proxy/tls.crt")
            status, _, _ = door.ask("GET", "/x?secret=1", Origin=door.origin, **forged)
        assert status == 200
        own = f"127.0.0.1:{server.server_port}"
        heard = {name: value for name, value in _Listener.heard.items() if name != "accept-encoding"}
        assert heard == {"host": own, "origin": f"http://{own}", "cookie": "a=b"}
        logged = (tmp_path / "access.log").read_text(encoding="utf-8")
        assert " operator GET /x 200 " in logged
        assert "secret" not in logged
    finally:
        server.shutdown()
        server.server_close()


def test_a_person_signs_in_with_a_real_browser(door: Door) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        context = browser.new_context(
            base_url=door.origin,
            ignore_https_errors=True,
            http_credentials={"username": "operator", "password": door.password},
            locale="en-GB",
        )
        page = context.new_page()
        refused: list[int] = []
        page.on("response", lambda answer: refused.append(answer.status) if answer.status >= 400 else None)
        page.goto("/sign-in")
        page.fill("#name", "Katherine")
        page.click("form.stack button")
        page.wait_for_url("**/inbox")
        assert "Katherine" in page.inner_text("body")
        assert [each["secure"] for each in context.cookies() if each["name"] == "leitstand_person"] == [True]
        assert set(refused) <= {401}  # the browser asks once without the password
        browser.close()
