"""Does the client of the benchmarks count what is answered, and what is not?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.load import load
from bench.peers import MUST, chat
from bench.processes import Program
from bench.programs import mock_upstream
from bench.request import Request
from bench.upstream import EVENTS


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with mock_upstream(tmp_path_factory.mktemp("upstream")) as program:
        yield program


def test_whole_answers_are_counted(upstream: Program) -> None:
    answered = load((upstream.port,), chat("/0/v1/chat/completions"), 8, 0.2)
    assert answered.answers > 8
    assert answered.failures == 0
    assert answered.p50 <= answered.p99


def test_streams_are_counted_with_all_their_events(upstream: Program) -> None:
    answered = load((upstream.port,), chat("/0/v1/chat/completions", stream=True), 2, 0.2)
    assert answered.failures == 0
    assert answered.events == answered.answers * EVENTS


def test_the_model_service_takes_its_time(upstream: Program) -> None:
    answered = load((upstream.port,), chat("/50/v1/chat/completions"), 1, 0.1)
    assert answered.p50 >= 50


def test_the_model_service_counts_its_calls(upstream: Program) -> None:
    forgotten = Request(path="/forget", body=b"", must=b"0")
    assert load((upstream.port,), forgotten, 1, 0).answers == 0
    assert load((upstream.port,), forgotten, 1, 0.2).answers > 0
    asked = load((upstream.port,), chat("/0/v1/chat/completions"), 4, 0.1).answers
    counted = Request(path="/calls", body=b"", must=b"%d" % asked)
    told = load((upstream.port,), counted, 1, 0.2)
    assert (told.answers > 0, told.failures) == (True, 0)


def test_a_wrong_answer_is_a_failure_with_its_text(upstream: Program) -> None:
    wanted = Request(path="/0/v1/chat/completions", body=b"{}", must=b"something else")
    answered = load((upstream.port,), wanted, 1, 0.05)
    assert answered.answers == 0
    assert answered.failures > 0
    assert MUST.decode() in answered.failure


def test_nobody_there_is_a_failure(tmp_path: Path) -> None:
    with mock_upstream(tmp_path) as program:
        port = program.port
    answered = load((port,), chat("/0/v1/chat/completions"), 1, 0.05)
    assert answered.answers == 0
    assert answered.failures > 0
