"""What can a model service do wrong, by the names that scenarios use?

Each makes a behaviour of the fault server from its options and from what the model would have said in good health. A
request for a stream gets a stream, any other a whole reply.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from leitstand.drill.scenario import Options
from leitstand.testing import faults
from leitstand.testing.faults import Behaviour
from leitstand.testing.wire import Received, http_reply

TOKENS = {"prompt_tokens": 400, "completion_tokens": 100}


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """What a model says, why it stops (None: it does not say), what it reports as used, which tool it asks for."""

    text: str
    finish_reason: str | None = "stop"
    usage: Mapping[str, object] | None = None
    tool: str = ""
    arguments: str = ""

    @property
    def calls(self) -> list[dict[str, object]]:
        """The one call as a chat completion has it, nothing without a tool."""
        function = {"name": self.tool, "arguments": self.arguments}
        return [{"index": 0, "id": "call_1", "type": "function", "function": function}] if self.tool else []


Healthy = Callable[[Received], Awaitable[Speech]]
Twist = Callable[[Speech, Options], Speech]


def spoken(healthy: Healthy, twist: Twist = lambda speech, _: speech, options: Options | None = None) -> Behaviour:
    """Say what a healthy model would say, twisted."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        speech = twist(await healthy(request), options or {})
        usage = dict(speech.usage or TOKENS)
        if _streams(request):
            await faults.events(*_chunks(speech), _end(usage))(writer, request)
            return
        whole = faults.completion(speech.text, finish_reason=speech.finish_reason, usage=usage, tool_calls=speech.calls)
        writer.write(http_reply(200, whole))
        await writer.drain()

    return behave


def _streams(request: Received) -> bool:
    try:
        return json.loads(request.body).get("stream") is True
    except (ValueError, AttributeError):
        return False


def _chunks(speech: Speech) -> list[bytes]:
    half = len(speech.text) // 2 or 1
    pieces = [faults.chunk(piece) for piece in (speech.text[:half], speech.text[half:]) if piece]
    pieces += [faults.chunk(tool_calls=speech.calls)] if speech.calls else []
    return [*pieces, *([faults.chunk(finish_reason=speech.finish_reason)] if speech.finish_reason else [])]


def _end(usage: Mapping[str, object]) -> bytes:
    return faults.chunk(choices=[], usage=dict(usage)) + b"data: [DONE]\n\n"


def _status(healthy: Healthy, options: Options) -> Behaviour:
    del healthy
    headers = {name: str(options[key]) for key, name in _WAITS.items() if key in options}
    if "retry_after_date" in options:
        until = datetime.now(UTC) + timedelta(seconds=float(options["retry_after_date"]) + 1)  # dates have no fraction
        headers["retry-after"] = format_datetime(until, usegmt=True)
    return faults.error(int(options.get("status", 503)), str(options.get("code", "")), headers)


_WAITS = {"retry_after": "retry-after", "retry_after_ms": "retry-after-ms"}


def _late(healthy: Healthy, options: Options) -> Behaviour:
    return faults.late(float(options.get("seconds", 30)), spoken(healthy))


def _drip(healthy: Healthy, options: Options) -> Behaviour:
    """One piece after another, each in time for a watch on silence, and all together too slow."""

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        text, pause = (await healthy(request)).text, float(options.get("pause", 0.2))
        whole = http_reply(200, faults.completion(text, usage=TOKENS))
        pieces = [faults.chunk(letter) for letter in text]
        if _streams(request):
            writer.write(faults.STREAM_HEAD)
            pieces = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        else:
            pieces = [whole[place : place + 1] for place in range(len(whole))]
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


