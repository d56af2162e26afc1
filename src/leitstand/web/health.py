"""Is this process alive, is it ready, and which numbers does it show? The same on every listener."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import msgspec
from starlette.types import Receive, Scope, Send

from leitstand import __version__, plugins
from leitstand.domain import metric
from leitstand.domain.metric import Reading
from leitstand.domain.phrases import Phrase
from leitstand.runtime.vitals import read_metrics, why_hung, why_not_ready
from leitstand.web.problems import NotReady, Stopping
from leitstand.web.replies import API_HEADERS, JsonReply
from leitstand.web.serving import Serving

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the process answers; ``running`` cases are under way in it."""

    status: str
    version: str
    running: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TextReply:
    """An answer that is text of some type."""

    body: bytes
    media_type: str
    status: int = 200

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it; the server itself leaves the body out of an answer to HEAD."""
        headers = [
            (b"content-type", self.media_type.encode("latin-1")),
            (b"content-length", b"%d" % len(self.body)),
            *API_HEADERS,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


async def answer_live(serving: Serving) -> JsonReply:
    """200 as long as the loop answers and the worker comes round; raises ``NotReady`` for one that hangs."""
    return _health(serving, "alive", why_hung(serving.worker))


async def answer_ready(serving: Serving) -> JsonReply:
    """200 when requests are welcome; raises ``Stopping``, and ``NotReady`` without database or workflows."""
    if serving.worker.draining:
        raise Stopping(retry_after=1)
    return _health(serving, "ready", await why_not_ready(serving.parts))


async def answer_metrics(serving: Serving) -> TextReply:
    """All numbers as text for Prometheus."""
    reading = await read_metrics(serving.parts, serving.worker)
    reading.numbers[metric.RUNNING_LIMIT.name] = {(): serving.settings.most_running}
    write = cast("Callable[[Reading], bytes]", plugins.find("exporters", "prometheus"))
    return TextReply(body=write(reading), media_type=PROMETHEUS)


def _health(serving: Serving, status: str, fault: Phrase | None) -> JsonReply:
    if fault:
        raise NotReady(reason=fault)
    return JsonReply(status=200, body=Health(status=status, version=__version__, running=serving.worker.running))
