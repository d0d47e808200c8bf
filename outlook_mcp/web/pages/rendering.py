"""Renders the pages: everything escaped, no script, not to be framed, not to be cached."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from outlook_mcp.errors import Remedy, SignInRefused
from outlook_mcp.net.addresses import has_only_url_characters, is_protected
from outlook_mcp.web.pages.wording import destination_of, display_text, formatted_time, scope_descriptions

STYLE_PATH = "/pages.css"
ICON_PATH = "/pages.svg"
# Pages send the browser to other sites by `Refresh`, which `form-action` does not restrict, so it can stay 'self'.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Beside those that `http.site.SecurityHeaders` adds to every answer.
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
TO_START_PAGE = ("/", "How an app is connected")
# A configured client may have a private-use scheme, but none of these, which a browser runs or displays itself.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NEVER_OPENED = frozenset({"http", "https", "about", "blob", "data", "file", "javascript", "vbscript"})


def render(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page of this template, with the headers of pages."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def is_for_browser(request: Request) -> bool:
    """Whether a person looks at the answer: browsers ask for HTML by name, clients do not."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "").lower()


async def not_found(request: Request, _: Exception) -> Response:
    """The answer at an address where nothing is."""
    if not is_for_browser(request):
        return PlainTextResponse("Not Found", status_code=404)
    told = "This server has nothing at this address."
    return render(
        "message.html", status=404, title="There is no such page", text=told, next_step="", link=TO_START_PAGE
    )


def app_address_page(challenge: Mapping[str, str]) -> HTMLResponse:
    """What a browser shows at the address that apps connect to; `challenge` are the headers that apps get there."""
    told = "Enter it in your app as the address of the server; a browser has nothing to show here."
    page = render(
        "message.html", status=401, title="This address is for apps", text=told, next_step="", link=TO_START_PAGE
    )
    page.headers.update(challenge)
    return page


def redirect(url: str, *, status: int = 302) -> RedirectResponse:
    """A redirect to a path of this site or to an address that `checked_destination` accepts. Raises SignInRefused."""
    target = url if url.startswith("/") and not url.startswith("//") else checked_destination(url)
    return RedirectResponse(target, status_code=status, headers=HEADERS)


def forwarding_page(url: str) -> HTMLResponse:
    """A page that sends the browser on to another site at once, by a `Refresh` header. Raises SignInRefused.

    The answer to a form cannot be a redirect: browsers apply `form-action` to it, and to every redirect after it.
    """
    response = render("forwarding.html", url=checked_destination(url), destination=destination_of(url))
    response.headers["Refresh"] = f"0; url={url}"
    return response


def checked_destination(url: str) -> str:
    """`url`, if a browser may be sent there. Raises SignInRefused."""
    scheme = _SCHEME.match(url)
    if has_only_url_characters(url) and scheme and (is_protected(url) or scheme[1].lower() not in _NEVER_OPENED):
        return url
    raise SignInRefused("The address that comes next may not be opened.", remedy=Remedy.CONNECT_AGAIN)


async def style(_: Request) -> Response:
    """The style sheet of all pages."""
    return _cacheable_file("pages.css", "text/css")


async def icon(_: Request) -> Response:
    """The icon of all pages, an SVG image."""
    return _cacheable_file("pages.svg", "image/svg+xml")


def _cacheable_file(name: str, media_type: str) -> Response:
    """A file that browsers may cache for ever: its address holds a digest of its content."""
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_file_content(name), media_type=media_type, headers=headers)


def _versioned_address(path: str, name: str) -> str:
    return f"{path}?v={hashlib.sha256(_file_content(name)).hexdigest()[:16]}"


@cache
def _file_content(name: str) -> bytes:
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
    environment.globals["style"] = _versioned_address(STYLE_PATH, "pages.css")
    environment.globals["icon"] = _versioned_address(ICON_PATH, "pages.svg")
    environment.filters["destination_of"] = destination_of
    environment.filters["display_text"] = display_text
    environment.filters["formatted_time"] = formatted_time
    environment.filters["scope_descriptions"] = scope_descriptions
    return environment
