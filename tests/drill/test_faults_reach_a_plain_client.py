"""Does Python's own HTTP client, which is none of ours, see every fault as it is described?"""

import contextlib
import email.utils
import http.client
import json
import random
import socket
import struct
import time
import zlib

import pytest

from leitstand.drill.model_faults import MODEL_FAULTS, Speech
from leitstand.drill.planned import Planned
from leitstand.drill.scenario import Inject
from leitstand.drill.services import counted
from leitstand.testing import faults
from leitstand.testing.fault_server import FaultServer

TEXT = json.dumps({"answer": "yes " * 50, "citations": [1]})
SHORT, LONG = 0.3, 10.0


@contextlib.contextmanager
def asked(behaviour, *, stream=False, seconds=LONG):
    """The server's reply, its body unread."""
    with (
        FaultServer(behaviour) as server,
        contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=seconds)) as client,
    ):
        client.request("POST", "/v1/chat/completions", json.dumps({"stream": stream}))
        with contextlib.closing(client.getresponse()) as reply:
            yield reply


def read(behaviour, **how):
    """Status, headers and body."""
    with asked(behaviour, **how) as reply:
        return reply.status, reply.headers, reply.read()


async def healthy(_request):
    return Speech(text=TEXT)


def model(name, **options):
    return MODEL_FAULTS[name].make(healthy, options)


def content(body):
    return json.loads(body)["choices"][0]["message"]["content"]


def chunks(body):
    """The events of a stream before its end, as JSON."""
    events = [event.removeprefix(b"data: ") for event in body.split(b"\n\n") if event]
    return [json.loads(event) for event in events if event != b"[DONE]"]


ENDS = {
    "reset": (faults.reset(), False, ConnectionResetError),
    "reset of a drill": (model("reset"), False, ConnectionResetError),
    "nothing": (faults.nothing(), False, http.client.RemoteDisconnected),
    "close": (model("close"), False, http.client.RemoteDisconnected),
    "garbage": (faults.garbage(), False, http.client.BadStatusLine),
    "garbage of a drill": (model("garbage"), False, http.client.BadStatusLine),
    "half": (faults.half(TEXT), False, http.client.IncompleteRead),
    "wrong length, too long": (faults.wrong_length(TEXT, off_by=7), False, http.client.IncompleteRead),
    "events, then reset": (faults.events(faults.chunk("Hel"), then="reset"), True, ConnectionResetError),
    "break": (model("break"), False, ConnectionResetError),
    "break of a stream": (model("break"), True, ConnectionResetError),
    "cut_off": (model("cut_off"), False, http.client.IncompleteRead),
}
STALLS = {
    "never": (faults.never(), False),
    "stall": (model("stall"), False),
    "late": (faults.late(LONG, faults.good(TEXT)), False),
    "late of a drill": (model("late", seconds=LONG), False),
    "hang": (model("hang"), False),
    "hang of a stream": (model("hang"), True),
    "events, then silence": (faults.events(faults.chunk("Hel"), then="silent"), True),
    "a pause in a stream": (faults.streamed("Hel", "lo", seconds=LONG), True),
}


@pytest.mark.parametrize("fault", ENDS)
def test_a_connection_that_ends_ends_as_described(fault):
    behaviour, stream, error = ENDS[fault]
    with pytest.raises(error) as caught:
        read(behaviour, stream=stream)
    assert caught.type is error  # a connection closed without a byte is a kind of reset to this client


@pytest.mark.parametrize("fault", STALLS)
def test_what_stalls_runs_into_the_timeout(fault):
    behaviour, stream = STALLS[fault]
    with pytest.raises(TimeoutError):
        read(behaviour, stream=stream, seconds=SHORT)


@pytest.mark.parametrize("make", [faults.half, lambda text: faults.wrong_length(text, off_by=7)])
def test_what_came_of_a_body_is_its_beginning(make):
    whole = faults.completion(TEXT)
    with pytest.raises(http.client.IncompleteRead) as caught:
        read(make(TEXT))
    assert whole.startswith(caught.value.partial)
    assert caught.value.expected > 0


def test_a_length_that_is_too_short_cuts_the_body():
    assert read(faults.wrong_length(TEXT, off_by=-7))[2] == faults.completion(TEXT)[:-7]


def test_a_stream_that_is_cut_off_looks_whole_and_has_no_finish_reason():
    (piece,) = chunks(read(model("cut_off"), stream=True)[2])
    assert TEXT.startswith(piece["choices"][0]["delta"]["content"])
    assert piece["choices"][0]["finish_reason"] is None


@pytest.mark.parametrize("behaviour", [faults.good(TEXT), faults.late(0.1, faults.good(TEXT))], ids=["good", "late"])
def test_a_good_answer_is_whole(behaviour):
    status, _, body = read(behaviour)
    assert (status, content(body)) == (200, TEXT)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 529])
def test_a_refusal_has_its_status_and_an_error_object(status):
    for behaviour in (faults.error(status, "why"), model("status", status=status, code="why")):
        got, _, body = read(behaviour)
        assert (got, json.loads(body)["error"]["code"]) == (status, "why")


@pytest.mark.parametrize(("option", "header"), [("retry_after", "retry-after"), ("retry_after_ms", "retry-after-ms")])
def test_the_wish_to_wait_is_in_its_header(option, header):
    _, headers, _ = read(model("status", status=429, **{option: 7}))
    assert headers[header] == "7"
    assert read(faults.error(429, headers={header: "7"}))[1][header] == "7"


