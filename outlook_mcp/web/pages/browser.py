"""Which browser it is, and who is signed in at it: two cookies of 256 random bits, known here by digest alone."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.requests import Request
from starlette.responses import Response

from outlook_mcp.errors import SignInRefused
from outlook_mcp.identity.admission import Admit
from outlook_mcp.identity.user import UserKey
from outlook_mcp.vault.digests import Digests
from outlook_mcp.vault.tickets import Tickets
from outlook_mcp.web.browser_ends import SIGNED_IN_S, EndedBrowserSessions

_PURPOSE = "browser"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


class Account(BaseModel):
    """Who is signed in at a browser since then (Unix time, seconds); `address` and `display_name` are for showing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: UserKey
    address: str
    display_name: str
    since: float = Field(default_factory=time.time)

    @property
    def name(self) -> str:
        return self.address or self.display_name or str(self.user)


@dataclass(frozen=True, slots=True)
class Browser:
    """`cookie` tells browsers apart and gives no access; `session` is that of `account`."""

    cookie: SecretStr
    is_new: bool
    session: SecretStr | None = None
    account: Account | None = None


class BrowserSessions:
    """Signed-in browsers, on every server that shares the vault, for one hour each.

    `admit` raises SignInRefused for users who may not use this server (any more).
    """

    def __init__(self, tickets: Tickets, digests: Digests, *, admit: Admit, is_https: bool) -> None:
        self._tickets = tickets
        self._ends = EndedBrowserSessions(tickets)
        self._digests = digests
        self._admit = admit
        self._is_https = is_https
        # A cookie of this prefix cannot be set by a neighbouring host or over plain http.
        prefix = "__Host-" if is_https else ""
        self._browser_name = f"{prefix}outlook-mcp-browser"
        self._session_name = f"{prefix}outlook-mcp-session"

    async def read(self, request: Request) -> Browser:
        """The browser of this request; one that is new has yet to be told its cookie."""
        known = _value(request.cookies.get(self._browser_name))
        if known is None:
            return Browser(SecretStr(secrets.token_urlsafe(32)), is_new=True)
        session = _value(request.cookies.get(self._session_name))
        account = None if session is None else await self._account(session)
        return Browser(known, is_new=False, session=session if account else None, account=account)

    async def sign_in(self, browser: Browser, account: Account) -> Browser:
        """Under a new session, so that none known before the sign-in is worth anything after it."""
        await self.sign_out(browser)
        value = account.model_dump_json().encode()
        session = await self._tickets.issue(_PURPOSE, value, lifetime_s=SIGNED_IN_S)
        return replace(browser, session=session, account=account)

    async def sign_out(self, browser: Browser) -> Browser:
        """Ends the session for every copy of its cookie."""
        if browser.session is not None:
            await self._tickets.discard(_PURPOSE, browser.session)
        return replace(browser, session=None, account=None)

    def write(self, browser: Browser, response: Response) -> Response:
        """Tells the browser its cookies."""
        self._set(response, self._browser_name, browser.cookie, None)
        if browser.session is None:
            self._set(response, self._session_name, SecretStr(""), 0)
        else:
            self._set(response, self._session_name, browser.session, SIGNED_IN_S)
        return response

    def digest(self, browser: Browser) -> str:
        """By which a request remembers the browser that owns it."""
        return self._digests.of("browser_owner", browser.cookie)

    def owns(self, browser: Browser, digest: str) -> bool:
        return self._digests.matches("browser_owner", browser.cookie, digest)

    def form_token(self, browser: Browser, path: str, about: str) -> str:
        """Proves that a form came from our page in this browser, for this account; `about` is what it changes."""
        return self._digests.of("csrf", _form(browser, path, about))

    def accepts(self, browser: Browser, path: str, about: str, token: str) -> bool:
        return not browser.is_new and self._digests.matches("csrf", _form(browser, path, about), token)

    async def _account(self, session: SecretStr) -> Account | None:
        kept = await self._tickets.read(_PURPOSE, session)
        if kept is None:
            return None
        account = Account.model_validate_json(kept)
        try:
            self._admit(account.user, account.address)
        except SignInRefused:
            return None
        return None if await self._ends.is_after(account.user, account.since) else account

    def _set(self, response: Response, name: str, value: SecretStr, max_age: int | None) -> None:
        response.set_cookie(
            name, value.get_secret_value(), max_age, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )


def _form(browser: Browser, path: str, about: str) -> SecretStr:
    session = "" if browser.session is None else browser.session.get_secret_value()
    return SecretStr("\n".join((browser.cookie.get_secret_value(), session, path, about)))


def _value(given: str | None) -> SecretStr | None:
    return SecretStr(given) if given is not None and _VALUE.fullmatch(given) else None
