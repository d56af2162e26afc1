"""What does the second listener answer, which only those who watch the process may reach? Health and metrics."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from leitstand.domain.errors import LeitstandError
from leitstand.web.health import answer_live, answer_metrics, answer_ready
from leitstand.web.problems import AddressUnknown, MethodUnknown, known_error, new_occurrence, problem_of, reply_with
from leitstand.web.serving import Serving

ANSWERS: dict[str, Callable[[Serving], Awaitable[ASGIApp]]] = {
    "/health/live": answer_live,
    "/health/ready": answer_ready,
    "/metrics": answer_metrics,
}


def build_probes(serving: Serving) -> ASGIApp:
    """An application that reads only: no case, no page, no host to check, nothing that changes anything."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path, method, occurrence = scope["path"], scope["method"], new_occurrence()
        try:
            reply = await _reply(serving, path, method)
        except Exception as error:  # noqa: BLE001  every error becomes an answer
            known = known_error(error, path, method, occurrence)
            reply = reply_with(problem_of(known, "en", occurrence), known)
        await reply(scope, receive, send)

    return answer


async def _reply(serving: Serving, path: str, method: str) -> ASGIApp:
    refused: LeitstandError | None = None
    if path not in ANSWERS:
        refused = AddressUnknown(path=repr(path[:80]))
    elif method not in ("GET", "HEAD"):
        refused = MethodUnknown(method=method, path=path, allowed="GET, HEAD")
    if refused:
        raise refused
    return await ANSWERS[path](serving)