def _broken_off(how: str) -> Callable[[Healthy, Options], Behaviour]:
    """Half an answer, and then the connection is ``reset``, closed (``close``), or nothing comes (``silent``)."""

    def make(healthy: Healthy, options: Options) -> Behaviour:
        del options

        async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
            text = (await healthy(request)).text
            half = text[: len(text) // 2]
            if _streams(request):
                await faults.events(faults.chunk(half), then=how)(writer, request)
                return
            whole = http_reply(200, faults.completion(text, usage=TOKENS))
            writer.write(whole[: -len(text) // 2])
            await writer.drain()
            await asyncio.sleep(0.05)
            match how:
                case "reset":
                    await faults.reset()(writer, request)
                case "silent":
                    await asyncio.Event().wait()
                case _:
                    writer.close()

        return behave

    return make


def _corrupt(healthy: Healthy, options: Options) -> Behaviour:
    """A piece in the middle is no JSON; everything around it is as it should be."""
    del options

    async def behave(writer: asyncio.StreamWriter, request: Received) -> None:
        speech = await healthy(request)
        if _streams(request):
            first, *rest = _chunks(speech)
            await faults.events(first, b'data: {"id": "chatcmpl-1", "choi\x00\xff\n\n', *rest, _end(TOKENS))(
                writer, request
            )
            return
        body = faults.completion(speech.text, usage=TOKENS)
        writer.write(http_reply(200, body[: len(body) // 2] + b"\x00\xff" + body[len(body) // 2 + 2 :]))
        await writer.drain()

    return behave


def _plain(behaviour: Callable[[], Behaviour]) -> Callable[[Healthy, Options], Behaviour]:
    return lambda _healthy, _options: behaviour()


def _twisted(twist: Twist) -> Callable[[Healthy, Options], Behaviour]:
    return lambda healthy, options: spoken(healthy, twist, options)


def _say(speech: Speech, options: Options) -> Speech:
    reason = str(options.get("finish_reason", "stop"))
    return replace(speech, text=str(options.get("text", "")), finish_reason=reason or None)


def _prose(speech: Speech, options: Options) -> Speech:
    del options
    return replace(speech, text=f"Of course! Here is the object:\n\n```json\n{speech.text}\n```\nI hope this helps.")


def _schema_violation(speech: Speech, options: Options) -> Speech:
    """The first property is missing and there is one too many."""
    del options
    output: dict[str, Any] = json.loads(speech.text)
    output.pop(next(iter(output)))
    return replace(speech, text=json.dumps({**output, "surprise": True}))


def _cut(speech: Speech, options: Options) -> Speech:
    """Stopped at the token limit, but whole by chance: only the finish reason tells."""
    del options
    return replace(speech, finish_reason="length")


def _invented(speech: Speech, options: Options) -> Speech:
    """A sentence that no source supports stands behind each text of the output."""
    claim = str(options.get("claim", "The fee of 4,711 euros is due on 31 February 2031 to Dr. Quillfeather."))
    output: dict[str, Any] = json.loads(speech.text)
    longest = max((name for name in output if isinstance(output[name], str)), key=lambda name: len(output[name]))
    output[longest] = f"{output[longest]} {claim}"
    return replace(speech, text=json.dumps(output, ensure_ascii=False))


def _expensive(speech: Speech, options: Options) -> Speech:
    tokens = int(options.get("tokens", 1_000_000))
    text = str(options.get("text", speech.text))
    return replace(speech, text=text, usage={"prompt_tokens": tokens, "completion_tokens": 1})


def _asks_tool(speech: Speech, options: Options) -> Speech:
    return replace(
        speech,
        text="",
        finish_reason="tool_calls",
        tool=str(options.get("tool", "lookup")),
        arguments=str(options.get("arguments", '{"number": "123456"}')),
    )


def _silent_end(speech: Speech, options: Options) -> Speech:
    del options
    return replace(speech, finish_reason=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFault:
    """What makes the behaviour, what it does in a sentence, and whether only the caller ends it.

    A ``lasting`` fault is delivered as soon as it begins, any other when it was sent.
    """

    make: Callable[[Healthy, Options], Behaviour]
    help: str
    lasting: bool = False


MODEL_FAULTS: Mapping[str, ModelFault] = {
    "status": ModelFault(
        make=_status,
        help="Refuses with `status` (503) and the error `code`; with `retry_after` in seconds, `retry_after_ms`, or "
        "`retry_after_date`, seconds from now as a date.",
    ),
    "reset": ModelFault(make=_plain(faults.reset), help="Resets the connection."),
    "close": ModelFault(make=_plain(faults.nothing), help="Closes the connection without a byte."),
    "garbage": ModelFault(make=_plain(faults.garbage), help="Sends bytes that are no HTTP."),
    "html": ModelFault(make=_plain(lambda: faults.html(200)), help="Answers 200 with a web page."),
    "stall": ModelFault(make=_plain(faults.never), help="Accepts and says nothing.", lasting=True),
    "late": ModelFault(make=_late, help="Answers well after `seconds` (30).", lasting=True),
    "drip": ModelFault(make=_drip, help="Answers letter by letter, with `pause` seconds (0.2) between.", lasting=True),
    "break": ModelFault(make=_broken_off("reset"), help="Sends half an answer, then resets the connection."),
    "cut_off": ModelFault(make=_broken_off("close"), help="Sends half an answer, then closes as if it were whole."),
    "hang": ModelFault(make=_broken_off("silent"), help="Sends half an answer, then nothing.", lasting=True),
    "corrupt": ModelFault(make=_corrupt, help="Sends an answer with broken bytes in its middle."),
    "silent_end": ModelFault(make=_twisted(_silent_end), help="Answers without a finish reason."),
    "say": ModelFault(make=_twisted(_say), help="Says `text`, with `finish_reason` (stop)."),
    "prose": ModelFault(make=_twisted(_prose), help="Puts prose around the object."),
    "schema_violation": ModelFault(
        make=_twisted(_schema_violation), help="Leaves out the first property and adds one of its own."
    ),
    "token_limit": ModelFault(make=_twisted(_cut), help="Ends a whole answer with the finish reason `length`."),
    "invented": ModelFault(make=_twisted(_invented), help="Adds a `claim` that no source supports."),
    "asks_tool": ModelFault(
        make=_twisted(_asks_tool), help="Asks for `tool` (`lookup`) with `arguments`, a text that should be JSON."
    ),
    "expensive": ModelFault(
        make=_twisted(_expensive), help="Reports `tokens` (1,000,000) as used; says `text` if it is given."
    ),
}
"""Name to fault."""
