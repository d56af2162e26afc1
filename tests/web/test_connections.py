"""Is a connection still good when a client has kept it, and is a body refused before it is sent?"""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.web.processes import server
from tests.web.test_full_disk import DESK

IDLE_SECONDS = 6.0
"""Longer than servers usually wait; clients and proxies come back to a connection after up to a minute."""

TRIES = 20


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Host and port of a real server."""
    with server(DESK, tmp_path_factory.mktemp("connections") / "data") as running:
        place = urlsplit(running.url)
        assert place.hostname and place.port
        yield place.hostname, place.port


def test_a_connection_that_was_idle_takes_the_next_request(address: tuple[str, int]) -> None:
    with contextlib.closing(http.client.HTTPConnection(*address, timeout=30)) as kept:
        for pause in (0.0, IDLE_SECONDS):
            time.sleep(pause)
            kept.auto_open = not pause
            kept.request("POST", "/v1/workflows/desk/cases", "{", {"content-type": "application/json"})
            reply = kept.getresponse()
            reply.read()
            assert reply.status == 400


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(address: tuple[str, int]) -> None:
    head = (
        "POST /v1/workflows/desk/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {64 * 1_048_576}\r\nExpect: 100-continue\r\n\r\n"
    )
    for _ in range(TRIES):
        with socket.create_connection(address, timeout=30) as asking:
            asking.sendall(head.encode())
            reply = http.client.HTTPResponse(asking)
            reply.begin()
            assert (reply.status, json.loads(reply.read())["code"]) == (413, "too_large")
