"""Which browser a request comes from, and who is signed in there: two cookies of 256 random bits.

The server stores digests of the cookies only.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.user import UserKey
from outlook_mcp.net.clock import unix_time
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.ended_browser_sessions import SIGNED_IN_S, EndedBrowserSessions

_PURPOSE = "browser"
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


class Account(BaseModel):
    """Who is signed in at a browser, since when (Unix time, seconds); `address` and `display_name` are for display."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: UserKey
    address: str
    display_name: str
    since: float = Field(default_factory=unix_time)

    @property
    def name(self) -> str:
        return self.address or self.display_name or str(self.user)


@dataclass(frozen=True, slots=True)
class Browser:
    """`cookie` tells browsers apart and gives no access; `session` is the secret of the browser session of `account`.

    `is_new` means that the browser does not have `cookie` yet.
    """

    cookie: SecretStr
    is_new: bool
    session: SecretStr | None = None
    account: Account | None = None


class BrowserSessions:
    """Sign-ins of browsers, for one hour each, on every server that shares the vault.

    `admit` raises SignInRefused for users who may not use this server (any more).
    """

    def __init__(self, tickets: Tickets, digests: Digests, *, admit: Admit, is_https: bool) -> None:
        self._tickets = tickets
        self._ended = EndedBrowserSessions(tickets)
        self._digests = digests
        self._admit = admit
        self._is_https = is_https
        # No other host and no plain-http page can set a cookie with this prefix (RFC 6265bis, 4.1.3.2).
        prefix = "__Host-" if is_https else ""
        self._browser_cookie = f"{prefix}outlook-mcp-browser"
        self._session_cookie = f"{prefix}outlook-mcp-session"

    async def browser_of(self, request: Request) -> Browser:
        """The browser that sent `request`; without a browser cookie a new one, to be set by `set_cookies`."""
        cookie = _cookie_of(request, self._browser_cookie)
        if cookie is None:
            return Browser(SecretStr(secrets.token_urlsafe(32)), is_new=True)
        session = _cookie_of(request, self._session_cookie)
        account = None if session is None else await self._account_of(session)
        return Browser(cookie, is_new=False, session=session if account else None, account=account)

    async def sign_in(self, browser: Browser, account: Account) -> Browser:
        """Starts a new session, so that a session cookie from before the sign-in gives no access (session fixation)."""
        await self.sign_out(browser)
        value = account.model_dump_json().encode()
        session = await self._tickets.issue_ticket(_PURPOSE, value, lifetime_s=SIGNED_IN_S)
        return replace(browser, session=session, account=account)

    async def sign_out(self, browser: Browser) -> Browser:
        """Ends the session on the server, so that no copy of its cookie works any longer."""
        if browser.session is not None:
            await self._tickets.discard_ticket(_PURPOSE, browser.session)
        return replace(browser, session=None, account=None)

    def set_cookies(self, browser: Browser, response: Response) -> Response:
        """`response`, which sets both cookies of `browser`; without a session it deletes the session cookie."""
        self._set_cookie(response, self._browser_cookie, browser.cookie, None)
        if browser.session is None:
            self._set_cookie(response, self._session_cookie, SecretStr(""), 0)
        else:
            self._set_cookie(response, self._session_cookie, browser.session, SIGNED_IN_S)
        return response

    def digest_of(self, browser: Browser) -> str:
        """The digest of the browser's cookie, by which a record names the browser that owns it."""
        return self._digests.digest_of("browser_owner", browser.cookie)

    def has_digest(self, browser: Browser, digest: str) -> bool:
        """True when `digest` is the one of this browser; compared in constant time."""
        return self._digests.matches("browser_owner", browser.cookie, digest)

    def form_token(self, browser: Browser, path: str, subject: str) -> str:
        """The CSRF token of a form: bound to this browser, its session, the form's path and what it changes."""
        return self._digests.digest_of("csrf", _form_identity(browser, path, subject))

    def accepts_form(self, browser: Browser, path: str, subject: str, token: str) -> bool:
        return not browser.is_new and self._digests.matches("csrf", _form_identity(browser, path, subject), token)

    async def _account_of(self, session: SecretStr) -> Account | None:
        value = await self._tickets.read_ticket(_PURPOSE, session)
        if value is None:
            return None
        account = Account.model_validate_json(value)
        try:
            self._admit(account.user, account.address)
        except SignInRefused:
            return None
        return None if await self._ended.ended_since(account.user, account.since) else account

    def _set_cookie(self, response: Response, name: str, value: SecretStr, max_age: int | None) -> None:
        response.set_cookie(
            name, value.get_secret_value(), max_age, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )


def _form_identity(browser: Browser, path: str, subject: str) -> SecretStr:
    session = "" if browser.session is None else browser.session.get_secret_value()
    return SecretStr("\n".join((browser.cookie.get_secret_value(), session, path, subject)))


def _cookie_of(request: Request, name: str) -> SecretStr | None:
    """None also where two of them came.

    Starlette takes bytes that are space in Latin-1 (85, A0) off names and keeps the last of two, but browsers protect a
    prefix only where a name begins with it: so another host below our domain could set a cookie in the place of ours.
    """
    pairs = (
        pair.strip(" \t").partition("=") for header in request.headers.getlist("cookie") for pair in header.split(";")
    )
    values = [value for found, _, value in pairs if found == name]
    return SecretStr(values[0]) if len(values) == 1 and _COOKIE_VALUE.fullmatch(values[0]) else None
