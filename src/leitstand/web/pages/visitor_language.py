"""Which language does a visitor read: what the switch remembered, else what the browser asks for?"""

from starlette.requests import Request

from leitstand.web.speech import Speech
from leitstand.web.translate import choose_language

LANGUAGE_COOKIE = "leitstand_language"


def speech_of(request: Request) -> Speech:
    """The language of the visitor: chosen by the switch, else by the browser."""
    return Speech(choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "")))
