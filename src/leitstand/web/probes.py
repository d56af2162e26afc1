"""What is served to whoever only watches: health, and nothing that says who or what a case is about."""

from starlette.types import ASGIApp, Receive, Scope, Send

from leitstand.web.replies import JsonReply

WATCHED = ("/health/live", "/health/ready", "/metrics")


def build_probes(app: ASGIApp) -> ASGIApp:
    """The part of the application that may listen beyond this machine: GET and HEAD of ``WATCHED`` under any host."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in WATCHED or scope["method"] not in ("GET", "HEAD"):
            if scope["type"] == "http":
                await JsonReply(status=404, body={"watched": WATCHED})(scope, receive, send)
            return
        # Health and metrics are the same for every host, tenant and language.
        await app({**scope, "headers": [(b"host", b"localhost")]}, receive, send)

    return answer
