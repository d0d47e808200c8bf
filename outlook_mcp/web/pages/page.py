"""One address of the site: who visits it, what the form says, and a plain page when something is wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from outlook_mcp.errors import AdministratorRequired, OutlookError, SignInRequired
from outlook_mcp.web.authorization.parameters import FORM
from outlook_mcp.web.authorization.rate_limits import WINDOW_S, AddressLimit
from outlook_mcp.web.authorization.request_origin import address_of
from outlook_mcp.web.pages.browser import Browser, BrowserSessions
from outlook_mcp.web.pages.rendering import HEADERS, render
from outlook_mcp.web.site import BodyTooSlow

LARGEST_FORM = 16 * 1024
MOST_FIELDS = 20
_log = logging.getLogger(__name__)


class Refusal(Exception):
    """A page that says what is wrong and what to do; `link` is an address of ours and its name."""

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
    "It was not sent by the page as this browser has it now, so nothing was changed.",
)
TOO_MANY: Final = (HTTPStatus.TOO_MANY_REQUESTS, "Not so fast", "Too many requests come from your network.")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser; `form` is empty unless it was sent with a valid token."""

    request: Request
    browser: Browser
    _browsers: BrowserSessions = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def about(self) -> str:
        """What the form changes, as the page that held it said."""
        return self.form["about"]

    @property
    def owner(self) -> str:
        """The digest of this browser."""
        return self._browsers.digest(self.browser)

    @property
    def address(self) -> str:
        """The network address of the browser."""
        return address_of(self.request)

    def asked(self, parameter: str) -> str:
        return self.request.query_params.get(parameter, "")

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page whose forms this browser may send."""

        def token(path: str, about: str) -> str:
            return self._browsers.form_token(self.browser, path, about)

        return render(template, status=status, token=token, account=self.browser.account, **values)


Handler = Callable[[Visit], Awaitable[Response]]


class Page:
    """`get` shows, `post` changes; every form is checked here before `post` sees it.

    `counted` are the methods that write something down whoever sends them, and of which `limit` lets so many pass.
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
        response = await self._answered(Request(scope, receive))
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except Refusal as refusal:
            return refusal.page()
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST, headers=HEADERS)
        except BodyTooSlow:
            raise
        except OutlookError as error:
            return explained(error).page()
        except Exception as error:
            # The type alone: texts of unexpected errors may hold what a form or an address held.
            _log.error("A page failed: %s", type(error).__name__)
            return Refusal(
                HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", "The server could not do this."
            ).page()

    async def _answer(self, request: Request) -> Response:
        if request.method in self._counted and await self._limit.is_over(address_of(request)):
            raise Refusal(*TOO_MANY, next_step=f"Try again in {WINDOW_S:.0f} seconds.")
        if request.method == "HEAD" and self._get:
            return Response(headers=HEADERS, media_type="text/html")
        if request.method == "GET" and self._get:
            visit = Visit(request, await self._browsers.read(request), self._browsers)
            response = await self._get(visit)
            return self._browsers.write(visit.browser, response) if visit.browser.is_new else response
        if request.method == "POST" and self._post:
            form = await _form(request)
            browser = await self._browsers.read(request)
            if not self._browsers.accepts(browser, request.url.path, form.get("about", ""), form.get("csrf", "")):
                raise Refusal(*STALE_FORM, next_step="Open the page again. It needs cookies to be allowed.")
            return await self._post(Visit(request, browser, self._browsers, {"about": "", **form}))
        refused = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here", "Use the pages of this site.")
        response = refused.page()
        response.headers["Allow"] = ", ".join(
            (*(("GET", "HEAD") if self._get else ()), *(("POST",) if self._post else ()))
        )
        return response


def explained(error: OutlookError, *, title: str = "That did not work", link: tuple[str, str] | None = None) -> Refusal:
    """The page for an error: what happened and the next step."""
    # The default next step names a command of one's own machine.
    next_step = "Start the sign-in again." if isinstance(error, SignInRequired) else error.next_step
    if error.retryable:
        status = HTTPStatus.SERVICE_UNAVAILABLE
    elif isinstance(error, AdministratorRequired):
        status = HTTPStatus.FORBIDDEN
    else:
        status = HTTPStatus.BAD_REQUEST
    return Refusal(status, title, error.message, next_step=next_step, link=link)


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This is not a form", "Use the pages of this site.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This form is too large", "Nothing was changed.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.") from None
    if len(dict(pairs)) != len(pairs):
        raise Refusal(HTTPStatus.BAD_REQUEST, "This form cannot be read", "Nothing was changed.")
    return dict(pairs)
