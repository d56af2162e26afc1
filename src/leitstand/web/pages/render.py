"""How does a page become HTML? Escaped throughout, in the visitor's language, with the nonce of the answer."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from leitstand.web.pages.assets import asset
from leitstand.web.pages.keys import hint_of, keys_of
from leitstand.web.speech import Speech, amount, machine_time

HEADERS = {
    "cache-control": "no-store",
    # Under no-referrer browsers send "Origin: null" with a form, and the check of origins could not tell our own pages.
    "referrer-policy": "same-origin",
}
TEMPLATES = Path(__file__).parents[1] / "templates"


@cache
def environment() -> Environment:
    """The templates. Nothing is marked safe: text of models, sources and people stays text."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(asset=asset, machine_time=machine_time, keys_of=keys_of, hint_of=hint_of, key_data=key_data)
    made.filters["amount"] = amount
    return made


def key_data(page: str) -> list[dict[str, str]]:
    """The keys of a page for our script."""
    return [{"action": key.action, "key": key.key} for key in keys_of(page)]


def show_plain(request: Request, say: Speech, template: str, status: int, **values: object) -> HTMLResponse:
    """A page that needs no store, so that it can be shown when nothing else can."""
    return respond(request, say, template, status, **{"person": None, "now": 0, "stopped": (), **values})


def respond(request: Request, say: Speech, template: str, status: int, **values: object) -> HTMLResponse:
    """A template filled for a visitor. ``say`` is what the template translates with."""
    html = (
        environment()
        .get_template(template)
        .render(
            say=say,
            _=say,
            _n=say.plural,
            language=say.language,
            nonce=request.scope.get("leitstand.nonce", ""),
            path=request.url.path,
            address=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            **values,
        )
    )
    return HTMLResponse(html, status_code=status, headers=HEADERS)
