"""Does a line of the log say when, how grave, what and about which case, and nothing that the case contains?"""

import asyncio
import json
import logging
from collections.abc import Callable

import pytest

from leitstand.domain.errors import SettingInvalid
from leitstand.logs import JsonLines, TextLines, begin_logging, speak_of

SECRET = "Petra paid 7 euros"


def record(message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    raised = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("leitstand.runtime", logging.ERROR, __file__, 1, message, values, raised)


def caught(fail: Callable[[], object]) -> BaseException:
    try:
        fail()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def fail() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"cannot do {SECRET}") from error


def test_a_line_of_json_is_one_line_with_what_is_needed_to_find_the_case() -> None:
    speak_of(case_id="c-1", workflow="letters")
    speak_of(occurrence="abc")
    line = JsonLines().format(record("step %s\nbroke", "draft"))
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "error",
        "logger": "leitstand.runtime",
        "event": "step draft\nbroke",
        "case_id": "c-1",
        "workflow": "letters",
        "occurrence": "abc",
    }


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()], ids=["text", "json"])
def test_an_exception_is_told_by_kind_and_place_with_its_causes(lines: logging.Formatter) -> None:
    line = lines.format(record("broke", error=caught(fail)))
    assert SECRET not in line
    assert "ValueError" in line and "KeyError" in line
    assert f"{__file__}:" in line and " fail" in line


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()], ids=["text", "json"])
def test_what_is_set_up_wrongly_is_said_in_full(lines: logging.Formatter) -> None:
    wrong = SettingInvalid(name="LEITSTAND_PORT", value="x", way_out="Use a number.")
    assert "Use a number." in lines.format(record("stranded", error=wrong))


def test_an_exception_that_causes_itself_ends() -> None:
    error = ValueError("a")
    error.__cause__ = error
    assert JsonLines().format(record("broke", error=error)).count("ValueError") == 1


async def test_tasks_speak_of_their_own_case() -> None:
    async def about(case_id: str) -> str:
        speak_of(case_id=case_id)
        await asyncio.sleep(0)
        return json.loads(JsonLines().format(record("x")))["case_id"]

    assert await asyncio.gather(about("a"), about("b")) == ["a", "b"]


def test_everything_is_written_in_the_chosen_form(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        begin_logging("warning", "json")
        logging.getLogger("somebody.else").warning("hears %s", "us")
        logging.getLogger("somebody.else").info("too quiet")
    finally:
        root.handlers[:], root.level = before, level
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "hears us"
