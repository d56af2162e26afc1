"""Errors over HTTP: one form for all, in the caller's language, and nothing of ours leaks."""

import io
import logging

import pytest
from starlette.routing import Route
from tests.web.conftest import Served, serving

from leitstand.domain import errors
from leitstand.domain.errors import LeitstandError
from leitstand.web import pages, problems
from leitstand.web.problems import KINDS, kind_of, problem_of


def every_error(root: type[LeitstandError] = LeitstandError) -> list[type[LeitstandError]]:
    return [root, *(found for child in root.__subclasses__() for found in every_error(child))]


@pytest.mark.parametrize("error", [found for found in every_error() if found.__module__.startswith("leitstand.")])
def test_every_error_has_a_status_that_fits_whose_mistake_it_is(error: type[LeitstandError]):
    status = next(KINDS[ancestor].status for ancestor in error.__mro__ if ancestor in KINDS)
    if issubclass(error, errors.CallerError):
        assert 400 <= status < 500
    elif issubclass(error, errors.UpstreamError):
        assert status in (502, 503, 504)
    elif issubclass(error, errors.Overloaded):
        assert status in (429, 503)
    elif error is not errors.LeaseLost:
        assert status in (500, 503)


def test_codes_are_unique_and_stable_in_form():
    ours = (error for error in every_error() if error.__module__.startswith("leitstand."))
    codes = [error.code for error in ours if "code" in vars(error)]
    assert len(codes) == len(set(codes))
    assert all(code.isidentifier() and code.islower() for code in codes)


def test_details_are_said_in_the_callers_language():
    error = errors.RequestMalformed(
        detail=errors.Phrase("the query parameter {name} is {value}", name="wait", value="'{x}'"), expected="0"
    )
    assert problem_of(error, "en", "1").detail == "The request cannot be read: the query parameter wait is '{x}'."


async def test_a_path_that_is_not_there(served: Served):
    async with served.client.get("/v1/nothing/<b>") as reply:
        problem = await reply.json(content_type=None)
    assert (reply.status, problem["code"]) == (404, "address_unknown")
    assert "/v1/nothing/<b>" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/workflows/echo/cases", {"POST"}),
        ("PUT", "/v1/cases", {"GET", "HEAD"}),
        ("DELETE", "/v1/cases/1", {"GET", "HEAD"}),
        ("GET", "/v1/cases/1/decision", {"POST"}),
        ("TRACE", "/health/live", {"GET", "HEAD"}),
        ("PATCH", "/openapi.json", {"GET", "HEAD"}),
    ],
)
async def test_a_method_that_is_not_possible_names_those_that_are(served, method: str, path: str, allowed: set[str]):
    async with served.client.request(method, path) as reply:
        assert reply.status == 405
        assert {name.strip() for name in reply.headers["Allow"].split(",")} == allowed
        assert (await reply.json(content_type=None))["code"] == "method_unknown"


async def test_head_is_get_without_a_body(served: Served):
    async with served.client.head("/v1/workflows") as reply:
        assert reply.status == 200
        assert await reply.read() == b""


async def test_an_unforeseen_error_tells_its_id_and_nothing_else(tmp_path, caplog: pytest.LogCaptureFixture):
    async def break_down(request):
        raise KeyError(request.query_params["content"])

    async with serving(tmp_path, [Route("/v1/broken", break_down)]) as served:
        with caplog.at_level(logging.INFO, logger="leitstand"):
            async with served.client.get("/v1/broken?content=secret-content") as reply:
                assert reply.status == 500
                text = await reply.text()
                problem = await reply.json(content_type=None)
    assert problem["code"] == "internal"
    assert "secret-content" not in text
    assert "Traceback" not in text
    occurrence = problem["instance"].rpartition(":")[2]
    assert occurrence in caplog.text
    assert "KeyError" in caplog.text
    assert "break_down" in caplog.text
    assert "secret-content" not in caplog.text


async def test_a_store_that_cannot_write_is_told_with_a_time_to_come_back(tmp_path):
    async def full(request):
        raise errors.StoreUnusable(path="leitstand.db", detail="it has no room", way_out="Free disk space.")

    async with serving(tmp_path, [Route("/v1/full", full)]) as served, served.client.get("/v1/full") as reply:
        problem = await reply.json(content_type=None)
    assert reply.status == 503
    assert reply.headers["Retry-After"] == str(problems.RETRY_SECONDS)
    assert problem["code"] == "store_unusable"
    assert problem["repair"] == "Free disk space."


HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_a_browser_gets_a_page_and_the_api_stays_json(tmp_path):
    async def break_down(request):
        raise KeyError(request.query_params["content"])

    async with serving(tmp_path, [Route("/broken", break_down), *pages.routes()]) as served:
        async with served.client.get("/v1/nothing", headers=HTML) as reply:
            assert (reply.status, reply.content_type) == (404, "application/problem+json")
        for path, status in (("/nothing", 404), ("/broken?content=secret-content", 500), ("/inbox/news", 200)):
            async with served.client.get(path, headers=HTML) as reply:
                assert (reply.status, reply.content_type) == (status, "text/html")
                assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
                assert "KeyError" not in await reply.text()
        async with served.client.get("/inbox", headers={**HTML, "Host": "evil.example"}) as reply:
            assert (reply.status, reply.content_type) == (403, "text/html")


async def test_a_form_of_a_page_is_bounded_like_any_other_body(tmp_path):
    async with serving(tmp_path, pages.routes()) as served:
        headers = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
        form = io.BytesIO(b"name=" + b"x" * 2_000_000)
        async with served.client.post("/sign-in", data=form, headers=headers) as reply:
            assert reply.status == 413


async def test_german_callers_read_german(served: Served):
    german = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    async with served.client.get("/v1/cases?limit=0", headers=german) as reply:
        problem = await reply.json(content_type=None)
    assert problem["title"] != KINDS[errors.RequestMalformed].title
    english = problem_of(errors.RequestMalformed(detail="x", expected="y"), "en", "1")
    assert problem["detail"].split(":")[0] != english.detail.split(":")[0]
    assert "limit" in problem["detail"]
    assert problem["code"] == "request_malformed"


def test_the_nearest_class_above_decides():
    class Odd(errors.UpstreamError):
        code = "odd"

    assert kind_of(Odd()).status == 502
