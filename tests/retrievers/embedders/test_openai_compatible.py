"""Are vectors fetched from a real HTTP server, and is everything that it can do wrong a clear error?"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from leitstand.domain.errors import ProviderFailed, SettingInvalid
from leitstand.retrievers.embedders.openai_compatible import OpenaiCompatible


class Server(ThreadingHTTPServer):
    """Answers with what the test put there, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.reply = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, self.headers.get("authorization"), body))
        status, payload = self.server.reply or (200, reply_to(body["input"]))
        self.send_response(status)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


def reply_to(texts):
    entries = [{"index": place, "embedding": [len(text), 3, 4]} for place, text in enumerate(texts)]
    return json.dumps({"data": entries[::-1], "model": "m"}).encode()


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_texts_are_sent_in_batches_and_come_back_in_order(server):
    embedder = OpenaiCompatible(base_url=server.url, model="m", api_key="secret", passage_prefix="passage: ")
    texts = ["x" * length for length in range(100)]
    vectors = embedder.embed(texts, query=False)
    expected = np.array([[length + 9, 3, 4] for length in range(100)], dtype=np.float32)
    assert np.allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True))
    assert [len(body["input"]) for _, _, body in server.asked] == [64, 36]
    path, authorization, body = server.asked[0]
    assert (path, authorization) == ("/v1/embeddings", "Bearer secret")
    assert body == {"model": "m", "input": [f"passage: {text}" for text in texts[:64]], "encoding_format": "float"}


def test_questions_have_their_own_prefix_and_dimensions_are_sent_when_given(server):
    OpenaiCompatible(base_url=server.url, model="m", query_prefix="query: ", dimensions=3).embed(["a"], query=True)
    ((_, authorization, body),) = server.asked
    assert authorization is None
    assert (body["input"], body["dimensions"]) == (["query: a"], 3)


def test_no_texts_ask_nobody(server):
    assert len(OpenaiCompatible(base_url=server.url, model="m").embed([], query=True)) == 0
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "payload", "kind", "retryable"),
    [
        (200, b"<html>not JSON</html>", "malformed", True),
        (200, b"[]", "malformed", True),
        (200, b'{"data": [{"index": 0, "embedding": ["a"]}]}', "malformed", True),
        (200, b'{"data": [{"index": 0, "embedding": [NaN]}]}', "malformed", True),
        (200, b'{"data": [{"index": 0, "embedding": [1]}, {"index": 1, "embedding": [1]}]}', "malformed", True),
        (200, b'{"data": []}', "malformed", True),
        (302, b"", "refused", False),
        (401, b"wrong key", "refused", False),
        (429, b"slow down", "overloaded", True),
        (503, b"", "server_error", True),
    ],
)
def test_whatever_is_no_list_of_vectors_is_an_error(server, status, payload, kind, retryable):
    server.reply = (status, payload)
    with pytest.raises(ProviderFailed) as error:
        OpenaiCompatible(base_url=server.url, model="m", api_key="secret").embed(["a"], query=True)
    assert (error.value.kind, error.value.retryable) == (kind, retryable)
    assert "secret" not in str(error.value)


def test_a_server_that_is_not_there_is_an_error(server):
    url = server.url
    server.server_close()
    server.shutdown()
    with pytest.raises(ProviderFailed, match="unreachable"):
        OpenaiCompatible(base_url=url, model="m").embed(["a"], query=True)


def test_a_server_that_never_answers_is_an_error(server):
    asked = threading.Event()

    class Waits:
        def __iter__(self):
            asked.set()
            time.sleep(2)
            return iter((200, b""))

    server.reply = Waits()
    with pytest.raises(ProviderFailed, match=r"timeout.*no reply within 0.2 s"):
        OpenaiCompatible(base_url=server.url, model="m", timeout_seconds=0.2).embed(["a"], query=True)
    assert asked.wait(5)


def test_the_id_covers_what_changes_vectors_and_no_secret():
    given = {"base_url": "http://a/v1", "model": "m"}
    changes = [
        {},
        {"model": "n"},
        {"base_url": "http://b/v1"},
        {"dimensions": 7},
        {"query_prefix": "q"},
        {"passage_prefix": "p"},
    ]
    assert len({OpenaiCompatible(**{**given, **change}).id for change in changes}) == len(changes)
    assert OpenaiCompatible(**given, api_key="k", timeout_seconds=1).id == OpenaiCompatible(**given).id
    assert "secret" not in repr(OpenaiCompatible(**given, api_key="secret"))


def test_an_address_that_is_none_is_refused():
    with pytest.raises(SettingInvalid, match="up to and including /v1"):
        OpenaiCompatible(base_url="api.example.com/v1", model="m")
