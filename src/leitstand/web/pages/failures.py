"""What does a person see when a page cannot be shown: what failed, what was not lost, what to do next?"""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from leitstand.domain.errors import LeitstandError, translatable
from leitstand.domain.review import Person
from leitstand.web.pages.render import show_plain
from leitstand.web.pages.visitor_language import speech_of
from leitstand.web.problems import kind_of

HEADINGS = {
    403: translatable("Not allowed"),
    404: translatable("Not here"),
    405: translatable("Not possible here"),
    409: translatable("The case has moved on"),
    413: translatable("Too large"),
    422: translatable("Something does not fit"),
    400: translatable("The request cannot be read"),
}

NOTHING_LOST = translatable(
    "Nothing was lost: what was accepted before is stored, and this request has changed nothing."
)
BROKEN = translatable("This is a mistake in Leitstand. Cases that were accepted are stored and go on.")
REPORT = translatable("Try again; if it happens again, report it with the error id {error_id}.")
NO_PAGE = translatable("There is no page at {path}.")
TRY_MENU = translatable("The menu above leads to everything there is.")


def failed(request: Request, error: LeitstandError, person: Person | None = None) -> Response:
    """The answer for an error that Leitstand raised on purpose: a page, or JSON when our script asks."""
    status = kind_of(error).status
    say = speech_of(request)
    values = {**error.values, **error.phrases}
    message, repair = say(error.message, **values), say(error.repair, **values)
    if request.headers.get("accept") == "application/json":
        return JSONResponse({"code": error.code, "message": message, "repair": repair}, status_code=status)
    heading = say(HEADINGS.get(status, translatable("Something went wrong")))
    told = {"heading": heading, "message": message, "repair": repair, "kept": say(NOTHING_LOST)}
    return show_plain(request, say, "failure.html", status, person=person, may_sign_in=status == 403, **told)


def status_page(request: Request, status: int) -> Response:
    """The page for a plain HTTP error, such as an address that does not exist."""
    say = speech_of(request)
    heading = say(HEADINGS[status]) if status in HEADINGS else HTTPStatus(status).phrase
    message = say(NO_PAGE, path=request.url.path) if status == 404 else heading
    told = {"heading": heading, "message": message, "repair": say(TRY_MENU), "kept": ""}
    return show_plain(request, say, "failure.html", status, may_sign_in=False, **told)


def broken_page(request: Request, error_id: str) -> Response:
    """The page for a mistake of ours, with the id under which the log tells more."""
    say = speech_of(request)
    heading, repair = say(translatable("Something went wrong")), say(REPORT, error_id=error_id)
    told = {"heading": heading, "message": say(BROKEN), "repair": repair, "kept": ""}
    return show_plain(request, say, "failure.html", 500, may_sign_in=False, **told)
