"""What does a line of the log say: when, how grave, what, and about which case, and never what the case contains?"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime

from leitstand.domain.errors import OperatorError

_NOTHING: Mapping[str, str] = {}
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


def speak_of(**names: str) -> None:
    """From now on this task, and those that it starts, log about ``case_id``, ``workflow`` or ``occurrence``."""
    _about.set({**_about.get(), **names})


def begin_logging(level: str, form: str) -> None:
    """Let everything of that level and above be written to standard error, as ``text`` or as ``json``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def told(error: BaseException) -> str:
    """An exception without its own words, which may quote a case; what is set up wrongly is said in full."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, OperatorError) else name


def places(error: BaseException) -> list[str]:
    """Where an exception came from, outermost call first."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def causes(error: BaseException) -> list[BaseException]:
    """An exception and what led to it, the last one first."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
    return found


class TextLines(logging.Formatter):
    """Lines for people, with the places of an exception below."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, and what it is about."""
        about = "".join(f" {name}={value}" for name, value in _about.get().items())
        line = f"{_time(record)} {record.levelname} {record.name} {record.getMessage()}{about}"
        for error in causes(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ():
            line += "".join(f"\n    {place}" for place in places(error)) + f"\n  {told(error)}"
        return line


class JsonLines(logging.Formatter):
    """One JSON object a line for programs: ``time``, ``level``, ``logger``, ``event``, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_about.get(),
        }
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [{"error": told(error), "places": places(error)} for error in causes(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
