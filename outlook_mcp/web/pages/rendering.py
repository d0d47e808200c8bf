"""Pages out of templates: everything escaped, no script, nothing framed, nothing kept."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from outlook_mcp.errors import SignInRefused
from outlook_mcp.net.addresses import is_plain, is_protected
from outlook_mcp.web.pages.wording import in_plain_words, legible, place_of, shown

STYLE_PATH = "/pages.css"
ICON_PATH = "/pages.svg"
# Leaving for Microsoft or a client happens by `Refresh`, which `form-action` does not govern: it can stay this narrow.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# A configured client may have a private-use scheme; these are run or shown by the browser itself.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NEVER_OPENED = frozenset({"http", "https", "about", "blob", "data", "file", "javascript", "vbscript"})


def render(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page of this template."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def redirect(url: str, *, status: int = 302) -> RedirectResponse:
    """To an address of ours, or to one that `checked_destination` accepts."""
    target = url if url.startswith("/") and not url.startswith("//") else checked_destination(url)
    return RedirectResponse(target, status_code=status, headers=HEADERS)


def departure(url: str) -> HTMLResponse:
    """After a form: goes on to another site at once.

    A redirect would be held to `form-action`, and so would every redirect of the other site after it.
    """
    response = render("departure.html", url=checked_destination(url), place=place_of(url))
    response.headers["Refresh"] = f"0; url={url}"
    return response


def checked_destination(url: str) -> str:
    """`url`, when a browser may be sent there. Raises SignInRefused."""
    scheme = _SCHEME.match(url)
    if is_plain(url) and scheme and (is_protected(url) or scheme[1].lower() not in _NEVER_OPENED):
        return url
    raise SignInRefused("The address to go on to is not one that may be opened.", next_step="Start again in your app.")


async def style(_: Request) -> Response:
    return _kept("pages.css", "text/css")


async def icon(_: Request) -> Response:
    return _kept("pages.svg", "image/svg+xml")


def _kept(name: str, media_type: str) -> Response:
    """A file that browsers may keep, because its address changes with what is in it."""
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_file(name), media_type=media_type, headers=headers)


def _address(path: str, name: str) -> str:
    return f"{path}?v={hashlib.sha256(_file(name)).hexdigest()[:16]}"


@cache
def _file(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = _address(STYLE_PATH, "pages.css")
    environment.globals["icon"] = _address(ICON_PATH, "pages.svg")
    environment.filters["shown"] = shown
    environment.filters["legible"] = legible
    environment.filters["in_plain_words"] = in_plain_words
    return environment