def test_the_wish_to_wait_may_be_a_date_of_http():
    _, headers, _ = read(model("status", status=429, retry_after_date=60))
    until = email.utils.parsedate_to_datetime(headers["retry-after"])
    assert until.tzinfo is not None
    assert headers["retry-after"].endswith(" GMT")


@pytest.mark.parametrize("behaviour", [faults.html(200), model("html")], ids=["html", "html of a drill"])
def test_a_web_page_is_a_web_page(behaviour):
    status, headers, body = read(behaviour)
    assert (status, headers.get_content_type(), body) == (200, "text/html", faults.HTML)


def test_a_redirect_points_elsewhere():
    status, headers, _ = read(faults.redirect("http://elsewhere/"))
    assert (status, headers["location"]) == (307, "http://elsewhere/")


def test_the_bomb_is_small_until_it_is_unpacked():
    _, headers, body = read(faults.bomb())
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 200_000
    assert len(zlib.decompress(body, wbits=31)) == faults.BOMB_MIB * 2**20


@pytest.mark.parametrize(
    "behaviour", [faults.drip(TEXT, seconds=0.5), model("drip", pause=0.001)], ids=["drip", "drip of a drill"]
)
def test_a_drip_comes_in_pieces_and_whole(behaviour):
    with asked(behaviour) as reply:
        pieces = list(iter(lambda: reply.read1(65_536), b""))
    assert len(pieces) > 10
    assert content(b"".join(pieces)) == TEXT


def test_the_drip_of_a_stream_is_letter_by_letter():
    letters = []
    with asked(model("drip", pause=0.001), stream=True) as reply:
        while len(letters) < len(TEXT):
            (event,) = chunks(reply.readline() + reply.readline())
            letters.append(event["choices"][0]["delta"]["content"])
    assert letters == list(TEXT)


def test_a_body_and_a_stream_without_end_go_on():
    with asked(faults.endless()) as reply:
        assert len(reply.read(2**23)) == 2**23
    with asked(faults.dripping(b": still here\n\n", seconds=0.001)) as reply:
        assert reply.read(14 * 100) == b": still here\n\n" * 100


def test_a_corrupt_answer_is_no_json_and_neither_is_one_event_of_a_corrupt_stream():
    whole = read(model("corrupt"))[2]
    with pytest.raises(ValueError, match=r"decode|Invalid|Expecting"):
        json.loads(whole)
    first, broken, *rest = read(model("corrupt"), stream=True)[2].split(b"\n\n")
    with pytest.raises(ValueError, match=r"decode|Invalid|Unterminated"):
        json.loads(broken.removeprefix(b"data: "))
    assert len(chunks(b"\n\n".join([first, *rest]))) == 4


def reasons(body):
    return [choice["finish_reason"] for event in chunks(body) for choice in event["choices"]]


def test_a_silent_end_has_no_finish_reason():
    whole, streamed = (read(model("silent_end"), stream=stream)[2] for stream in (False, True))
    assert json.loads(whole)["choices"][0]["finish_reason"] is None
    assert not any(reasons(streamed))
    assert streamed.endswith(b"data: [DONE]\n\n")
    assert reasons(read(faults.streamed("Hel", "lo"), stream=True)[2]) == [None, None, "stop"]


SAID = {
    "say": ({"text": "Hm.", "finish_reason": "length"}, lambda text: text == "Hm."),
    "prose": ({}, lambda text: TEXT in text and not text.startswith("{")),
    "schema_violation": ({}, lambda text: json.loads(text).keys() == {"citations", "surprise"}),
    "token_limit": ({}, lambda text: text == TEXT),
    "invented": ({"claim": "It costs 7."}, lambda text: json.loads(text)["answer"].endswith(" It costs 7.")),
    "expensive": ({"tokens": 7}, lambda text: text == TEXT),
}


@pytest.mark.parametrize("fault", SAID)
def test_what_a_model_says_wrong_is_said(fault):
    options, holds = SAID[fault]
    _, _, body = read(model(fault, **options))
    answer = json.loads(body)
    assert holds(content(body))
    assert answer["choices"][0]["finish_reason"] == ("length" if fault in ("say", "token_limit") else "stop")
    assert answer["usage"]["prompt_tokens"] == (7 if fault == "expensive" else 400)


def test_a_model_that_asks_for_a_tool_names_it_with_its_arguments():
    _, _, body = read(model("asks_tool", tool="order", arguments="{}"))
    choice = json.loads(body)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "order", "arguments": "{}"}


OTHERS = {"asks_tool", "reset", "garbage", "late", "status", "html", "drip", "corrupt", "silent_end"}
"""Faults of a drill that have a test of their own above, or stand in a table as ``of a drill``."""


def test_no_fault_of_the_drill_is_left_out():
    assert MODEL_FAULTS.keys() <= OTHERS | SAID.keys() | ENDS.keys() | STALLS.keys()


def test_a_broken_stream_counts_as_delivered_when_its_caller_hangs_up_on_it():
    fault = Planned(spec=Inject(at="primary", fault="corrupt"), lots=random.Random(1))
    behaviour = counted(fault, model("corrupt"), at_once=False)
    body = json.dumps({"stream": True}).encode()
    with FaultServer(behaviour) as server:
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", server.port), timeout=LONG) as client:
                client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
                assert client.recv(1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        until = time.monotonic() + LONG
        while fault.delivered < 20 and time.monotonic() < until:
            time.sleep(0.01)
    assert fault.delivered == 20
