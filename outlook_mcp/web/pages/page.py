"""One page: reads the request, checks the CSRF token of a form, and turns errors into a readable page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from outlook_mcp.answers.remedies import Audience, message_for, next_step
from outlook_mcp.errors import AdministratorRequired, OutlookError
from outlook_mcp.web.http.parameters import FORM
from outlook_mcp.web.http.rate_limits import WINDOW_S, AddressLimit
from outlook_mcp.web.http.request_origin import address_of
from outlook_mcp.web.pages.browser import Browser, BrowserSessions
from outlook_mcp.web.pages.rendering import HEADERS, render

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 20
_log = logging.getLogger(__name__)


class Refusal(Exception):
    """Ends a request with a page that says what is wrong and what to do; `link` is a URL and its text."""

    def __init__(
        self, status: HTTPStatus, title: str, text: str, *, next_step: str = "", link: tuple[str, str] | None = None
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.next_step = next_step
        self.link = link

    def page(self) -> Response:
        return render(
            "message.html",
            status=self.status,
            title=self.title,
            text=self.text,
            next_step=self.next_step,
            link=self.link,
        )


STALE_FORM: Final = (
    HTTPStatus.FORBIDDEN,
    "This form is out of date",
    "It was made for another sign-in or another browser, so nothing was changed.",
)
TOO_MANY: Final = (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", "Too many requests come from your network.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One request of a browser; `form` is empty unless the request is a POST with a valid CSRF token."""

    http: Request
    browser: Browser
    browsers: BrowserSessions = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def form_subject(self) -> str:
        """What the form changes: an id or a path that our page wrote into it; the CSRF token vouches for it."""
        return self.form["about"]

    @property
    def browser_digest(self) -> str:
        """The digest by which records name the browser that owns them."""
        return self.browsers.digest_of(self.browser)

    @property
    def address(self) -> str:
        """The network address of the browser."""
        return address_of(self.http)

    def query_value(self, name: str) -> str:
        """A parameter of the address; "" when it is missing."""
        return self.http.query_params.get(name, "")

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """The page of this template, whose forms carry CSRF tokens for this browser."""

        def token(path: str, subject: str) -> str:
            return self.browsers.form_token(self.browser, path, subject)

        return render(template, status=status, token=token, account=self.browser.account, **values)


Handler = Callable[[PageRequest], Awaitable[Response]]


class Page:
    """An ASGI endpoint: `get` renders, `post` changes; a form reaches `post` only with a valid CSRF token.

    `counted` are the methods that cost a write to the store for anybody who sends them; `limit` bounds how many of
    them one network address may send.
    """

    def __init__(
        self,
        browsers: BrowserSessions,
        limit: AddressLimit,
        *,
        get: Handler | None = None,
        post: Handler | None = None,
        counted: Collection[str] = ("POST",),
    ) -> None:
        self._browsers = browsers
        self._limit = limit
        self._get = get
        self._post = post
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response_or_error_page(Request(scope, receive))
        await response(scope, receive, send)

    async def _response_or_error_page(self, request: Request) -> Response:
        try:
            return await self._response(request)
        except Refusal as refusal:
            return refusal.page()
        except OutlookError as error:
            return refusal_for(error).page()
        except Exception as error:
            # Only the type: the text of an unexpected error may repeat what a form or an address held.
            _log.error("A page failed: %s", type(error).__name__)
            return Refusal(
                HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", "The server could not do this."
            ).page()

    async def _response(self, request: Request) -> Response:
        if request.method in self._counted and await self._limit.is_over(address_of(request)):
            raise Refusal(*TOO_MANY, next_step=f"Try again in {WINDOW_S:.0f} seconds.")
        if request.method == "HEAD" and self._get:
            return Response(headers=HEADERS, media_type="text/html")
        if request.method == "GET" and self._get:
            return await self._rendered(request, self._get)
        if request.method == "POST" and self._post:
            return await self._changed(request, self._post)
        return self._method_not_allowed()

    async def _rendered(self, request: Request, get: Handler) -> Response:
        page_request = PageRequest(
            http=request, browser=await self._browsers.browser_of(request), browsers=self._browsers
        )
        response = await get(page_request)
        browser = page_request.browser
        return self._browsers.set_cookies(browser, response) if browser.is_new else response

    async def _changed(self, request: Request, post: Handler) -> Response:
        if _is_sent_by_another_site(request):
            raise Refusal(*STALE_FORM, next_step="Open the page again, and use its own buttons.")
        form = await _form_of(request)
        browser = await self._browsers.browser_of(request)
        if not self._browsers.accepts_form(browser, request.url.path, form.get("about", ""), form.get("csrf", "")):
            raise Refusal(*STALE_FORM, next_step="Open the page again. Cookies must be allowed.")
        return await post(
            PageRequest(http=request, browser=browser, browsers=self._browsers, form={"about": "", **form})
        )

    def _method_not_allowed(self) -> Response:
        refusal = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here", "Use the pages of this site.")
        response = refusal.page()
        readable = ("GET", "HEAD") if self._get else ()
        response.headers["Allow"] = ", ".join((*readable, "POST") if self._post else readable)
        return response


def refusal_for(
    error: OutlookError, *, title: str = "That did not work", link: tuple[str, str] | None = None
) -> Refusal:
    """The page for an error: what happened and the next step."""
    if error.retryable:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    elif isinstance(error, AdministratorRequired):
        status = HTTPStatus.FORBIDDEN
    else:
        status = HTTPStatus.BAD_REQUEST
    message = message_for(error, Audience.WEB_PAGE)
    if message != error.message:
        _log.warning("A page failed: %s", error.message)
    return Refusal(status, title, message, next_step=next_step(error, Audience.WEB_PAGE), link=link)


def _is_sent_by_another_site(request: Request) -> bool:
    """What browsers say of the page that sends a form. They name no origin for ours, whose referrer policy forbids it.

    The CSRF token decides. This refuses a form of another site also if it should have learned one.
    """
    origin = request.headers.get("origin", "null")
    is_ours = origin == "null" or origin.partition("://")[2] == request.headers["host"]
    return not is_ours or request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


async def _form_of(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This is not a form", "Use the pages of this site.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This form is too large", "Nothing was changed.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.") from None
    if len(dict(pairs)) != len(pairs):
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
    return dict(pairs)
