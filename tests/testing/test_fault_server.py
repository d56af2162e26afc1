"""Does each fault reach a plain socket as described? A reset is a reset, a stall stalls."""

import json
import socket
import time
import zlib

import pytest

from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer

ASK = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: 2\r\n\r\n{}"


def ask(server, *, seconds=5.0, most=2**20):
    """Everything a bare client gets until the other side closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as client:
        client.sendall(ASK)
        got = bytearray()
        while len(got) < most and (piece := client.recv(2**20)):
            got += piece
        return bytes(got)


def split(got):
    head, _, body = got.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0], body


def one_reply(server):
    """The first reply on a connection that stays open."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(ASK)
        got = client.recv(2**20)
        time.sleep(0.05)
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
    return split(got)


def test_good_is_a_chat_completion_and_the_request_is_remembered():
    with FaultServer(faults.good("hello")) as server:
        status, body = one_reply(server)
        asked = server.requests[0]
    assert status == b"HTTP/1.1 200 OK"
    assert json.loads(body)["choices"][0]["message"]["content"] == "hello"
    assert (asked.number, asked.method, asked.path, asked.body) == (1, "POST", "/v1/chat/completions", b"{}")
    assert asked.headers["authorization"] == "Bearer k"


def test_the_script_goes_on_with_its_last_behaviour():
    with FaultServer(faults.error(429, headers={"retry-after": "3"}), faults.html(502)) as server:
        assert one_reply(server)[0] == b"HTTP/1.1 429 Status"
        for _ in range(2):
            status, body = one_reply(server)
            assert (status, body) == (b"HTTP/1.1 502 Status", faults.HTML)


def test_nothing_is_a_clean_end_without_a_byte():
    with FaultServer(faults.nothing()) as server:
        assert ask(server) == b""


def test_garbage_is_no_http():
    with FaultServer(faults.garbage()) as server:
        assert not ask(server).startswith(b"HTTP")


def test_half_is_half_of_what_was_announced():
    whole = faults.completion("x" * 1000)
    with FaultServer(faults.half("x" * 1000)) as server:
        got = ask(server)
    assert b"content-length: %d" % len(whole) in got
    assert split(got)[1] == whole[: len(split(got)[1])]
    assert 0.4 < len(split(got)[1]) / len(whole) < 0.6


@pytest.mark.parametrize("off_by", [7, -7])
def test_a_wrong_length_is_wrong_by_that_much(off_by):
    with FaultServer(faults.wrong_length("x" * 50, off_by=off_by)) as server:
        got = ask(server)
    announced = int(got.split(b"content-length: ")[1].split(b"\r\n")[0])
    assert announced - len(split(got)[1]) == off_by


def test_a_reset_is_a_reset():
    with FaultServer(faults.reset()) as server, pytest.raises(ConnectionResetError):
        ask(server)


def test_never_stalls_and_keeps_the_connection():
    with FaultServer(faults.never()) as server, pytest.raises(TimeoutError):
        ask(server, seconds=0.4)


def test_a_drip_takes_its_time_and_comes_whole():
    with FaultServer(faults.drip("slow", seconds=0.5)) as server:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
            client.sendall(ASK)
            got, pieces = b"", 0
            while not got.endswith(faults.completion("slow")):
                got += client.recv(65_536)
                pieces += 1
    assert time.monotonic() - began > 0.4
    assert pieces > 10


def test_endless_goes_on_for_ever():
    with FaultServer(faults.endless()) as server:
        assert len(ask(server, most=40 * 2**20)) >= 40 * 2**20


def test_the_bomb_is_small_on_the_wire_and_large_inside():
    with (
        FaultServer(faults.bomb()) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as client,
    ):
        client.sendall(ASK)
        got = b""
        while b"\r\n\r\n" not in got or len(split(got)[1]) < int(got.split(b"content-length: ")[1].split(b"\r\n")[0]):
            got += client.recv(2**20)
    assert len(got) < 200_000
    assert len(zlib.decompress(split(got)[1], wbits=31)) == faults.BOMB_MIB * 2**20


def test_a_late_answer_is_late_and_a_redirect_points_elsewhere():
    with FaultServer(faults.late(0.3, faults.redirect("http://elsewhere/"))) as server:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
            client.sendall(ASK)
            got = client.recv(65_536)
        assert time.monotonic() - began >= 0.3
    assert got.startswith(b"HTTP/1.1 307")
    assert b"location: http://elsewhere/" in got


def test_connections_and_chunked_bodies_are_read():
    with FaultServer(faults.good("x")) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
        for _ in range(2):
            client.sendall(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
            client.recv(65_536)
        assert [request.body for request in server.requests] == [b"abcde"] * 2
        assert server.connections == 1
