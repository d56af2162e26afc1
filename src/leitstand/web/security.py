"""Who may speak to this server until there are accounts, and which headers keep its pages apart from all others?

Only this machine may: a request must name a loopback host (a page of a foreign name that resolves to 127.0.0.1 does
not), and what changes something must not come from another origin than the server's own pages.
"""

import secrets
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leitstand.domain.errors import Denied, Phrase, translatable

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx leitstand"
)

_PAGE_HEADERS = {
    b"cache-control": b"no-store",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}


def check_caller(method: str, fields: Mapping[bytes, bytes]) -> None:
    """Raise ``Denied`` for a foreign host, and for a change that a page of another origin asks for."""
    host = fields.get(b"host", b"").decode("latin-1")
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if name.lower() not in LOOPBACK:
        raise Denied(
            detail=Phrase(translatable("the host {host} is not an address of this server"), host=repr(host[:80])),
            way_out=Phrase(translatable("Use a loopback address: 127.0.0.1, localhost or [::1].")),
        )
    if method not in SAFE_METHODS:
        _check_origin(host, fields)


def _check_origin(host: str, fields: Mapping[bytes, bytes]) -> None:
    """Browsers send Sec-Fetch-Site, which no page can forge, and Origin; programs send neither."""
    site = fields.get(b"sec-fetch-site", b"none")
    origin = fields.get(b"origin", b"").decode("latin-1")
    own = origin.lower() in ("", f"http://{host}".lower(), f"https://{host}".lower())
    if site not in (b"same-origin", b"none") or not own:
        raise Denied(
            detail=Phrase(translatable("the request comes from another page ({origin})"), origin=repr(origin[:80])),
            way_out=Phrase(
                translatable("Send it from a page of this server, or from a program without an Origin header.")
            ),
        )


def with_page_headers(inner: ASGIApp) -> ASGIApp:
    """``inner`` with the headers its pages did not set themselves; ``scope["leitstand.nonce"]`` marks our scripts."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        scope["leitstand.nonce"] = nonce

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                policy = _PAGE_POLICY.format(nonce=nonce).encode()
                wanted = {b"content-security-policy": policy, **_PAGE_HEADERS}
                given = {name.lower() for name, _ in message["headers"]}
                missing = [(name, value) for name, value in wanted.items() if name not in given]
                message = {**message, "headers": [*message["headers"], *missing]}
            await send(message)

        await inner(scope, receive, send_with_headers)

    return answer
