"""Who asks for a page, in which language, and what may the page work with?"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from leitstand.domain.errors import Denied, LeitstandError, Phrase, translatable
from leitstand.domain.event import Actor
from leitstand.domain.review import Person
from leitstand.runtime.parts import Parts
from leitstand.runtime.worker import Worker
from leitstand.web.pages import failures
from leitstand.web.pages.posted import Form, read_form
from leitstand.web.pages.visitor_language import speech_of
from leitstand.web.speech import Speech

PERSON_COOKIE = "leitstand_person"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request for a page. ``now`` is UTC microseconds; ``person`` is None until somebody has signed in."""

    request: Request
    parts: Parts
    worker: Worker
    tenant_id: str
    person: Person | None
    say: Speech
    now: int

    @property
    def address(self) -> str:
        """Path and query as the browser shows them, to come back to."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    @property
    def actor(self) -> Actor:
        """Who decides; raises ``Denied`` when nobody has signed in."""
        if self.person is None:
            raise Denied(
                detail=Phrase(translatable("nobody is signed in")),
                way_out=Phrase(translatable("Sign in; every decision carries a name.")),
            )
        return Actor(kind="person", id=self.person.id)

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, default)

    async def form(self) -> Form:
        """What the form of this request sent."""
        limit: int = self.request.app.state.leitstand.settings.max_body_bytes
        return await read_form(self.request, limit)

    @property
    def for_script(self) -> bool:
        """Whether our own script asks, and wants JSON instead of a page."""
        return self.request.headers.get("accept", "") == "application/json"


Page = Callable[[Visit], Awaitable[Response]]


def page(handler: Page) -> Callable[[Request], Awaitable[Response]]:
    """A handler of visits as a Starlette endpoint; errors that Leitstand raises on purpose become error pages."""

    @wraps(handler)
    async def endpoint(request: Request) -> Response:
        person = None
        try:
            visit = await visit_of(request)
            person = visit.person
            return await handler(visit)
        except LeitstandError as error:
            return failures.failed(request, error, person)

    return endpoint


async def visit_of(request: Request) -> Visit:
    """The visit behind a request."""
    serving = request.app.state.leitstand
    known = request.cookies.get(PERSON_COOKIE)
    people = await serving.parts.people.people(serving.tenant_id) if known else ()
    return Visit(
        request=request,
        parts=serving.parts,
        worker=serving.worker,
        tenant_id=serving.tenant_id,
        person=next((person for person in people if person.id == known), None),
        say=speech_of(request),
        now=serving.parts.clock(),
    )


def sign_in_first(visit: Visit) -> Response:
    """Send the visitor to the sign-in page and back."""
    return RedirectResponse(f"/sign-in?back={quote(visit.address)}", status_code=303)


def local(address: str) -> str:
    """``address`` when it leads to a page of ours, else the inbox: a form field must not send people elsewhere."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return address if ours and "\\" not in address and address.isprintable() else "/inbox"
